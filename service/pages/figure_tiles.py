"""The follow-up figures as tiles: words, parts, links to what they count, and twelve months."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from urllib.parse import quote_plus

from domain.labels import Label
from projections.figure_counts import WITHHELD, Cell, Figure
from projections.figure_facts import Asked, Part
from projections.figure_months import Month
from projections.figure_texts import FigureId
from projections.follow_up_queries import ENDS, Figures
from service.i18n import how_long, month_name, number
from service.language import Language
from service.pages.charts import Column, Reading, columns
from service.pages.names import Names
from service.pages.periods import midnight

A_DAY = timedelta(days=1)
DURATIONS = frozenset({FigureId.K1, FigureId.K2, FigureId.K7})
KINDS: Mapping[str, Label] = {
    "pair": Label("Mellan aktörer", "Between agencies"),
    "agency": Label("Per aktör", "For each agency"),
    "reason": Label("Per orsak", "For each reason"),
    "age": Label("Så länge över tiden", "So long past due"),
    "effect": Label("Per effekt", "For each effect"),
    "reply": Label("Inom tiden", "In time"),
    "handovers": Label("Antal byten av ansvarig", "Hand-overs of responsibility"),
    "place": Label("Per plats", "For each place"),
    "action_type": Label("Per åtgärdstyp", "For each type of action"),
    "giver": Label("Från", "From"),
    "taker": Label("Till", "To"),
}
_MOST_MONTHS = 12
_LEAST_MONTHS = 2


@lru_cache(maxsize=4_096)
def _quoted(text: str | date) -> str:
    """As `urlencode` writes it: a page of figures leads to hundreds of lists."""
    return quote_plus(str(text))


@dataclass(frozen=True, kw_only=True)
class Period:
    """What of the figures is asked for, as links say it: from the first to the last day."""

    first: date
    last: date
    agency: str

    def asked(self, now: datetime) -> Asked:
        """The same as queries take it."""
        return Asked(
            since=midnight(self.first),
            until=midnight(self.last + A_DAY),
            now=now,
            agency=self.agency or None,
        )

    def link(self, figure: str, **more: str) -> str:
        """The list behind a figure of this period, or of another one told."""
        return self.to(f"/figures/{figure}", **more)

    def to(self, path: str, **more: str) -> str:
        """A page about this period."""
        told = {"since": self.first, "until": self.last, "agency": self.agency, **more}
        query = "&".join([f"{key}={_quoted(text)}" for key, text in told.items() if text])
        return f"{path}?{query}"


@dataclass(frozen=True, kw_only=True)
class ToldCell:
    """A part of a figure in words, and where the list behind it is."""

    words: str
    cell: Cell
    link: str


@dataclass(frozen=True, kw_only=True)
class ToldFigure:
    """A figure in words; its parts by what they are parts of; `months` are its columns.

    `link` leads to all that is counted, `hits` to the numerator of a share, `slowest` to the tenth
    that took longest.
    """

    figure: Figure
    words: str
    definition: str
    is_duration: bool
    link: str
    hits: str
    slowest: str
    cells: Sequence[tuple[str, Sequence[ToldCell]]]
    months: Sequence[Column]


def tiles(found: Figures, period: Period, language: Language, names: Names) -> list[ToldFigure]:
    """Every figure, in the order of their ids."""
    return [_tile(figure, found, period, language, names) for figure in found.figures]


def _tile(
    figure: Figure, found: Figures, period: Period, language: Language, names: Names
) -> ToldFigure:
    groups: defaultdict[str, list[ToldCell]] = defaultdict(list)
    for cell in figure.cells:
        link = period.link(figure.id, kind=cell.kind, key=cell.key)
        words = cell_words(cell, language, names)
        shown = "" if cell.withheld or cell.key == WITHHELD else link
        groups[cell.kind].append(ToldCell(words=words, cell=cell, link=shown))
    months = found.months.get(figure.id, ())
    return ToldFigure(
        figure=figure,
        words=language.of(figure.label),
        definition=language.of(figure.definition),
        is_duration=figure.id in DURATIONS,
        link=period.link(figure.id),
        hits=period.link(figure.id, hits="1"),
        slowest=period.link(figure.id, slowest="1"),
        cells=[(language.of(KINDS[kind]), cells) for kind, cells in groups.items()],
        months=_columns(figure.id, months, period, language),
    )


def _columns(
    figure_id: FigureId, months: Sequence[Month], period: Period, language: Language
) -> Sequence[Column]:
    shown = months[-_MOST_MONTHS:]
    if len(shown) < _LEAST_MONTHS:
        return ()
    return columns([_reading(figure_id, each, period, language) for each in shown])


def _reading(figure_id: FigureId, month: Month, period: Period, language: Language) -> Reading:
    amount, value = _value(figure_id, month, language)
    link = period.link(figure_id, since=month.first.isoformat(), until=month.last.isoformat())
    return Reading(
        words=month_name(month.first, language),
        value=value,
        link="" if month.withheld or not month.count else link,
        amount=amount,
    )


def _value(figure_id: FigureId, month: Month, language: Language) -> tuple[float | None, str]:
    if month.withheld:
        return None, "< 5"
    if figure_id in DURATIONS:
        if month.spread is None:
            return None, "–"
        return month.spread.median_seconds, how_long(month.spread.median_seconds, language)
    if month.share is not None and month.share.value is not None:
        return month.share.value, f"{number(month.share.value * 100, language)} %"
    return None, "–"


def cell_words(cell: Cell, language: Language, names: Names) -> str:
    """What a part of a figure is a part of."""
    if cell.label is not None:
        return language.of(cell.label)
    if cell.from_agency and cell.to_agency:
        return f"{names.short(cell.from_agency)} → {names.short(cell.to_agency)}"
    if cell.key == WITHHELD:
        return language.pick("Plats visas inte", "Place is not shown")
    return names.short(cell.key)


def part_words(part: Part | None, language: Language, names: Names) -> str:
    """What of a figure a list is about."""
    if part is None:
        return ""
    what = language.of(KINDS[part.kind])
    if part.kind in ("pair", "agency", *ENDS):
        return f"{what}: {' → '.join(map(names.short, part.key.split('>')))}"
    return what
