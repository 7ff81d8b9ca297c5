"""What becomes of every command in every situation, each really given; and the table of it."""

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import TypeVar

from domain.codes import IssueStatus, ReferralStatus, ReferralType
from domain.command import Command, Who
from domain.issue import ReferralCommand
from domain.refusals import Conflict, Invalid, NotAllowed, NotFound, Refused
from domain.values import SYSTEM, Actor, Role
from service.commands import COMMANDS, Target
from service.commands import Row as CommandRow
from tests.domain.command_examples import EXAMPLES, FREE_EXAMPLES, REPORT_EXAMPLES
from tests.domain.given import Scene, given_a_report, of, open_issue
from tests.domain.situations import REACHABLE, issue_in, referral_in

OK = "ok"
CODES: dict[type[Refused], str] = {
    NotAllowed: "403",
    NotFound: "404",
    Conflict: "409",
    Invalid: "422",
}

ISSUE_COMMANDS = tuple(row for row in COMMANDS.values() if row.target is Target.ISSUE)
REPORT_COMMANDS = tuple(row for row in COMMANDS.values() if row.target is Target.REPORT)
FREE_COMMANDS = tuple(
    row for row in COMMANDS.values() if row.target not in (Target.ISSUE, Target.REPORT)
)
REFERRAL_COMMANDS = tuple(row for row in ISSUE_COMMANDS if issubclass(row.command, ReferralCommand))
PLAIN_COMMANDS = tuple(row for row in ISSUE_COMMANDS if row not in REFERRAL_COMMANDS)

REPORT_STATES = ("open", "linked", "dismissed")
AGENCIES = {
    "responsible": "district",
    "involved": "social",
    "another authority": "education",
    "authority of the past": "district_2018",
    "partner that helped": "partner_nordstan",
}
"""How an agency stands to an issue, and one that stands so."""
SIDES = {"sender": "district", "receiver": "police", "a third": "social", "the system": "system"}
"""How an agency stands to a referral, and one that stands so."""


def given(scene: Scene, command: Command, actor: Actor) -> str:
    """What became of the command: accepted, or refused how."""
    scene.when(command, actor)
    if scene.refusal is None:
        assert scene.events, "accepted without an event"
        return OK
    return CODES[type(scene.refusal)]


def actor_in(role: Role, agency_id: str) -> Actor:
    """Somebody in this role at the agency; the system has no agency."""
    return SYSTEM if role is Role.SYSTEM else of(agency_id, role)


def usual_actor(row: CommandRow, agency_id: str) -> Actor:
    """Somebody at the agency whose role may give the command."""
    wanted = Role.CASEWORKER if Role.CASEWORKER in row.roles else min(row.roles)
    return actor_in(wanted, agency_id)


@cache
def by_role(row: CommandRow, status: IssueStatus, role: Role) -> str:
    """The outcome when the role's agency is the one that may."""
    example = EXAMPLES[row.command]
    agency_id = "police" if row.command.who == Who.RECEIVER else "district"
    scene = issue_in(status, example.before)
    return given(scene, example.give(scene, agency_id), actor_in(role, agency_id))


@cache
def by_agency(row: CommandRow, relation: str) -> str:
    """The outcome in an active issue (closed or parked, if it needs that) by relation."""
    example, agency_id = EXAMPLES[row.command], AGENCIES[relation]

    def before(scene: Scene) -> None:
        for helper in ("social", "partner_nordstan"):
            scene.with_a_referral(helper, ReferralType.ASSIST).accepted()
        example.before(scene)

    states = row.command.states
    status = IssueStatus.ACTIVE if IssueStatus.ACTIVE in states else min(states)
    scene = issue_in(status, before)
    return given(scene, example.give(scene, agency_id), usual_actor(row, agency_id))


@cache
def by_side(row: CommandRow, type_: ReferralType, status: ReferralStatus, side: str) -> str:
    """The outcome for a referral of this type and state, by relation to the referral."""
    scene = referral_in(type_, status)
    actor = SYSTEM if side == "the system" else of(SIDES[side], _role_on_referral(row))
    return given(scene, EXAMPLES[row.command].give(scene, SIDES[side]), actor)


def _role_on_referral(row: CommandRow) -> Role:
    """A role that may, or a caseworker where only the system may."""
    return usual_actor(row, "district").role if row.command.who != Who.SYSTEM else Role.CASEWORKER


@cache
def on_report(row: CommandRow, state: str, role: Role) -> str:
    """The outcome for a report of the role's agency."""
    scene = given_a_report()
    if state == "linked":
        scene.given(open_issue(report_ids=(scene.report_id,)))
    if state == "dismissed":
        example = REPORT_EXAMPLES[COMMANDS["DismissReport"].command]
        scene.given(example.give(scene, "district"))
    return given(
        scene, REPORT_EXAMPLES[row.command].give(scene, "district"), actor_in(role, "district")
    )


@cache
def free(row: CommandRow, role: Role) -> str:
    """The outcome of a command that starts something, or is about the directory."""
    scene = Scene()
    example = FREE_EXAMPLES[row.command]
    example.before(scene)
    return given(scene, example.give(scene, "district"), actor_in(role, "district"))


# --- the table -----------------------------------------------------------------------------------

Line = tuple[str, tuple[str, ...]]
T = TypeVar("T", bound=str)

HEAD = """\
Who may do what when: the outcome of every command in every situation, each really given.

ok   accepted, something is recorded
403  refused: this role or agency may not
404  refused: there is no such referral or action (in a new issue nothing has begun)
409  refused: not in this state, or it is settled already

Written by `python -m tests.domain.matrix`; a change of rules shows up here as a difference.
"""


def table() -> str:
    """The whole matrix as text."""
    return "\n".join([HEAD, *_lines()]) + "\n"


def _lines() -> Iterator[str]:
    yield from _heading("Commands on an issue: role and status", "by the agency that may")
    for row in ISSUE_COMMANDS:
        rows = [(r.value, tuple(by_role(row, s, r) for s in IssueStatus)) for r in Role]
        yield from _grid(row.name, [s.value for s in IssueStatus], rows)
    yield from _heading("Commands on an issue: agency", "an active one, or one it can be given on")
    yield from _plain(AGENCIES, PLAIN_COMMANDS, by_agency)
    yield ""
    yield from _heading("Commands on a referral: agency and state", "for each type")
    for row in REFERRAL_COMMANDS:
        for type_, statuses in REACHABLE.items():
            rows = [
                (side, tuple(by_side(row, type_, status, side) for status in statuses))
                for side in SIDES
            ]
            title = f"{row.name}, {type_.value}"
            yield from _grid(title, [status.value for status in statuses], rows)
    yield from _heading("Commands on a report: role and state", "at the receiving agency")
    for row in REPORT_COMMANDS:
        rows = [(r.value, tuple(on_report(row, s, r) for s in REPORT_STATES)) for r in Role]
        yield from _grid(row.name, REPORT_STATES, rows)
    yield from _heading("Commands that start something, and on the directory", "by role")
    yield from _plain(Role, FREE_COMMANDS, free)


def _heading(title: str, about: str) -> Iterator[str]:
    yield from ("", f"=== {title} ({about}) ===", "")


def _grid(title: str, columns: Iterable[str], rows: Iterable[Line]) -> Iterator[str]:
    """Rows with the same outcomes as one; first those that may, last those that may not."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for name, outcomes in rows:
        alike.setdefault(outcomes, []).append(name)
    columns = list(columns)
    widths = [max(len(column), 3) + 2 for column in columns]
    yield _row(title, columns, widths)
    for outcomes in sorted(alike, key=lambda each: (OK not in each, set(each) == {"403"})):
        refused = set(outcomes) == {"403"} and len(alike) > 1
        names = "all others" if refused else ", ".join(alike[outcomes])
        yield _row(f"  {names}", outcomes, widths)
    yield ""


def _plain(
    columns: Iterable[T],
    commands: Iterable[CommandRow],
    outcome: Callable[[CommandRow, T], str],
) -> Iterator[str]:
    """One row for each command."""
    columns = list(columns)
    widths = [len(column) + 2 for column in columns]
    yield _row("", columns, widths)
    for row in commands:
        yield _row(row.name, (outcome(row, each) for each in columns), widths)


def _row(name: str, cells: Iterable[str], widths: Iterable[int]) -> str:
    told = "".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
    if len(name) > NAME_WIDTH:
        return f"{name}\n{'':{NAME_WIDTH}}  {told}".rstrip()
    return f"{name:{NAME_WIDTH}}  {told}".rstrip()


NAME_WIDTH = 46
FROZEN = Path(__file__).parent / "commands_matrix.txt"

if __name__ == "__main__":
    FROZEN.write_text(table(), encoding="utf-8")
