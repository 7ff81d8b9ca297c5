"""Decides what one case of an event log amounts to: an issue, its handovers and its actions."""

from collections.abc import Mapping, Sequence
from typing import Final, cast
from uuid import UUID

from domain.action import PerformAction
from domain.answer import AcceptReferral
from domain.codes import ActionType, ReferralType
from domain.command import Command
from domain.issue import Issue
from domain.opening import OpenIssue
from domain.referral import SendReferral
from domain.refusals import Refused
from domain.values import Actor, ExternalRef, Place, PlacePrecision, Role
from infra.log.casework import Casework
from service.batch import Batch, Decided, scoped_key
from service.execution import Execution
from service.imports.log_rows import KeyedRow, LoggedIssue

USER_ID: Final = "import"
# An area, since issues that nobody knows the place of do not happen again and again in one place.
NOWHERE: Final = Place(name="Okänd plats", precision=PlacePrecision.AREA)
_CATEGORY: Final = "other"
_MOST_TITLE: Final = 120
_MOST_USER: Final = 200
_QUESTION: Final = "Överlämnat enligt den inlästa loggen."
_WANTED: Final = "Fortsatt handläggning."


class RowRefused(Exception):
    """A rule refuses a row, or the opening of the whole issue where `row` is None."""

    def __init__(self, row: KeyedRow | None, reason: Refused) -> None:
        super().__init__(str(reason))
        self.row = row
        self.reason = reason


def opening_key(issue: LoggedIssue) -> str:
    """The key of the issue's opening, as the log of commands keeps it."""
    return scoped_key(_actor(None, ""), issue.key)


def action_key(row: KeyedRow) -> str:
    """The key of a row's action, as the log of commands keeps it."""
    return scoped_key(_actor(row, ""), row.key)


class Deciding:
    """Turns rows into commands, all of one issue in one batch.

    `agencies` has the agency of each group; `unknown` is that of issues whose rows name no group.
    """

    def __init__(
        self,
        execution: Execution,
        casework: Casework,
        log_name: str,
        agencies: Mapping[str, str],
        unknown: str,
    ) -> None:
        self._execution = execution
        self._casework = casework
        self._log_name = log_name
        self._agencies = agencies
        self._unknown = unknown

    def decide(
        self, logged: LoggedIssue, new: Sequence[KeyedRow], issue_id: UUID | None
    ) -> tuple[Batch, int]:
        """A batch with the new rows of an issue, which is opened if there is none.

        Returns:
            The batch, and how many texts in it look like personal data.

        Raises:
            RowRefused: try again without the row.
        """
        batch = self._execution.batch()
        confirmed = 0
        if issue_id is None:
            issue = self._open(batch, logged, new)
        else:
            issue = cast("Issue", self._casework.repository.get(issue_id))
        for row in new:
            try:
                self._hand_over(batch, issue, row)
                decided = self._perform(batch, issue, row)
            except Refused as refused:
                raise RowRefused(row, refused) from refused
            issue = _issue(decided)
            confirmed += bool(decided.confirmed)
        return batch, confirmed

    def _open(self, batch: Batch, logged: LoggedIssue, new: Sequence[KeyedRow]) -> Issue:
        groups = (row.activity.group for row in new)
        group = next((group for group in groups if group is not None), None)
        agency_id = self._unknown if group is None else self._agencies[group]
        command = OpenIssue(
            occurred_at=new[0].activity.time,
            public_title=logged.case_id[:_MOST_TITLE],
            category=_CATEGORY,
            place=NOWHERE,
            external_ref=ExternalRef(system=f"event-log:{self._log_name}", id=logged.case_id),
            not_personal=True,
        )
        try:
            return _issue(batch.execute(command, _actor(None, agency_id), logged.key))
        except Refused as refused:
            raise RowRefused(None, refused) from refused

    def _hand_over(self, batch: Batch, issue: Issue, row: KeyedRow) -> None:
        """A change of group is a transfer, sent and accepted at that time."""
        group, time = row.activity.group, row.activity.time
        if group is None or _is_late(issue, row):
            return
        holder, receiver = issue.responsible_agency, self._agencies[group]
        if holder == receiver:
            return
        sent = batch.execute(
            SendReferral(
                issue_id=issue.id,
                occurred_at=time,
                type=ReferralType.TRANSFER,
                to_agency=receiver,
                question_sv=_QUESTION,
                wanted_sv=_WANTED,
            ),
            _actor(None, holder),
        )
        if sent.created_id is None:
            raise TypeError("a sent referral has an id")
        batch.execute(
            AcceptReferral(issue_id=issue.id, referral_id=sent.created_id, occurred_at=time),
            _actor(row, receiver),
        )

    def _perform(self, batch: Batch, issue: Issue, row: KeyedRow) -> Decided:
        activity = row.activity
        agency_id = (
            issue.responsible_agency if activity.group is None else self._agencies[activity.group]
        )
        command: Command = PerformAction(
            issue_id=issue.id,
            occurred_at=activity.time,
            performed_from=activity.time,
            action_type=ActionType.OTHER,
            result_sv=activity.activity,
            performer_unknown=activity.group is None,
            not_personal=True,
        )
        return batch.execute(command, _actor(row, agency_id), row.key)


def _is_late(issue: Issue, row: KeyedRow) -> bool:
    """Whether something later is recorded already: who was responsible is settled then."""
    latest = issue.unassessed_since
    return latest is not None and row.activity.time < latest


def _actor(row: KeyedRow | None, agency_id: str) -> Actor:
    resource = row.activity.resource if row is not None else None
    user_id = resource[:_MOST_USER] if resource else USER_ID
    return Actor(user_id=user_id, agency_id=agency_id, role=Role.CASEWORKER)


def _issue(decided: Decided) -> Issue:
    if not isinstance(decided.target, Issue):
        raise TypeError("the command is on an issue")
    return decided.target
