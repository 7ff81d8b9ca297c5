"""AddNote: any authority may write in the shared layer; whoever writes takes part."""

from domain.notes import AddNote, NoteAdded
from domain.refusals import NotAllowed
from domain.values import Role
from tests.domain.given import given_an_issue, of


def test_accepted_from_any_authority() -> None:
    scene = given_an_issue()
    scene.when(scene.on_issue(AddNote, text_sv="Butikerna bekräftar."), "education")
    scene.then(NoteAdded, note_id=scene.created, text_sv="Butikerna bekräftar.")
    assert scene.events[0].registering_agency == "district"
    assert scene.events[0].actor == of("education")
    assert "education" in scene.issue.involved


def test_accepted_from_the_field() -> None:
    scene = given_an_issue()
    scene.when(scene.on_issue(AddNote, text_sv="Lugnt."), of("police", Role.FIELD_OFFICER))
    scene.then(NoteAdded)


def test_refused_from_a_partner() -> None:
    scene = given_an_issue()
    scene.when(scene.on_issue(AddNote, text_sv="Lugnt."), "partner_nordstan")
    scene.then_refused(NotAllowed, "not_an_authority")


def test_refused_with_personal_data() -> None:
    scene = given_an_issue()
    scene.when(scene.on_issue(AddNote, text_sv="Bilen ABC123 och anna@example.se"))
    scene.then_bad(("text_sv", "looks_like_plate"), ("text_sv", "looks_like_email"))
