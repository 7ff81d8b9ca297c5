"""SucceedAgency: an agency ends; from then on nothing is referred to it (R9)."""

from datetime import date

from domain.directory import AgencySucceeded, SucceedAgency
from tests.clock import START
from tests.domain.directory_scene import (
    ADMIN,
    directory_in,
    given_a_directory,
    register_agency,
)

LAST_DAY = date(2026, 1, 11)


def test_accepted_with_a_successor() -> None:
    scene = given_a_directory().given(register_agency("port"), ADMIN)
    command = SucceedAgency(agency_id="harbour", valid_to=LAST_DAY, successor_id="port")
    scene.when(command, ADMIN).then(AgencySucceeded, valid_to=LAST_DAY, successor_id="port")
    content = directory_in(scene).content
    assert not content.in_force("harbour", START)
    assert content.agencies["harbour"].successor_id == "port"
    assert content.agencies["harbour"].name_en == "The harbour"


def test_accepted_without_a_successor() -> None:
    scene = given_a_directory()
    scene.when(SucceedAgency(agency_id="harbour", valid_to=LAST_DAY), ADMIN)
    scene.then(AgencySucceeded, successor_id=None)


def test_refused_unknown_agency_or_successor() -> None:
    scene = given_a_directory()
    scene.when(SucceedAgency(agency_id="nobody", valid_to=LAST_DAY), ADMIN)
    scene.then_bad(("agency_id", "unknown_agency"))
    command = SucceedAgency(agency_id="harbour", valid_to=LAST_DAY, successor_id="nobody")
    scene.when(command, ADMIN).then_bad(("successor_id", "unknown_agency"))


def test_refused_by_itself_and_before_its_first_day_at_once() -> None:
    command = SucceedAgency(
        agency_id="harbour", valid_to=date(2020, 12, 31), successor_id="harbour"
    )
    given_a_directory().when(command, ADMIN).then_bad(
        ("successor_id", "self_succession"), ("valid_to", "before_valid_from")
    )
