"""The shared audit trail: who did what, when, for which agency, over all issues."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from domain.events import EVENTS
from domain.working_days import LOCAL_ZONE
from projections.audit_trail_queries import TrailLine, trail
from projections.narration import narrate
from service.forms.choices import Choices
from service.pages.frame import AnyRequest, Frame


def trail_pages(frame: Frame) -> Sequence[HTTPRouteHandler]:
    """The audit trail."""

    @get("/trail", sync_to_thread=True, include_in_schema=False)
    def audit_trail(
        request: AnyRequest,
        agency: str = "",
        actor: str = "",
        topic: str = "",
        since: str = "",
        until: str = "",
        after: str | None = None,
    ) -> Response[Any]:
        visitor = frame.signed_in(request)
        language = frame.language(request, visitor)
        agencies = frame.visitors.agencies()
        names = agencies.name_sv if language.value == "sv" else agencies.name_en
        with frame.samsyn.engine.connect() as db:
            page = trail(
                db,
                visitor.viewer,
                agency=agency or None,
                actor=actor or None,
                topics=(topic,) if topic in EVENTS else (),
                since=_midnight(since),
                until=_midnight(until, days=1),
                after=after,
            )
        choices = Choices(
            agencies=agencies,
            own_agency=visitor.actor.agency_id,
            language=language.value,
            now=frame.samsyn.clock(),
        )

        def told(line: TrailLine) -> str:
            return language.of(narrate(line.occurrence, lambda id_, _language: names(id_)))

        return frame.page(
            request,
            "trail.html",
            visitor=visitor,
            lines=[(line, told(line)) for line in page.items],
            next=page.next,
            chosen={
                "agency": agency,
                "actor": actor,
                "topic": topic,
                "since": since,
                "until": until,
            },
            agencies=choices.every_agency(),
            topics=sorted(EVENTS),
        )

    return [audit_trail]


def _midnight(day: str, days: int = 0) -> datetime | None:
    """The beginning of a day in Göteborg, so many days later; nothing if it is no day."""
    try:
        wanted = date.fromisoformat(day)
    except ValueError:
        return None
    return datetime.combine(wanted + timedelta(days=days), time(), LOCAL_ZONE).astimezone(UTC)
