"""The follow-up figures of a period: how issues were handled, each number with its definition."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from domain.working_days import LOCAL_ZONE
from projections.figure_counts import Cell
from projections.follow_up_queries import figures
from service.forms.choices import Choices
from service.pages.frame import AnyRequest, Frame

A_YEAR = timedelta(days=365)


def figure_pages(frame: Frame) -> Sequence[HTTPRouteHandler]:
    """The page of figures."""

    @get("/figures", sync_to_thread=True, include_in_schema=False)
    def follow_up(
        request: AnyRequest, since: str = "", until: str = "", agency: str = ""
    ) -> Response[Any]:
        visitor = frame.signed_in(request)
        language = frame.language(request, visitor)
        now = frame.samsyn.clock()
        today = now.astimezone(LOCAL_ZONE).date()
        first, last = _day(since, today - A_YEAR), _day(until, today)
        agencies = frame.visitors.agencies()
        names = agencies.name_sv if language.value == "sv" else agencies.name_en
        choices = Choices(
            agencies=agencies,
            own_agency=visitor.actor.agency_id,
            language=language.value,
            now=now,
        )
        with frame.samsyn.engine.connect() as db:
            found = figures(
                db,
                visitor.viewer,
                since=_midnight(first),
                until=_midnight(last + timedelta(days=1)),
                now=now,
                agency=agency or None,
            )

        def words(cell: Cell) -> str:
            if cell.label is not None:
                return language.of(cell.label)
            if cell.from_agency and cell.to_agency:
                return f"{names(cell.from_agency)} → {names(cell.to_agency)}"
            return names(cell.key)

        return frame.page(
            request,
            "figures.html",
            visitor=visitor,
            figures=[
                {
                    "figure": figure,
                    "words": language.of(figure.label),
                    "definition": language.of(figure.definition),
                    "cells": [(words(cell), cell) for cell in figure.cells],
                }
                for figure in found.figures
            ],
            since=first.isoformat(),
            until=last.isoformat(),
            agency=agency,
            agencies=choices.every_agency(),
        )

    return [follow_up]


def _day(text: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return otherwise


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), LOCAL_ZONE).astimezone(UTC)
