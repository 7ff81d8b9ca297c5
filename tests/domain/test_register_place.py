"""RegisterPlace: a named place on Earth can be chosen in forms."""

from domain.directory import PlaceRegistered, RegisterPlace
from tests.domain.directory_scene import ADMIN, directory_in, given_a_directory


def test_accepted_again_replaces_it() -> None:
    scene = given_a_directory()
    for name in ("Kajen", "Stora kajen"):
        command = RegisterPlace(place_id="kajen", name=name, lat=57.7, lon=11.9, area_id="hamnen")
        scene.when(command, ADMIN).then(PlaceRegistered, name=name, area_id="hamnen")
    assert directory_in(scene).content.places["kajen"].name == "Stora kajen"


def test_refused_off_the_earth() -> None:
    command = RegisterPlace(place_id="kajen", name="Kajen", lat=-90.1, lon=11.9)
    given_a_directory().when(command, ADMIN).then_bad(("lat", "not_on_earth"))
