"""The table of every command: its target, its decision, the roles that may and its web path."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain import (
    access_disposal,
    access_review,
    action,
    answer,
    classification,
    directory,
    escalation,
    follow_up,
    lifecycle,
    notes,
    opening,
    referral,
    report,
    responsibility,
)
from domain.command import Command
from domain.issue import Issue
from domain.labels import label
from domain.refusals import NotAllowed
from domain.values import Actor, Role


class Target(StrEnum):
    """What a command is decided on."""

    NEW_REPORT = "new_report"
    REPORT = "report"
    NEW_ISSUE = "new_issue"
    ISSUE = "issue"
    DIRECTORY = "directory"
    ACCESS_REVIEW = "access_review"


def _none(_command: Any, _target: Any) -> Iterable[UUID]:  # noqa: ANN401  any command
    return ()


def _report_ids(command: Any, _target: Any) -> Iterable[UUID]:  # noqa: ANN401  any command
    return command.report_ids  # type: ignore[no-any-return]  # every command using it has them


def _one_report(command: opening.LinkReport, _target: Issue) -> Iterable[UUID]:
    return (command.report_id,)


def _reports_of(_command: Command, issue: Issue) -> Iterable[UUID]:
    return issue.report_ids


def _into_issue(command: lifecycle.MergeIssues, _target: Issue) -> Iterable[UUID]:
    return (command.into_issue_id,)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One command; `path` is below `/api/v1`, its parameters are fields of the command."""

    command: type[Command]
    target: Target
    decision: Callable[..., Any]
    roles: frozenset[Role]
    path: str
    reports: Callable[[Any, Any], Iterable[UUID]] = _none
    issues: Callable[[Any, Any], Iterable[UUID]] = _none

    @property
    def name(self) -> str:
        """The command's name: its operationId and its key in documents."""
        return self.command.__name__

    @property
    def id_field(self) -> str | None:
        """The field that names the target."""
        return {Target.REPORT: "report_id", Target.ISSUE: "issue_id"}.get(self.target)

    def admit(self, actor: Actor) -> None:
        """Refuse a role that may not give the command, whatever it is about.

        Raises:
            NotAllowed: naming the roles that may.
        """
        if actor.role not in self.roles:
            may = sorted(self.roles)
            words = [label(role) for role in may]
            raise NotAllowed(
                "role_not_allowed",
                "Din roll får inte göra detta. Roller som får: "
                + ", ".join(each.sv.lower() for each in words)
                + ".",
                "Your role may not do this. Roles that may: "
                + ", ".join(each.en.lower() for each in words)
                + ".",
                who_may=tuple(role.value for role in may),
            )


CASEWORK = frozenset({Role.CASEWORKER})
LEADING = CASEWORK | {Role.MANAGER}
FIELD = CASEWORK | {Role.FIELD_OFFICER}
REGISTRY = CASEWORK | {Role.REGISTRAR}
INTAKE = FIELD | {Role.REPORTER, Role.REGISTRAR, Role.COORDINATOR, Role.MANAGER}
JOINT = CASEWORK | {Role.COORDINATOR}
WRITERS = FIELD | {Role.COORDINATOR, Role.REGISTRAR, Role.MANAGER}
BY_CLOCK = frozenset({Role.SYSTEM})
CONFIGURING = frozenset({Role.ADMIN, Role.SYSTEM})

ISSUE_PATH = "/issues/{issue_id:uuid}"
REFERRAL_PATH = ISSUE_PATH + "/referrals/{referral_id:uuid}"
REPORT_PATH = "/reports/{report_id:uuid}"


def _on_issue(
    command: type[Command],
    decision: Callable[..., Any],
    roles: frozenset[Role],
    path: str,
    **related: Callable[[Any, Any], Iterable[UUID]],
) -> Row:
    return Row(
        command=command,
        target=Target.ISSUE,
        decision=decision,
        roles=roles,
        path=path,
        **related,
    )


def _on_directory(command: type[Command], decision: Callable[..., Any], path: str) -> Row:
    return Row(
        command=command,
        target=Target.DIRECTORY,
        decision=decision,
        roles=CONFIGURING,
        path=path,
    )


_ROWS = (
    Row(
        command=report.ReceiveReport,
        target=Target.NEW_REPORT,
        decision=report.receive,
        roles=INTAKE,
        path="/reports",
    ),
    Row(
        command=report.ReviseReport,
        target=Target.REPORT,
        decision=report.revise,
        roles=INTAKE - {Role.REPORTER},
        path=REPORT_PATH + "/revisions",
    ),
    Row(
        command=report.DismissReport,
        target=Target.REPORT,
        decision=report.dismiss,
        roles=JOINT | REGISTRY,
        path=REPORT_PATH + "/dismissal",
    ),
    Row(
        command=report.SendFeedback,
        target=Target.REPORT,
        decision=report.send_feedback,
        roles=JOINT | REGISTRY,
        path=REPORT_PATH + "/feedback",
    ),
    Row(
        command=opening.OpenIssue,
        target=Target.NEW_ISSUE,
        decision=opening.open_issue,
        roles=FIELD | JOINT,
        path="/issues",
        reports=_report_ids,
    ),
    _on_issue(
        opening.LinkReport,
        opening.link_report,
        JOINT | REGISTRY,
        ISSUE_PATH + "/reports",
        reports=_one_report,
    ),
    _on_issue(
        opening.ReopenIssue,
        opening.reopen,
        LEADING | JOINT,
        ISSUE_PATH + "/reopening",
        reports=_report_ids,
    ),
    _on_issue(
        classification.RegisterRecord,
        classification.register_record,
        REGISTRY,
        ISSUE_PATH + "/registration",
    ),
    _on_issue(
        classification.ChangeCategory,
        classification.change_category,
        CASEWORK,
        ISSUE_PATH + "/category",
    ),
    _on_issue(
        classification.ChangePriority,
        classification.change_priority,
        LEADING,
        ISSUE_PATH + "/priority",
    ),
    _on_issue(
        classification.CorrectPlace,
        classification.correct_place,
        CASEWORK,
        ISSUE_PATH + "/place",
    ),
    _on_issue(
        classification.ChangeTitle, classification.change_title, CASEWORK, ISSUE_PATH + "/title"
    ),
    _on_issue(
        classification.AssignCaseworker,
        classification.assign,
        LEADING,
        ISSUE_PATH + "/caseworker",
    ),
    _on_issue(
        classification.UnassignCaseworker,
        classification.unassign,
        LEADING,
        ISSUE_PATH + "/caseworker/removal",
    ),
    _on_issue(referral.SendReferral, referral.send, JOINT, ISSUE_PATH + "/referrals"),
    _on_issue(
        referral.MarkReferralDelivered,
        referral.mark_delivered,
        BY_CLOCK,
        REFERRAL_PATH + "/delivery",
    ),
    _on_issue(
        referral.OpenReferral, referral.open_referral, WRITERS, REFERRAL_PATH + "/first-reading"
    ),
    _on_issue(referral.WithdrawReferral, referral.withdraw, JOINT, REFERRAL_PATH + "/withdrawal"),
    _on_issue(answer.AcceptReferral, answer.accept, CASEWORK, REFERRAL_PATH + "/acceptance"),
    _on_issue(answer.DeclineReferral, answer.decline, CASEWORK, REFERRAL_PATH + "/decline"),
    _on_issue(
        answer.RequestReferralInfo,
        answer.request_info,
        CASEWORK,
        REFERRAL_PATH + "/information-request",
    ),
    _on_issue(
        answer.ProvideReferralInfo, answer.provide_info, JOINT, REFERRAL_PATH + "/information"
    ),
    _on_issue(answer.AnswerReferral, answer.answer, CASEWORK, REFERRAL_PATH + "/answer"),
    _on_issue(
        responsibility.ReturnReferral,
        responsibility.give_back,
        CASEWORK,
        REFERRAL_PATH + "/return",
    ),
    _on_issue(escalation.RemindReferral, escalation.remind, BY_CLOCK, REFERRAL_PATH + "/reminder"),
    _on_issue(
        escalation.EscalateReferral, escalation.escalate, BY_CLOCK, REFERRAL_PATH + "/escalation"
    ),
    _on_issue(
        responsibility.ProposeResponsibility,
        responsibility.propose,
        frozenset({Role.COORDINATOR}),
        ISSUE_PATH + "/responsibility-proposals",
    ),
    _on_issue(action.PlanAction, action.plan, FIELD | JOINT, ISSUE_PATH + "/planned-actions"),
    _on_issue(
        action.PerformAction, action.perform, FIELD | JOINT, ISSUE_PATH + "/performed-actions"
    ),
    _on_issue(
        action.CancelAction,
        action.cancel,
        CASEWORK,
        ISSUE_PATH + "/planned-actions/{action_id:uuid}/cancellation",
    ),
    _on_issue(
        follow_up.ScheduleFollowUp,
        follow_up.schedule,
        LEADING | JOINT | BY_CLOCK,
        ISSUE_PATH + "/follow-up-date",
    ),
    _on_issue(
        follow_up.RecordFollowUp,
        follow_up.record_follow_up,
        LEADING | JOINT,
        ISSUE_PATH + "/follow-ups",
    ),
    _on_issue(notes.AddNote, notes.add_note, WRITERS, ISSUE_PATH + "/notes"),
    _on_issue(notes.MarkSecrecy, notes.mark_secrecy, REGISTRY, ISSUE_PATH + "/secrecy-mark"),
    _on_issue(
        notes.RemoveSecrecyMark,
        notes.remove_secrecy_mark,
        REGISTRY,
        ISSUE_PATH + "/secrecy-mark/removal",
    ),
    _on_issue(
        notes.RecordCorrection, notes.record_correction, WRITERS, ISSUE_PATH + "/corrections"
    ),
    _on_issue(notes.NoteDispute, notes.note_dispute, REGISTRY, ISSUE_PATH + "/disputes"),
    _on_issue(lifecycle.ParkIssue, lifecycle.park, LEADING, ISSUE_PATH + "/parking"),
    _on_issue(
        lifecycle.ResumeIssue,
        lifecycle.resume,
        LEADING | BY_CLOCK,
        ISSUE_PATH + "/resumption",
    ),
    _on_issue(
        lifecycle.CloseIssue,
        lifecycle.close,
        LEADING,
        ISSUE_PATH + "/closing",
        reports=_reports_of,
    ),
    _on_issue(
        lifecycle.MergeIssues,
        lifecycle.merge,
        LEADING,
        ISSUE_PATH + "/merger",
        issues=_into_issue,
    ),
    _on_issue(lifecycle.VoidIssue, lifecycle.void, LEADING, ISSUE_PATH + "/voiding"),
    _on_directory(directory.RegisterAgency, directory.register_agency, "/directory/agencies"),
    _on_directory(
        directory.SucceedAgency, directory.succeed_agency, "/directory/agencies/succession"
    ),
    _on_directory(directory.RegisterArea, directory.register_area, "/directory/areas"),
    _on_directory(directory.RegisterPlace, directory.register_place, "/directory/places"),
    _on_directory(directory.GrantUser, directory.grant_user, "/directory/users"),
    _on_directory(directory.RevokeUser, directory.revoke_user, "/directory/users/removal"),
    Row(
        command=access_review.PerformAccessReview,
        target=Target.ACCESS_REVIEW,
        decision=access_review.perform,
        roles=frozenset({Role.MANAGER}),
        path="/access-reviews",
    ),
    Row(
        command=access_disposal.DisposeAccessRows,
        target=Target.ACCESS_REVIEW,
        decision=access_disposal.dispose,
        roles=BY_CLOCK,
        path="/access-disposals",
    ),
)

COMMANDS: dict[str, Row] = {row.name: row for row in _ROWS}
"""Every command by name."""

BY_CLASS: dict[type[Command], Row] = {row.command: row for row in _ROWS}
"""Every command by class."""
