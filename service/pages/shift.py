"""Bulk entry for a shift: several actions on one page, each logged or refused by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any, Final

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler

from domain.action import PerformAction
from domain.refusals import Conflict, FieldError, Invalid, Refused
from service.batch import new_key
from service.commands import COMMANDS
from service.forms.layout import begun
from service.pages.action_form import LAYOUT, NAME, form_of, read_action, summary_of
from service.pages.command_form import KEY, SHOWN_AFTER
from service.pages.frame import AnyRequest, Frame, Typed, first_of
from service.pages.nearby import usual_issues
from service.pages.typed import read_typed
from service.visitors import Visitor

ROWS: Final = 4
MOST_ROWS: Final = 12
FIELDS: Final = ("action_type", "performed_from", "issue", "place", "place_name", "result_sv")
"""What a row has; anything more is said on the page for one action."""
MORE: Final = "more"
"""The button that asks for further rows; those that are there stay as they are, unsaved."""


@dataclass(frozen=True, kw_only=True)
class ShiftRow:
    """One action as typed; `wrong` is what is wrong with it, empty while nothing is."""

    number: int
    typed: Typed
    wrong: Sequence[str] = ()

    @property
    def first_of(self) -> partial[str]:
        """What was typed in a field of this row."""
        return partial(first_of, self.typed)


def shift_pages(frame: Frame) -> Sequence[HTTPRouteHandler]:
    """The page and what it sends."""

    @get("/log-action/shift", sync_to_thread=True, include_in_schema=False)
    def shift(request: AnyRequest) -> Response[Any]:
        visitor = frame.reader(request)
        frame.admit(visitor, COMMANDS[NAME])
        return _show(frame, request, [_untouched(number) for number in range(ROWS)], 0)

    @post("/log-action/shift", include_in_schema=False)
    async def logged(request: AnyRequest) -> Response[Any]:
        typed = await read_typed(request)
        return await frame.in_thread(_carry_out, frame, request, typed)

    return [shift, logged]


def _untouched(number: int) -> ShiftRow:
    begin = begun(PerformAction, LAYOUT.shown)
    return ShiftRow(number=number, typed={**begin, KEY: [new_key()]})


def _rows(typed: Typed) -> list[ShiftRow]:
    """The rows that were sent, by the number in front of each field's name."""
    rows: list[ShiftRow] = []
    for number in range(MOST_ROWS):
        row = {
            name: typed[f"{number}-{name}"]
            for name in (*FIELDS, KEY)
            if f"{number}-{name}" in typed
        }
        if row:
            rows.append(ShiftRow(number=number, typed=row))
    return rows


def _with_more(rows: Sequence[ShiftRow]) -> list[ShiftRow]:
    """As many empty rows again below those that were typed."""
    taken = {row.number for row in rows}
    free = (number for number in range(MOST_ROWS) if number not in taken)
    added = [_untouched(number) for number in islice(free, max(len(rows), ROWS))]
    return sorted([*rows, *added], key=lambda row: row.number)


def _is_empty(row: ShiftRow) -> bool:
    return not any(first_of(row.typed, name) for name in FIELDS)


def _carry_out(frame: Frame, request: AnyRequest, typed: Typed) -> Response[Any]:
    visitor = frame.reader(request)
    frame.admit(visitor, COMMANDS[NAME])
    if MORE in typed:
        return _show(frame, request, _with_more(_rows(typed)), 0)
    left: list[ShiftRow] = []
    done = position = 0
    for row in _rows(typed):
        if _is_empty(row):
            continue
        try:
            command = read_action(frame, visitor, row.typed)
            receipt = frame.samsyn.execution.execute(
                command, visitor.actor, key=f"form:{first_of(row.typed, KEY)}"
            )
        except Refused as refused:
            left.append(_wrong(frame, request, visitor, row, refused))
        else:
            done, position = done + 1, max(position, receipt.position)
    if done and not left:
        return frame.after_command("/log-action/today", position, SHOWN_AFTER, done=NAME)
    if not left:
        left = [_untouched(number) for number in range(ROWS)]
    return _show(frame, request, left, done, status=422 if any(r.wrong for r in left) else 200)


def _wrong(
    frame: Frame, request: AnyRequest, visitor: Visitor, row: ShiftRow, refused: Refused
) -> ShiftRow:
    """The row comes back with all that was typed and what is wrong."""
    language = frame.language(request, visitor)
    errors: Sequence[FieldError] = refused.errors if isinstance(refused, Invalid) else ()
    told = [words for _, words in summary_of(errors, language)]
    kept = row.typed
    if isinstance(refused, Conflict) and refused.code == "key_used":
        kept = {**kept, KEY: [new_key()]}
    said = told or [frame.refusal(request, visitor, refused)]
    return ShiftRow(number=row.number, typed=kept, wrong=said)


def _show(
    frame: Frame, request: AnyRequest, rows: Sequence[ShiftRow], done: int, *, status: int = 200
) -> Response[Any]:
    visitor = frame.reader(request)
    language = frame.language(request, visitor)
    form = form_of(frame, language, visitor.actor.agency_id, {})
    place = next(each for each in form.at_once if each.name == "place")
    return frame.page(
        request,
        "shift.html",
        status=status,
        visitor=visitor,
        rows=rows,
        done=done,
        types=[*form.types, *form.other_types],
        places=place.options,
        issues=usual_issues(frame, visitor),
        more=len(rows) < MOST_ROWS,
    )
