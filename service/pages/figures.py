"""The follow-up figures of a period, what each of them counts, and how responsibility moved."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery

from domain.labels import Label
from domain.working_days import LOCAL_ZONE
from projections.figure_counts import WITHHELD, Cell, Figure
from projections.figure_facts import Asked, Part
from projections.figure_texts import FIGURE_TEXTS, FigureId
from projections.follow_up_queries import figures, issues_behind
from projections.responsibility_queries import Responsibility, responsibility
from service.forms.choices import Choices
from service.language import Language
from service.pages.frame import AnyRequest, Frame
from service.pages.names import Names
from service.pages.paging import read_page
from service.pages.periods import midnight, read_day

READS = ("visibility", "follow_up", "handovers")
A_YEAR = timedelta(days=365)
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
}


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
        """The list behind a figure of this period."""
        told = {"since": self.first, "until": self.last, "agency": self.agency, **more}
        return f"/figures/{figure}?{urlencode({key: text for key, text in told.items() if text})}"


@dataclass(frozen=True, kw_only=True)
class ToldCell:
    """A part of a figure in words, and where the list behind it is."""

    words: str
    cell: Cell
    link: str


@dataclass(frozen=True, kw_only=True)
class ToldFigure:
    """A figure in words; its parts by what they are parts of."""

    figure: Figure
    words: str
    definition: str
    is_duration: bool
    link: str
    cells: Sequence[tuple[str, Sequence[ToldCell]]]


def figure_pages(frame: Frame) -> Sequence[HTTPRouteHandler]:
    """The page of figures, and the list behind each of them."""

    @get("/figures", sync_to_thread=True, include_in_schema=False)
    def follow_up(
        request: AnyRequest,
        since: FromQuery[str] = "",
        until: FromQuery[str] = "",
        agency: FromQuery[str] = "",
    ) -> Response[Any]:
        visitor = frame.reader(request)
        language = frame.language(request, visitor)
        behind = frame.behind(request, visitor, READS)
        now = frame.samsyn.clock()
        period = _period(now, since, until, agency)
        asked = period.asked(now)
        names = Names(frame, language)
        with frame.samsyn.reading.connection(behind.positions) as db:
            found = figures(
                db,
                visitor.viewer,
                since=asked.since,
                until=asked.until,
                now=now,
                agency=asked.agency,
            )
            moved = responsibility(
                db, visitor.viewer, since=asked.since, until=asked.until, now=now
            )
        return frame.page(
            request,
            "figures.html",
            visitor=visitor,
            behind=behind.said,
            figures=[_told(figure, period, language, names) for figure in found.figures],
            moved=moved,
            matrix=_matrix(moved),
            period=period,
            agencies=_choices(frame, visitor.actor.agency_id, language).every_agency(),
        )

    @get("/figures/{name:str}", sync_to_thread=True, include_in_schema=False)
    def behind_figure(
        request: AnyRequest,
        name: FromPath[str],
        since: FromQuery[str] = "",
        until: FromQuery[str] = "",
        agency: FromQuery[str] = "",
        kind: FromQuery[str] = "",
        key: FromQuery[str] = "",
        after: FromQuery[str | None] = None,
    ) -> Response[Any]:
        visitor = frame.reader(request)
        language = frame.language(request, visitor)
        if name not in set(FigureId):
            raise NotFoundException
        figure = FigureId(name)
        behind = frame.behind(request, visitor, READS)
        now = frame.samsyn.clock()
        period = _period(now, since, until, agency)
        part = Part(kind, key) if kind in KINDS and key else None
        with frame.samsyn.reading.connection(behind.positions) as db:
            page = read_page(
                lambda cursor: issues_behind(
                    db, visitor.viewer, figure, period.asked(now), part=part, after=cursor
                ),
                after,
            )
        text = FIGURE_TEXTS[figure]
        return frame.page(
            request,
            "behind_figure.html",
            visitor=visitor,
            behind=behind.said,
            heading=language.of(text.label),
            definition=language.of(text.definition),
            period=period,
            part=_part_words(part, language, Names(frame, language)),
            items=page.items,
            next=page.next,
            further=period.link(name, kind=kind, key=key),
        )

    return [follow_up, behind_figure]


def _period(now: datetime, since: str, until: str, agency: str) -> Period:
    """The last year, unless a link says otherwise."""
    today = now.astimezone(LOCAL_ZONE).date()
    last = read_day(until) or today
    return Period(first=read_day(since) or last - A_YEAR, last=last, agency=agency)


def _told(figure: Figure, period: Period, language: Language, names: Names) -> ToldFigure:
    groups: defaultdict[str, list[ToldCell]] = defaultdict(list)
    for cell in figure.cells:
        link = period.link(figure.id, kind=cell.kind, key=cell.key)
        words = _cell_words(cell, language, names)
        shown = "" if cell.withheld or cell.key == WITHHELD else link
        groups[cell.kind].append(ToldCell(words=words, cell=cell, link=shown))
    return ToldFigure(
        figure=figure,
        words=language.of(figure.label),
        definition=language.of(figure.definition),
        is_duration=figure.id in DURATIONS,
        link=period.link(figure.id),
        cells=[(language.of(KINDS[kind]), cells) for kind, cells in groups.items()],
    )


def _cell_words(cell: Cell, language: Language, names: Names) -> str:
    if cell.label is not None:
        return language.of(cell.label)
    if cell.from_agency and cell.to_agency:
        return f"{names.short(cell.from_agency)} → {names.short(cell.to_agency)}"
    if cell.key == WITHHELD:
        return language.pick("Plats visas inte", "Place is not shown")
    return names.short(cell.key)


def _part_words(part: Part | None, language: Language, names: Names) -> str:
    if part is None:
        return ""
    what = language.of(KINDS[part.kind])
    if part.kind in ("pair", "agency"):
        return f"{what}: {' → '.join(map(names.short, part.key.split('>')))}"
    return what


def _matrix(moved: Responsibility) -> tuple[list[str], dict[tuple[str, str], int]]:
    """Who gave to whom: the agencies concerned, and how often each pair."""
    cells = {(each.from_agency, each.to_agency): each.count for each in moved.matrix}
    return sorted({agency for pair in cells for agency in pair}), cells


def _choices(frame: Frame, agency_id: str, language: Language) -> Choices:
    return Choices(
        agencies=frame.visitors.agencies(),
        own_agency=agency_id,
        language=language,
        now=frame.samsyn.clock(),
    )
