"""The follow-up figures of a period, what each of them counts, and how responsibility moved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery

from domain.access import AccessKind
from domain.working_days import LOCAL_ZONE
from projections.figure_counts import SHARES
from projections.figure_facts import Part
from projections.figure_texts import FIGURE_TEXTS, FigureId
from projections.follow_up_queries import Behind as Counted
from projections.follow_up_queries import Figures, Only, all_behind, figures_asked, issues_behind
from projections.paging import Page
from projections.responsibility_queries import Responsibility, responsibility
from service.access import a_list
from service.forms.choices import Choices, swedish
from service.language import Language
from service.pages.figure_sheets import sheet_of_list, sheets_of_figures
from service.pages.figure_tiles import KINDS, Period, part_words, tiles
from service.pages.flow_picture import flow_picture
from service.pages.frame import AnyRequest, Frame
from service.pages.kept import Kept
from service.pages.names import Names
from service.pages.paging import read_page
from service.pages.periods import read_day
from service.pages.sheets import in_form
from service.visitors import Visitor

READS = ("visibility", "follow_up", "handovers")
_ALMOST_A_YEAR = timedelta(days=335)
"""Back from a day into the month that is eleven months earlier."""
_FIRST_FEW = 5


@dataclass(frozen=True, kw_only=True)
class Review:
    """All that the page tells, as of one moment of the read models."""

    figures: Figures
    moved: Responsibility
    overdue: Sequence[Counted]
    to_and_fro: Sequence[Counted]


def figure_pages(frame: Frame) -> Sequence[HTTPRouteHandler]:
    """The page of figures, and the list behind each of them."""
    kept: Kept[Review] = Kept()
    kept_lists: Kept[Page[Counted]] = Kept()

    reviewed = partial(_reviewed, frame, kept)

    @get("/figures", sync_to_thread=True, include_in_schema=False)
    def follow_up(
        request: AnyRequest,
        since: FromQuery[str] = "",
        until: FromQuery[str] = "",
        agency: FromQuery[str] = "",
    ) -> Response[Any]:
        visitor = frame.reader(request)
        language = frame.language(request, visitor)
        period = read_period(frame.samsyn.clock(), since, until, agency)
        review, behind = reviewed(visitor, period, request, AccessKind.SEARCH)
        names = Names(frame, language)
        return frame.page(
            request,
            "figures.html",
            visitor=visitor,
            behind=behind,
            figures=tiles(review.figures, period, language, names),
            flow=flow_picture(review.figures, period, names),
            moved=review.moved,
            matrix=_matrix(review.moved, names),
            held=sorted(review.moved.held, key=lambda each: swedish(names.agency(each.agency_id))),
            overdue=review.overdue,
            to_and_fro=review.to_and_fro,
            period=period,
            everybody=replace(period, agency=""),
            agencies=_choices(frame, visitor.actor.agency_id, language).every_agency(),
        )

    @get("/figures/file/{form:str}", sync_to_thread=True, include_in_schema=False)
    def take_along(
        request: AnyRequest,
        form: FromPath[str],
        since: FromQuery[str] = "",
        until: FromQuery[str] = "",
        agency: FromQuery[str] = "",
    ) -> Response[bytes]:
        visitor = frame.reader(request)
        language = frame.language(request, visitor)
        period = read_period(frame.samsyn.clock(), since, until, agency)
        review, _behind = reviewed(visitor, period, request, AccessKind.EXPORT)
        names = Names(frame, language)
        flow = flow_picture(review.figures, period, names)
        sheets = sheets_of_figures(review.figures, flow, language, names)
        return in_form(sheets, f"samsyn-{period.first}-{period.last}", form)

    @get("/figures/{name:str}/file/{form:str}", sync_to_thread=True, include_in_schema=False)
    def list_along(
        request: AnyRequest,
        name: FromPath[str],
        form: FromPath[str],
        since: FromQuery[str] = "",
        until: FromQuery[str] = "",
        agency: FromQuery[str] = "",
    ) -> Response[bytes]:
        visitor = frame.reader(request)
        language = frame.language(request, visitor)
        figure = read_figure(name)
        behind = frame.behind(request, visitor, READS)
        now = frame.samsyn.clock()
        period = read_period(now, since, until, agency)
        told = request.query_params
        looked = a_list(AccessKind.EXPORT)
        with frame.reading(visitor, looked, behind.positions) as db:
            items = all_behind(
                db,
                visitor.viewer,
                figure,
                period.asked(now),
                part=read_part(told.get("kind", ""), told.get("key", "")),
                only=read_only(told),
            )
            looked.found = len(items)
        heading = language.of(FIGURE_TEXTS[figure].label)
        sheet = sheet_of_list(items, heading, language, Names(frame, language))
        return in_form([sheet], f"samsyn-{figure.value}-{period.first}-{period.last}", form)

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
        figure = read_figure(name)
        only = read_only(request.query_params)
        narrowed = {} if only is Only.ALL else {only.value: "1"}
        behind = frame.behind(request, visitor, READS)
        # The minute for which the number was reckoned that leads here.
        now = frame.samsyn.clock().replace(second=0, microsecond=0)
        period = read_period(now, since, until, agency)
        part = read_part(kind, key)
        come = tuple(sorted(behind.positions.items()))
        asked = (visitor.viewer, figure, part, only, period, now, come)
        looked = a_list()
        with frame.reading(visitor, looked, behind.positions) as db:

            def listed(cursor: str | None) -> Page[Counted]:
                return issues_behind(
                    db,
                    visitor.viewer,
                    figure,
                    period.asked(now),
                    part=part,
                    only=only,
                    after=cursor,
                )

            page = read_page(
                lambda cursor: kept_lists.get((*asked, cursor), lambda: listed(cursor)), after
            )
            looked.found = len(page.items)
        text = FIGURE_TEXTS[figure]
        return frame.page(
            request,
            "behind_figure.html",
            visitor=visitor,
            behind=behind.said,
            heading=language.of(text.label),
            definition=language.of(text.definition),
            period=period,
            part=part_words(part, language, Names(frame, language)),
            hits=only is Only.HITS,
            slowest=only is Only.SLOWEST,
            items=page.items,
            timed=any(item.seconds is not None for item in page.items),
            judged=figure in SHARES and only is not Only.HITS,
            next=page.next,
            whole=period.link(name, kind=kind, key=key),
            further=period.link(name, kind=kind, key=key, **narrowed),
            along={
                form: period.to(f"/figures/{name}/file/{form}", kind=kind, key=key, **narrowed)
                for form in ("xlsx", "csv")
            },
        )

    return [follow_up, take_along, list_along, behind_figure]


def read_period(now: datetime, since: str, until: str, agency: str) -> Period:
    """Twelve months with this one, unless a link says otherwise."""
    today = now.astimezone(LOCAL_ZONE).date()
    last = read_day(until) or today
    usual = (last.replace(day=1) - _ALMOST_A_YEAR).replace(day=1)
    return Period(first=read_day(since) or usual, last=last, agency=agency)


def read_figure(name: str) -> FigureId:
    """The figure that a link names.

    Raises:
        NotFoundException: there is none.
    """
    if name not in set(FigureId):
        raise NotFoundException
    return FigureId(name)


def read_part(kind: str, key: str) -> Part | None:
    """The part of a figure that a link names, None for the whole."""
    return Part(kind, key) if kind in KINDS and key else None


def read_only(told: Mapping[str, Any]) -> Only:
    """Which part of what a figure counts a link is about."""
    return next((only for only in (Only.HITS, Only.SLOWEST) if told.get(only.value)), Only.ALL)


def _reviewed(
    frame: Frame,
    kept: Kept[Review],
    visitor: Visitor,
    period: Period,
    request: AnyRequest,
    kind: AccessKind,
) -> tuple[Review, str]:
    """What was counted less than a minute ago from the same log, or counted now."""
    behind = frame.behind(request, visitor, READS)
    now = frame.samsyn.clock().replace(second=0, microsecond=0)
    asked = (visitor.viewer, period, now, tuple(sorted(behind.positions.items())))
    looked = a_list(kind)
    # What was kept is shown to somebody anew: that is logged as well.
    with frame.reading(visitor, looked, behind.positions) as db:
        review = kept.get(asked, lambda: _review(db, visitor, period, now))
        looked.found = len(review.overdue) + len(review.to_and_fro)
    return review, behind.said


def _review(db: Any, visitor: Visitor, period: Period, now: datetime) -> Review:  # noqa: ANN401  a connection, which pages do not name
    asked, viewer = period.asked(now), visitor.viewer

    def first_few(figure: FigureId) -> Sequence[Counted]:
        page = issues_behind(db, viewer, figure, asked, only=Only.HITS, limit=_FIRST_FEW)
        return page.items

    return Review(
        figures=figures_asked(db, viewer, asked, by_month=True),
        moved=responsibility(db, viewer, since=asked.since, until=asked.until, now=now),
        overdue=first_few(FigureId.K4),
        to_and_fro=first_few(FigureId.K6),
    )


def _matrix(moved: Responsibility, names: Names) -> tuple[list[str], dict[tuple[str, str], int]]:
    """Who gave to whom: the agencies concerned, and how often each pair."""
    cells = {(each.from_agency, each.to_agency): each.count for each in moved.matrix}
    concerned = {agency for pair in cells for agency in pair}
    return sorted(concerned, key=lambda agency: swedish(names.short(agency))), cells


def _choices(frame: Frame, agency_id: str, language: Language) -> Choices:
    return Choices(
        agencies=frame.visitors.agencies_known(),
        own_agency=agency_id,
        language=language,
        now=frame.samsyn.clock(),
    )
