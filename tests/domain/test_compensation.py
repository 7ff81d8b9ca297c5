"""What takes back an event: the reverse command, filled in from the issue as it was before."""

from copy import deepcopy

from domain.classification import AssignCaseworker, ChangeTitle, UnassignCaseworker
from domain.command import Command
from domain.compensation import COMPENSATED, REASON_SV, compensation_of
from domain.follow_up import ScheduleFollowUp
from domain.lifecycle import ParkIssue, ResumeIssue, VoidIssue
from domain.notes import AddNote
from service.commands import BY_CLASS
from tests.domain.given import Scene, given_an_issue
from tests.examples import local


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


def test_a_rest_that_was_broken_off_goes_on_and_one_that_was_over_does_not() -> None:
    scene = given_an_issue()
    until = local("2026-02-01 09:00")
    park = scene.on_issue(ParkIssue, until=until, reason_sv="Väntar på bygget.")
    scene.given(park)
    goes_on = ParkIssue(issue_id=scene.issue_id, until=until, reason_sv=REASON_SV)
    assert taken_back(scene, scene.on_issue(ResumeIssue)) == goes_on
    scene.given(park)
    scene.at(local("2026-02-01 09:00"))
    assert taken_back(scene, scene.on_issue(ResumeIssue)) is None


def test_a_follow_up_goes_back_to_its_day_and_agency_if_it_had_one_ahead() -> None:
    scene = given_an_issue()
    first = scene.on_issue(
        ScheduleFollowUp, due_at=local("2026-01-20 09:00"), responsible_agency="social"
    )
    later = scene.on_issue(ScheduleFollowUp, due_at=local("2026-02-01 09:00"))
    assert taken_back(scene, first) is None, "before that there was no day to go back to"
    assert taken_back(scene, later) == first
    scene.given(first)
    scene.at(local("2026-01-20 09:01"))
    assert taken_back(scene, later) is None, "that day has passed"


def test_what_is_said_or_ended_is_not_taken_back() -> None:
    scene = given_an_issue()
    assert taken_back(scene, scene.on_issue(AddNote, text_sv="Sett och noterat.")) is None
    assert taken_back(scene, scene.on_issue(VoidIssue, reason_sv="Fel ärende.")) is None
