"""An issue of a restricted category is written in only by agencies that have a part in it."""

from domain.notes import AddNote, NoteAdded
from domain.refusals import NotAllowed
from tests.domain.given import given_an_issue


def test_accepted_from_an_agency_with_a_part_in_it() -> None:
    scene = given_an_issue(category="extremism").with_a_transfer_to("police")
    scene.when(scene.on_issue(AddNote, text_sv="Läget är lugnt."), "police").then(NoteAdded)


def test_refused_from_an_authority_that_only_knows_of_it() -> None:
    scene = given_an_issue(category="extremism")
    scene.when(scene.on_issue(AddNote, text_sv="Läget är lugnt."), "social")
    scene.then_refused(NotAllowed, "not_involved", who_may=("district",))


def test_accepted_from_any_authority_when_the_category_is_not_restricted() -> None:
    scene = given_an_issue(category="lighting")
    scene.when(scene.on_issue(AddNote, text_sv="Läget är lugnt."), "social").then(NoteAdded)
