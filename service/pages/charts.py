"""Pictures of numbers as shapes: columns by month, flows between agencies, strips over time.

Only places and sizes are reckoned here, in the units of the picture; templates draw them as SVG
and say the words. No shape carries a style: the page's policy allows none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

WIDTH: Final = 1_000
"""The width of a picture that is stretched to its place."""
_LEAST: Final = 1.5
"""So high is the least column of something: it must be seen and be hit by a pointer."""


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: `words` say its month, `x` how many stand to its left."""

    words: str
    value: str
    link: str
    x: int
    y: float
    height: float


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A value to draw; None where there is nothing or it is withheld."""

    words: str
    value: str
    link: str
    amount: float | None


def columns(readings: Sequence[Reading], height: float = 100.0) -> tuple[Column, ...]:
    """The values side by side, the greatest as high as the picture."""
    greatest = max((each.amount or 0.0 for each in readings), default=0.0)
    drawn: list[Column] = []
    for number, each in enumerate(readings):
        tall = height * (each.amount or 0.0) / greatest if greatest else 0.0
        tall = max(tall, _LEAST) if each.amount is not None else 0.0
        drawn.append(
            Column(
                words=each.words,
                value=each.value,
                link=each.link,
                x=number,
                y=round(height - tall, 1),
                height=round(tall, 1),
            )
        )
    return tuple(drawn)


FLOW_WIDTH: Final = 900
_SIDE: Final = 228
_BAR: Final = 10
_UNIT: Final = 300.0
"""All that flows is so many units high, without the gaps between agencies."""
_APART: Final = 16.0
_THIN: Final = 1.5


@dataclass(frozen=True, kw_only=True)
class Ribbon:
    """What went from one agency to another; `path` is its middle, `width` how much it was."""

    key: tuple[str, str]
    path: str
    width: float
    came_back: float


@dataclass(frozen=True, kw_only=True)
class End:
    """One agency on one side: a bar as high as all it gave or got, with its name beside it."""

    agency: str
    amount: int
    x: float
    y: float
    height: float
    text_x: float
    text_y: float
    is_giver: bool


@dataclass(frozen=True, kw_only=True)
class Flow:
    """Givers to the left, takers to the right, and what went between them."""

    height: float
    ends: tuple[End, ...]
    ribbons: tuple[Ribbon, ...]


def flow(counts: Mapping[tuple[str, str], int], back: Mapping[tuple[str, str], float]) -> Flow:
    """The picture of who sent so many to whom, and which share of it came back."""
    total = sum(counts.values())
    givers = _ranked(counts, 0)
    takers = _ranked(counts, 1)
    unit = _UNIT / total if total else 0.0
    left, left_end = _stack(givers, unit)
    right, right_end = _stack(takers, unit)
    ribbons: list[Ribbon] = []
    used_left = dict.fromkeys(givers, 0.0)
    used_right = dict.fromkeys(takers, 0.0)
    for giver in givers:
        for taker in takers:
            count = counts.get((giver, taker), 0)
            if not count:
                continue
            wide = count * unit
            begins = left[giver] + used_left[giver] + wide / 2
            ends = right[taker] + used_right[taker] + wide / 2
            used_left[giver] += wide
            used_right[taker] += wide
            ribbons.append(
                Ribbon(
                    key=(giver, taker),
                    path=_curve(begins, ends),
                    width=round(max(wide, _THIN), 1),
                    came_back=back.get((giver, taker), 0.0),
                )
            )
    return Flow(
        height=round(max(left_end, right_end) + _APART, 1),
        ends=(*_ends(givers, left, unit, is_giver=True), *_ends(takers, right, unit)),
        ribbons=tuple(ribbons),
    )


def _ranked(counts: Mapping[tuple[str, str], int], side: int) -> dict[str, int]:
    """The agencies of a side with how much each has, the most first."""
    found: dict[str, int] = {}
    for pair, count in counts.items():
        found[pair[side]] = found.get(pair[side], 0) + count
    return dict(sorted(found.items(), key=lambda each: (-each[1], each[0])))


def _stack(amounts: Mapping[str, int], unit: float) -> tuple[dict[str, float], float]:
    """Where each begins, one under the other, and where the last one ends."""
    at = _APART
    begins: dict[str, float] = {}
    for agency, amount in amounts.items():
        begins[agency] = at
        at += max(amount * unit, _APART) + _APART
    return begins, at - _APART


def _curve(begins: float, ends: float) -> str:
    left, right = _SIDE + _BAR, FLOW_WIDTH - _SIDE - _BAR
    middle = (left + right) / 2
    return f"M{left} {begins:.1f}C{middle} {begins:.1f} {middle} {ends:.1f} {right} {ends:.1f}"


def _ends(
    amounts: Mapping[str, int], begins: Mapping[str, float], unit: float, *, is_giver: bool = False
) -> list[End]:
    x = _SIDE if is_giver else FLOW_WIDTH - _SIDE - _BAR
    return [
        End(
            agency=agency,
            amount=amount,
            x=x,
            y=round(begins[agency], 1),
            height=round(max(amount * unit, _THIN), 1),
            text_x=x - 8 if is_giver else x + _BAR + 8,
            text_y=round(begins[agency] + max(amount * unit, _APART) / 2, 1),
            is_giver=is_giver,
        )
        for agency, amount in amounts.items()
    ]


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """A time on a strip, in the units of its width."""

    x: float
    width: float


def stretch(since: datetime, until: datetime, first: datetime, last: datetime) -> Stretch:
    """Where a time lies on a strip that goes from first to last; never too thin to be seen."""
    whole = max((last - first).total_seconds(), 1.0)
    begins = WIDTH * (since - first).total_seconds() / whole
    wide = WIDTH * (until - since).total_seconds() / whole
    begins = min(max(begins, 0.0), WIDTH - _LEAST)
    return Stretch(x=round(begins, 1), width=round(max(min(wide, WIDTH - begins), _LEAST), 1))
