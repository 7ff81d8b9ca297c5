"""Turns facts into a figure: counts, medians, shares, cells; small sensitive numbers withheld."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from domain.categories import CATEGORIES
from domain.codes import ActionType, CategoryGroup, DeclineReason, Effect
from domain.labels import Label, label
from domain.values import Role
from projections.durations import HALF, NINE_TENTHS, quantile, seconds
from projections.figure_facts import Fact, Part
from projections.figure_texts import AGE_BANDS, FIGURE_TEXTS, WITHIN_FOUR_WEEKS, FigureId
from projections.viewer import Viewer

LEAST_SHOWN = 5
"""Fewer of a sensitive category are not told outside the agency whose issues they are."""

WITHHELD = "withheld"
"""The key of a cell whose place would give away too much."""

SHARES = frozenset(
    {
        FigureId.K3,
        FigureId.K5,
        FigureId.K6,
        FigureId.K9,
        FigureId.K10,
        FigureId.K11,
        FigureId.K12,
        FigureId.K14,
    }
)
"""Figures that are a part of a whole: of these not everything that is listed counts."""
_OF_THE_WHOLE = frozenset({"reason", "effect", "reply", "handovers"})
"""Kinds of cells that say which share of the whole figure they are."""


@dataclass(frozen=True, kw_only=True)
class Spread:
    """How durations spread; percentiles by linear interpolation."""

    count: int
    median_seconds: float
    p90_seconds: float


@dataclass(frozen=True, kw_only=True)
class Share:
    """A part of a whole; `value` from 0 to 1, None of nothing."""

    numerator: int
    denominator: int
    value: float | None


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A part of a figure; a number that is withheld is None.

    Kinds are pair, agency, reason, age, effect, reply, handovers, place and action_type.
    """

    kind: str
    key: str
    label: Label | None
    from_agency: str | None
    to_agency: str | None
    count: int | None
    spread: Spread | None
    share: Share | None
    withheld: bool


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One figure. `count` is what it counts, recurring places for K15.

    `paused_seconds` and `parked_seconds` are what was left out of the durations; `average` is
    the mean number of hand-overs (K6). A number that is withheld is None.
    """

    id: FigureId
    label: Label
    definition: Label
    count: int | None
    spread: Spread | None
    share: Share | None
    average: float | None
    paused_seconds: float
    parked_seconds: float
    withheld: bool
    cells: tuple[Cell, ...]


def figure_of(
    figure_id: FigureId, facts: Sequence[Fact], viewer: Viewer, *, per_agency: bool
) -> Figure:
    """Count the facts of a figure as this viewer may see them; per agency when all are asked."""
    text = FIGURE_TEXTS[figure_id]
    parts = _by_part(facts, per_agency=per_agency)
    cells = [
        _cell(figure_id, part, facts, parts[part], viewer) for part in sorted(parts, key=_rank)
    ]
    amounts = [fact.amount for fact in facts if fact.amount is not None]
    count = sum(fact.counted for fact in facts)
    withheld = figure_id is not FigureId.K15 and too_few(facts, viewer)
    if figure_id is FigureId.K15:
        count = sum(cell.kind == "place" for cell in cells)
    return Figure(
        id=figure_id,
        label=text.label,
        definition=text.definition,
        count=None if withheld else count,
        spread=None if withheld else _spread(facts),
        share=_share(figure_id, facts, facts, viewer) if not withheld else None,
        average=sum(amounts) / len(amounts) if amounts and not withheld else None,
        paused_seconds=0.0 if withheld else seconds(sum(fact.paused for fact in facts)),
        parked_seconds=0.0 if withheld else seconds(sum(fact.parked for fact in facts)),
        withheld=withheld,
        cells=() if withheld else tuple(cells),
    )


def too_few(facts: Sequence[Fact], viewer: Viewer) -> bool:
    """Whether these are so few issues of sensitive categories that their number is withheld.

    What the viewer's own agency is responsible for is known to it and protects nobody.
    """
    if viewer.actor.role is Role.SYSTEM or not all(_sensitive(fact.category) for fact in facts):
        return False
    of_others = sum(fact.owner != viewer.agency_id for fact in facts)
    return 0 < of_others < LEAST_SHOWN


def parts_of(fact: Fact, *, per_agency: bool) -> tuple[Part, ...]:
    """The cells a fact belongs to."""
    return (*fact.parts, Part("agency", fact.agency)) if per_agency else fact.parts


def _sensitive(category: str | None) -> bool:
    known = CATEGORIES.get(category or "")
    return known is not None and known.small_numbers


def _by_part(facts: Sequence[Fact], *, per_agency: bool) -> Mapping[Part, list[Fact]]:
    found: defaultdict[Part, list[Fact]] = defaultdict(list)
    for fact in facts:
        for part in parts_of(fact, per_agency=per_agency):
            found[part].append(fact)
    return found


def _cell(
    figure_id: FigureId, part: Part, whole: Sequence[Fact], facts: Sequence[Fact], viewer: Viewer
) -> Cell:
    withheld = too_few(facts, viewer)
    hidden = withheld and part.kind == "place"
    from_agency, to_agency = part.key.split(">") if part.kind == "pair" else (None, None)
    return Cell(
        kind=part.kind,
        key=WITHHELD if hidden else part.key,
        label=None if hidden else _label(part, facts[0]),
        from_agency=from_agency,
        to_agency=to_agency,
        count=None if withheld else len(facts),
        spread=None if withheld else _spread(facts),
        share=None if withheld else _share(figure_id, whole, facts, viewer, part.kind),
        withheld=withheld,
    )


def _spread(facts: Sequence[Fact]) -> Spread | None:
    lasted = sorted(fact.lasted for fact in facts if fact.lasted is not None)
    if not lasted:
        return None
    return Spread(
        count=len(lasted),
        median_seconds=seconds(quantile(lasted, HALF)),
        p90_seconds=seconds(quantile(lasted, NINE_TENTHS)),
    )


def _share(
    figure_id: FigureId,
    whole: Sequence[Fact],
    facts: Sequence[Fact],
    viewer: Viewer,
    kind: str | None = None,
) -> Share | None:
    if figure_id not in SHARES:
        return None
    of_the_whole = kind in _OF_THE_WHOLE
    if of_the_whole and not all(fact.counted for fact in facts):
        return None  # shown apart: no part of what is shared out
    hits = [fact for fact in facts if fact.counted and (of_the_whole or fact.hit)]
    if too_few(hits, viewer) and all(_sensitive(fact.category) for fact in facts):
        return None
    denominator = sum(fact.counted for fact in (whole if of_the_whole else facts))
    return Share(
        numerator=len(hits),
        denominator=denominator,
        value=len(hits) / denominator if denominator else None,
    )


_LABELS: Mapping[str, Callable[[str], Label]] = MappingProxyType(
    {
        "reason": lambda key: label(DeclineReason(key)),
        "effect": lambda key: label(Effect(key)),
        "action_type": lambda key: label(ActionType(key)),
        "age": AGE_BANDS.__getitem__,
        "reply": lambda _key: WITHIN_FOUR_WEEKS,
    }
)
_ORDERS: Mapping[str, list[str]] = MappingProxyType(
    {"age": list(AGE_BANDS), "effect": list(Effect), "reason": list(DeclineReason)}
)


def _label(part: Part, fact: Fact) -> Label | None:
    """Words for codes and places; agencies are named by whoever shows them."""
    if part.kind == "place":
        group = label(CategoryGroup(part.key.rpartition(">")[2]))
        return Label(f"{fact.row.place_name}: {group.sv}", f"{fact.row.place_name}: {group.en}")
    words = _LABELS.get(part.kind)
    return words(part.key) if words else None


def _rank(part: Part) -> tuple[str, int, str]:
    order = _ORDERS.get(part.kind)
    return part.kind, order.index(part.key) if order else 0, part.key
