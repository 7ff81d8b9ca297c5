"""RecordCorrection: the agency that recorded something says what is right; the old entry stays."""

from uuid import UUID

from domain.action import PerformAction
from domain.codes import ActionType
from domain.notes import CorrectionRecorded, RecordCorrection
from domain.refusals import NotAllowed, NotFound
from tests.domain.given import NO_ID, Scene, given_an_issue


def correct(scene: Scene, event_id: UUID, by: str) -> Scene:
    command = scene.on_issue(
        RecordCorrection,
        refers_to_event=event_id,
        correct_value="Sex poliser, inte fyra.",
        reason_sv="Fel antal.",
    )
    return scene.when(command, by)


def acted() -> Scene:
    scene = given_an_issue()
    return scene.given(scene.on_issue(PerformAction, action_type=ActionType.DIALOGUE), "police")


def test_accepted_by_the_agency_that_recorded_it() -> None:
    scene = acted()
    event_id = scene.events[0].event_id
    correct(scene, event_id, "police").then(
        CorrectionRecorded,
        refers_to_event=event_id,
        correct_value="Sex poliser, inte fyra.",
        reason_sv="Fel antal.",
    )


def test_accepted_for_a_correction_too() -> None:
    scene = acted()
    correct(scene, scene.events[0].event_id, "police")
    correct(scene, scene.events[0].event_id, "police").then(CorrectionRecorded)


def test_refused_by_another_agency() -> None:
    scene = acted()
    correct(scene, scene.events[0].event_id, "district").then_refused(
        NotAllowed, "other_agency", who_may=("police",)
    )


def test_refused_for_an_event_that_is_not_in_the_issue() -> None:
    correct(acted(), NO_ID, "police").then_refused(NotFound, "no_such_event")
