"""CorrectPlace: the place was wrong or too vague; the old one stays in the story."""

from domain.classification import CorrectPlace, PlaceCorrected
from domain.refusals import Conflict
from domain.values import Place
from tests.domain.given import BRUNNSPARKEN, given_an_issue


def test_accepted_tells_both_places() -> None:
    scene = given_an_issue()
    heden = Place(name="Heden", place_id="heden", lat=57.7022, lon=11.9795)
    scene.when(scene.on_issue(CorrectPlace, place=heden, reason_sv="Fel torg."))
    scene.then(PlaceCorrected, from_place=BRUNNSPARKEN, to_place=heden, reason_sv="Fel torg.")
    assert scene.issue.place == heden


def test_ignored_when_it_is_so_already() -> None:
    scene = given_an_issue()
    scene.when(scene.on_issue(CorrectPlace, place=BRUNNSPARKEN))
    scene.then_refused(Conflict, "nothing_changes", happened="PlaceCorrected")


def test_refused_place_that_is_none() -> None:
    scene = given_an_issue()
    scene.when(scene.on_issue(CorrectPlace, place=Place(name="", lat=1.0)))
    scene.then_bad(("place", "no_name"), ("place", "half_a_position"))
