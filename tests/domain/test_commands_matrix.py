"""Every cell of state, command and role: what the table of commands says is what happens."""

import itertools
from operator import attrgetter

import pytest

from domain.codes import IssueStatus, ReferralStatus, ReferralType
from domain.command import Who
from domain.issue import ReferralCommand
from domain.values import Role
from service.commands import COMMANDS, Row
from tests.domain import matrix
from tests.domain.command_examples import EXAMPLES, FREE_EXAMPLES, REPORT_EXAMPLES
from tests.domain.matrix import OK
from tests.domain.situations import REACHABLE

NAME = attrgetter("name")
NOT_IN_A_NEW_ISSUE = {
    "UnassignCaseworker": "409",  # assigning one makes the issue active
    "CancelAction": "404",  # planning one makes the issue active
}
"""What would have to exist first makes an issue active; so does sending a referral."""


def by_role_expected(row: Row, status: IssueStatus, role: Role) -> str:
    if role not in row.roles:
        return "403"
    if status not in row.command.states:
        return "409"
    if status is IssueStatus.NEW and issubclass(row.command, ReferralCommand):
        return "404"
    if status is IssueStatus.NEW and row.name in NOT_IN_A_NEW_ISSUE:
        return NOT_IN_A_NEW_ISSUE[row.name]
    if (row.name, role) == ("ScheduleFollowUp", Role.SYSTEM) and status is not IssueStatus.ACTIVE:
        return "409"  # the clock runs from an action, which makes the issue active
    return OK


def by_side_expected(row: Row, type_: ReferralType, status: ReferralStatus, side: str) -> str:
    wanted = {Who.SENDER: "sender", Who.RECEIVER: "receiver", Who.SYSTEM: "the system"}
    if side != wanted[row.command.who]:
        return "403"
    if status not in row.command.referral_states or (type_, status) in _refused_by_type(row.name):
        return "409"
    return OK


def _refused_by_type(name: str) -> set[tuple[ReferralType, ReferralStatus]]:
    """What the type of a referral forbids although its state would allow it (ADR 0005)."""
    inform, consult = ReferralType.INFORM, ReferralType.CONSULT
    transfer, assist = ReferralType.TRANSFER, ReferralType.ASSIST
    sent, accepted = ReferralStatus.SENT, ReferralStatus.ACCEPTED
    return {
        "AcceptReferral": {(inform, sent), (consult, sent)},
        "DeclineReferral": {(inform, sent)},
        "RequestReferralInfo": {(inform, sent)},
        "AnswerReferral": {
            (inform, sent),
            (assist, sent),
            *itertools.product([transfer], [sent, accepted]),
        },
        "RemindReferral": {(inform, sent)},
        "EscalateReferral": {(inform, sent)},
        "OpenReferral": {(inform, ReferralStatus.COMPLETED)},
    }.get(name, set())


def test_every_command_has_its_example() -> None:
    examples = EXAMPLES.keys() | REPORT_EXAMPLES.keys() | FREE_EXAMPLES.keys()
    assert {command.__name__ for command in examples} == COMMANDS.keys()


@pytest.mark.parametrize("status", IssueStatus)
@pytest.mark.parametrize("row", matrix.ISSUE_COMMANDS, ids=NAME)
def test_command_on_an_issue_by_role(row: Row, status: IssueStatus) -> None:
    told = {role: matrix.by_role(row, status, role) for role in Role}
    assert told == {role: by_role_expected(row, status, role) for role in Role}


@pytest.mark.parametrize("row", matrix.PLAIN_COMMANDS, ids=NAME)
def test_command_on_an_issue_by_agency(row: Row) -> None:
    may = {
        Who.RESPONSIBLE: {"responsible"},
        Who.INVOLVED: {"responsible", "involved"},
        Who.AUTHORITY: {"responsible", "involved", "another authority"},
    }[row.command.who]
    if row.name == "CancelAction":
        may = {"responsible"}  # the action is the responsible agency's own
    if row.name == "RecordCorrection":
        may = {"responsible", "involved"}  # another authority has recorded nothing to correct
    told = {relation: matrix.by_agency(row, relation) for relation in matrix.AGENCIES}
    assert told == {relation: OK if relation in may else "403" for relation in matrix.AGENCIES}


@pytest.mark.parametrize(
    ("type_", "status"), [(type_, status) for type_ in REACHABLE for status in REACHABLE[type_]]
)
@pytest.mark.parametrize("row", matrix.REFERRAL_COMMANDS, ids=NAME)
def test_command_on_a_referral_by_side(
    row: Row, type_: ReferralType, status: ReferralStatus
) -> None:
    told = {side: matrix.by_side(row, type_, status, side) for side in matrix.SIDES}
    assert told == {side: by_side_expected(row, type_, status, side) for side in matrix.SIDES}


@pytest.mark.parametrize("state", matrix.REPORT_STATES)
@pytest.mark.parametrize("row", matrix.REPORT_COMMANDS, ids=NAME)
def test_command_on_a_report_by_role(row: Row, state: str) -> None:
    settled = row.name == "DismissReport" and state != "open"
    allowed = "409" if settled else OK
    told = {role: matrix.on_report(row, state, role) for role in Role}
    assert told == {role: allowed if role in row.roles else "403" for role in Role}


@pytest.mark.parametrize("row", matrix.FREE_COMMANDS, ids=NAME)
def test_command_that_starts_something_by_role(row: Row) -> None:
    told = {role: matrix.free(row, role) for role in Role}
    assert told == {role: OK if role in row.roles else "403" for role in Role}


def test_the_frozen_table_is_what_happens() -> None:
    frozen = matrix.FROZEN.read_text(encoding="utf-8")
    assert matrix.table() == frozen, "rules changed: review, then python -m tests.domain.matrix"
