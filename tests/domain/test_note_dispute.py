"""NoteDispute: somebody concerned disagrees; the disputed event stays (L28)."""

from domain.notes import DisputeNoted, NoteDispute
from domain.refusals import NotFound
from tests.domain.given import NO_ID, given_an_issue

WORDS = "Fastighetsägaren ser det annorlunda."


def test_accepted_for_any_event_of_the_issue() -> None:
    scene = given_an_issue()
    event_id = scene.events[0].event_id
    scene.when(scene.on_issue(NoteDispute, refers_to_event=event_id, text_sv=WORDS))
    scene.then(DisputeNoted, refers_to_event=event_id, text_sv=WORDS)


def test_refused_for_an_event_that_is_not_in_the_issue() -> None:
    scene = given_an_issue()
    scene.when(scene.on_issue(NoteDispute, refers_to_event=NO_ID, text_sv=WORDS))
    scene.then_refused(NotFound, "no_such_event")
