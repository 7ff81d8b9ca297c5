"""What takes back an event: the reverse command, filled in from the issue as it was before."""

from copy import deepcopy

from domain.classification import AssignCaseworker, ChangeTitle, UnassignCaseworker
from domain.command import Command
from domain.compensation import COMPENSATED, REASON_SV, compensation_of
from domain.lifecycle import VoidIssue
from domain.notes import AddNote
from service.commands import BY_CLASS
from tests.domain.given import Scene, given_an_issue


def taken_back(scene: Scene, command: Command, by: str = "u-dis-01") -> Command | None:
    before = deepcopy(scene.issue)
    scene.given(command, by)
    return compensation_of(scene.events[-1], before)


def test_commands_that_are_taken_back_are_commands_there_are() -> None:
    assert set(BY_CLASS) >= COMPENSATED


def test_an_assignment_gives_the_issue_back_to_whoever_had_it() -> None:
    scene = given_an_issue()
    issue_id = scene.issue_id
    first = taken_back(scene, AssignCaseworker(issue_id=issue_id, user_id="u-dis-02"))
    assert first == UnassignCaseworker(issue_id=issue_id)
    second = taken_back(scene, AssignCaseworker(issue_id=issue_id, user_id="u-dis-01"))
    assert second == AssignCaseworker(issue_id=issue_id, user_id="u-dis-02")
    third = taken_back(scene, UnassignCaseworker(issue_id=issue_id))
    assert third == AssignCaseworker(issue_id=issue_id, user_id="u-dis-01")


def test_both_titles_come_back_with_the_reason_of_an_undo() -> None:
    scene = given_an_issue()
    before = deepcopy(scene.issue)
    assert taken_back(scene, scene.on_issue(ChangeTitle, public_title="Annat")) == ChangeTitle(
        issue_id=before.id,
        title=before.title,
        public_title=before.public_title,
        reason_sv=REASON_SV,
    )


def test_what_is_said_or_ended_is_not_taken_back() -> None:
    scene = given_an_issue()
    assert taken_back(scene, scene.on_issue(AddNote, text_sv="Sett och noterat.")) is None
    assert taken_back(scene, scene.on_issue(VoidIssue, reason_sv="Fel ärende.")) is None
