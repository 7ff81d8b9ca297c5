"""Exact durations: what of a wait counts, and medians and percentiles by linear interpolation."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Final, Protocol, TypeVar

HALF: Final = Fraction(1, 2)
NINE_TENTHS: Final = Fraction(9, 10)
_MICROSECOND = timedelta(microseconds=1)

Span = tuple[datetime, datetime]
"""From and until; one that ends before it begins lasts no time."""


class Lasting(Protocol):
    """Something that may have lasted some microseconds."""

    @property
    def lasted(self) -> int | None:
        """How long, None if it is not known."""
        ...


_Lasting = TypeVar("_Lasting", bound=Lasting)


def microseconds(start: datetime, end: datetime) -> int:
    """The time from `start` to `end`; 0 if `end` is not later (R14: either may be told late)."""
    return max((end - start) // _MICROSECOND, 0)


def overlap(spans: Iterable[Span], start: datetime, end: datetime) -> int:
    """How many microseconds between `start` and `end` lie in at least one of the spans."""
    total = 0
    covered_until = start
    for begins, ends in sorted(spans):
        begins, ends = max(begins, covered_until), min(ends, end)  # noqa: PLW2901  cut to what counts
        if begins < ends:
            total += microseconds(begins, ends)
            covered_until = ends
    return total


def seconds(of_microseconds: int | Fraction) -> float:
    """Seconds with six decimals, rounded once from the exact value."""
    return round(float(Fraction(of_microseconds) / 1_000_000), 6)


def quantile(in_order: Sequence[int], share: Fraction) -> Fraction:
    """The value below which a share (0 to 1) of the values lies, by linear interpolation.

    Args:
        in_order: at least one value, smallest first.
        share: 1/2 is the median, 9/10 the 90th percentile.
    """
    place = share * (len(in_order) - 1)
    low = place.numerator // place.denominator
    high = min(low + 1, len(in_order) - 1)
    return in_order[low] + (place - low) * (in_order[high] - in_order[low])


def slowest_tenth(those: Sequence[_Lasting]) -> list[_Lasting]:
    """Those at and beyond the 90th percentile of their durations: what nine in ten were within."""
    in_order = sorted(each.lasted for each in those if each.lasted is not None)
    if not in_order:
        return []
    bound = quantile(in_order, NINE_TENTHS)
    return [each for each in those if each.lasted is not None and each.lasted >= bound]
