"""Reads the follow-up figures (DOMAIN 10) that a story expects."""

import re
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any
from uuid import UUID

from domain.values import SYSTEM
from projections.figure_counts import Cell, Figure
from projections.figure_texts import FigureId
from projections.follow_up_queries import figures
from projections.viewer import Viewer
from service.assembly import Samsyn
from service.stories.story import EARLIEST, LATEST, Step, StoryError, moment, nearest, shown

CELL_KEYS = ("reason", "effect", "age", "reply", "action_type", "place")
"""Parts of a figure, besides the pairs of agencies."""
FIGURE_KEYS = (
    "is",
    "in",
    "agency",
    "category",
    "from_agency",
    "to_agency",
    "since",
    "until",
    *CELL_KEYS,
)
DURATIONS = ("median", "p90", "paused", "parked")
OF_THE_WHOLE = ("average", "paused", "parked")
"""What is not counted for a part of a figure."""

_DURATION = re.compile(r"(?:(\d+) d)? ?(?:(\d+) h)? ?(?:(\d+) min)? ?(?:(\d+) s)?")
_EVERYTHING = Viewer(actor=SYSTEM, authority=True)

Counted = Figure | Cell

VALUES: Mapping[str, Callable[[Counted], float | int | None]] = {
    "count": lambda counted: counted.count,
    "median": lambda counted: counted.spread.median_seconds if counted.spread else None,
    "p90": lambda counted: counted.spread.p90_seconds if counted.spread else None,
    "share": lambda counted: counted.share.value if counted.share else None,
    "numerator": lambda counted: counted.share.numerator if counted.share else None,
    "denominator": lambda counted: counted.share.denominator if counted.share else None,
    "average": lambda counted: getattr(counted, "average", None),
    "paused": lambda counted: getattr(counted, "paused_seconds", None),
    "parked": lambda counted: getattr(counted, "parked_seconds", None),
}
"""What can be read of a figure, as in K2.median; durations in seconds."""


def figure_problems(told: Mapping[str, Any], where: str) -> Iterator[str]:
    """What is wrong with how a story asks for a figure."""
    figure_id, _, value = str(told["figure"]).partition(".")
    if figure_id not in set(FigureId):
        yield f"{where}: there is no figure {shown(figure_id)}.{nearest(figure_id, FigureId)}"
    if value not in VALUES:
        yield f"{where}: write {figure_id}.count and the like.{nearest(value, VALUES)}"
    if "is" not in told:
        yield f"{where}: say what it is: is = 3"
    elif value in DURATIONS and _seconds(told["is"]) is None and told["is"] != "none":
        yield f'{where}: {value} is a duration such as "3 h 38 min", not {shown(told["is"])}'
    part = next((key for key in ("from_agency", *CELL_KEYS) if key in told), None)
    if part is not None and value in OF_THE_WHOLE:
        yield f"{where}: {value} is told of the whole figure only, not of one {part}"
    if ("from_agency" in told) != ("to_agency" in told):
        yield f"{where}: from_agency and to_agency go together"


def figure(
    told: Mapping[str, Any], issue_id: UUID | None, samsyn: Samsyn, step: Step
) -> tuple[object, object]:
    """What a figure is now, and what it is told to be, both in the same form.

    Raises:
        StoryError: a time cannot be read.
    """
    figure_id, _, value = str(told["figure"]).partition(".")
    with samsyn.engine.connect() as db:
        found = figures(
            db,
            _EVERYTHING,
            since=moment(told["since"], step.where) if "since" in told else EARLIEST,
            until=moment(told["until"], step.where) if "until" in told else LATEST,
            now=samsyn.clock(),
            agency=told.get("agency"),
            category=told.get("category"),
            issue_id=issue_id,
        )
    counted = _part(found[figure_id], told)
    is_now = VALUES[value](counted) if counted is not None else 0 if value == "count" else None
    return is_now, _wanted(value, told["is"], step)


def words_of(value: object, told: Mapping[str, Any]) -> str:
    """A figure as messages say it."""
    if str(told["figure"]).partition(".")[2] in DURATIONS and isinstance(value, float | int):
        minutes, seconds = divmod(int(value), 60)
        hours, minutes = divmod(minutes, 60)
        parts = ((hours, "h"), (minutes, "min"), (seconds, "s"))
        return " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 s"
    return "none" if value is None else str(value)


def _part(whole: Figure, told: Mapping[str, Any]) -> Counted | None:
    kind, key = next(((key, told[key]) for key in CELL_KEYS if key in told), (None, None))
    if "from_agency" in told:
        kind, key = "pair", f"{told['from_agency']}>{told['to_agency']}"
    if kind is None:
        return whole
    return next((cell for cell in whole.cells if (cell.kind, cell.key) == (kind, key)), None)


def _wanted(value: str, told: object, step: Step) -> float | int | None:
    if told == "none":
        return None
    if value in DURATIONS:
        return _seconds(told)
    try:
        return float(Fraction(str(told)))
    except (ValueError, ZeroDivisionError) as error:
        raise StoryError(
            f"{step.where}: {shown(told)} is no number; write 3, 0.25 or 1/4"
        ) from error


def _seconds(told: object) -> int | None:
    match = _DURATION.fullmatch(told) if isinstance(told, str) and told else None
    if match is None:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds
