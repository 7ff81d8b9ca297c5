"""The page of all commands: who may give which when, what it takes and what it records."""

import dataclasses
import inspect
from collections.abc import Iterator
from typing import get_type_hints

from docs.causes import events_of
from docs.field_words import code_lists, default_words, table, type_words
from domain.codes import IssueStatus
from domain.command import Command, Who, text_fields
from domain.issue import ReferralCommand
from domain.labels import label
from domain.values import Role
from service.commands import COMMANDS, Row, Target
from service.forms.command_words import COMMAND_WORDS

COMMON = {field.name for field in dataclasses.fields(Command)}
AGENCIES = {
    Who.RESPONSIBLE: "the responsible agency",
    Who.INVOLVED: "any authority that has or had a part in the issue",
    Who.AUTHORITY: "any authority in force",
    Who.RECEIVER: "the agency the referral was sent to",
    Who.SENDER: "the agency that sent the referral",
    Who.SYSTEM: "none: the system, when the time has come",
}
TARGETS = {
    Target.NEW_REPORT: "a new report",
    Target.REPORT: "a report",
    Target.NEW_ISSUE: "a new issue",
    Target.ISSUE: "an issue",
    Target.DIRECTORY: "the directory",
    Target.ACCESS_REVIEW: "a new access review",
}
INTRODUCTION = """\
# Commands

Every way to change something. A command is carried out if role, agency, status and input allow
it; then its events are recorded, all or none. Otherwise nothing is recorded and the answer says
why: 403 who may, 409 what happened instead, 422 every bad field at once. Pages, API, command
line, imports, stories and policies give the same commands.

Generated (`make docs`) from `service/commands.py` and `domain/`. What becomes of every command in
every cell of role, agency, status and state is frozen in `tests/domain/commands_matrix.txt`; a
test compares it with what happens.

Every command also takes `occurred_at` (when it happened, if that was not now; R14: may be past,
not ahead) and `not_personal` (the user's word that text which looks like personal data is none;
kept in the event). Text is counted in characters; all of it is in the shared layer.
"""


def commands_page() -> str:
    """The text of docs/commands.md."""
    rows = list(COMMANDS.values())
    lines = [INTRODUCTION, "## Who", "", *_by_role(rows), "", "## When", "", *_by_status(rows), ""]
    for row in rows:
        lines += [*_section(row), ""]
    lines += ["## Codes", "", *_codes(rows), ""]
    return "\n".join(lines)


def _by_role(rows: list[Row]) -> list[str]:
    head = ["command", *(role.value for role in Role)]
    return table(
        head,
        (
            [f"[{row.name}](#{row.name.lower()})", *(_mark(role in row.roles) for role in Role)]
            for row in rows
        ),
    )


def _by_status(rows: list[Row]) -> list[str]:
    on_issues = [row for row in rows if row.target is Target.ISSUE]
    head = ["command on an issue", *(status.value for status in IssueStatus), "agency"]
    return table(
        head,
        (
            [
                row.name,
                *(_mark(status in row.command.states) for status in IssueStatus),
                AGENCIES[row.command.who],
            ]
            for row in on_issues
        ),
    )


def _mark(allowed: bool) -> str:  # noqa: FBT001  one cell
    return "yes" if allowed else ""


def _section(row: Row) -> Iterator[str]:
    command = row.command
    words = COMMAND_WORDS.get(row.name)
    yield f"### {row.name}"
    yield ""
    yield f"{_sentence(command)} {_sentence(row.decision)}"
    yield ""
    if words is not None:
        yield f"- on screen: {words.sv} ({words.en})"
    yield f"- API: `POST /api/v1{row.path.replace(':uuid', '')}`, operation `{row.name}`"
    yield f"- on: {TARGETS[row.target]}"
    yield f"- roles: {', '.join(role.value for role in Role if role in row.roles)}"
    if row.target is Target.ISSUE:
        yield f"- agency: {AGENCIES[command.who]}"
        yield f"- issue: {', '.join(each.value for each in IssueStatus if each in command.states)}"
    if issubclass(command, ReferralCommand):
        yield f"- referral: {', '.join(sorted(command.referral_states))}"
    events = (f"[{each.__name__}](events.md#{each.__name__.lower()})" for each in events_of(row))
    yield f"- records: {', '.join(events)}"
    yield ""
    yield from table(["field", "what", "limits", "default"], _fields(command))


def _fields(command: type[Command]) -> Iterator[list[str]]:
    limits = text_fields(command)
    hints = get_type_hints(command)
    for field in dataclasses.fields(command):
        if field.name in COMMON:
            continue
        limit = limits.get(field.name)
        yield [
            f"`{field.name}`",
            type_words(hints[field.name]),
            f"{limit.least}-{limit.most} characters" if limit else "",
            default_words(field),
        ]


def _codes(rows: list[Row]) -> Iterator[str]:
    """The codes that fields of commands take, with their words."""
    hints = [hint for row in rows for hint in get_type_hints(row.command).values()]
    for kind in dict.fromkeys(kind for hint in hints for kind in code_lists(hint)):
        words = (f"`{code}` {label(code).sv} ({label(code).en})" for code in kind)
        yield f"- `{kind.__name__}`: {', '.join(words)}"


def _sentence(described: object) -> str:
    """The docstring on one line."""
    return " ".join((inspect.getdoc(described) or "").split())
