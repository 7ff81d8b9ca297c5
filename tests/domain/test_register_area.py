"""RegisterArea: a city area is entered, or entered again with other days."""

from datetime import date

from domain.directory import AreaRegistered, RegisterArea
from tests.domain.directory_scene import ADMIN, FIRST_DAY, directory_in, given_a_directory


def test_accepted_again_with_its_last_day() -> None:
    scene = given_a_directory()
    for valid_to in (None, date(2026, 12, 31)):
        command = RegisterArea(
            area_id="hamnen", name_sv="Hamnen", valid_from=FIRST_DAY, valid_to=valid_to
        )
        scene.when(command, ADMIN).then(AreaRegistered, area_id="hamnen", valid_to=valid_to)
    assert directory_in(scene).content.areas["hamnen"].valid_to == date(2026, 12, 31)


def test_refused_last_day_before_the_first() -> None:
    command = RegisterArea(
        area_id="hamnen", name_sv="Hamnen", valid_from=FIRST_DAY, valid_to=date(2020, 1, 1)
    )
    given_a_directory().when(command, ADMIN).then_bad(("valid_to", "before_valid_from"))
