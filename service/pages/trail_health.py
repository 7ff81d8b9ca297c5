"""The page on how the audit log is: sealed, witnessed, whole; hashes only for who asks for them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from domain.values import Role
from service.audit_health import AuditHealth, audit_health
from service.event_words import EVENT_WORDS
from service.health import ACCESS_LATE_SECONDS
from service.i18n import how_long, number
from service.language import Language
from service.pages.frame import AnyRequest, Frame, see_other
from service.pages.names import Names
from service.witnessed import LATE, RED, UNUSABLE, Witnessed, look

PATH = "/trail/health"
STANDS_STILL_SECONDS = 60.0
"""After it the seal has stopped, and does not only wait for its second."""


def trail_health_pages(frame: Frame) -> Sequence[HTTPRouteHandler]:
    """The one page, for all who see the trail."""

    @get(PATH, sync_to_thread=True, include_in_schema=False)
    def health(request: AnyRequest) -> Response[Any]:
        visitor = frame.signed_in(request)
        if visitor.actor.role is Role.REPORTER:
            return see_other("/reports")
        language = frame.language(request, visitor)
        with frame.counting() as db:
            found = audit_health(db, frame.settings, frame.samsyn.clock())
        names = Names(frame, language)
        return frame.page(
            request,
            "trail_health.html",
            visitor=visitor,
            health=found,
            verdict=_verdict(found, language),
            is_well=_is_well(found),
            witnesses=[(names.short(each.name), each) for each in found.witnesses],
            begun=[(datetime.fromisoformat(each.decided_at), each) for each in found.begun_anew],
            lost=[
                (facts, language.of(words) if (words := EVENT_WORDS.get(facts.type or "")) else "")
                for facts in found.listed
            ],
        )

    return [health]


def alarm_of(frame: Frame, db: Any, language: Language) -> str:  # noqa: ANN401  a connection, which pages do not name
    """What the trail says in red when witnesses have been missing for a day; else nothing."""
    found = look(db, frame.settings, frame.samsyn.clock())
    return _missing(found, language) if found is not None and found.state == RED else ""


def _missing(found: Witnessed, language: Language) -> str:
    long = how_long(found.waiting_seconds, language)
    return language.pick(
        f"Vittnen saknas: det äldsta obevittnade har väntat i {long}. Arbetet går vidare. Säg till "
        "den verksamhet som inte har skrivit under.",
        f"Witnesses are missing: the oldest that is not witnessed has waited for {long}. Work goes "
        "on. Tell the agency that has not signed.",
    )


def _is_well(found: AuditHealth) -> bool:
    return not (
        found.lacking
        or found.waiting_seconds > STANDS_STILL_SECONDS
        or found.access.seconds > ACCESS_LATE_SECONDS
        or (found.witnessed is not None and found.witnessed.state in (LATE, RED, UNUSABLE))
    )


def _verdict(found: AuditHealth, language: Language) -> str:
    """The one sentence that a manager needs."""
    pick = language.pick
    if (bad := _of_ourselves(found, language)) is not None:
        return bad
    if found.witnessed is not None and found.witnessed.state in (LATE, RED):
        return _missing(found.witnessed, language)
    if found.access.seconds > ACCESS_LATE_SECONDS:
        return _access_late(found, language)
    if found.witnessed is None:
        return pick(
            "Allt är förseglat. Inga vittnen är överenskomna, så ingen annan än driften vaktar "
            "loggen.",
            "Everything is sealed. No witnesses are agreed on, so nobody but operations watches "
            "the log.",
        )
    match found.witnessed.state:
        case state if state == UNUSABLE:
            return pick(
                "Överenskommelsen om vittnen går inte att läsa. Säg till driften.",
                "The agreement on witnesses cannot be read. Tell operations.",
            )
        case _:
            return pick(
                "Allt är som det ska: händelserna är förseglade och verksamheterna bevittnar dem.",
                "All is well: events are sealed and the agencies witness them.",
            )


def _access_late(found: AuditHealth, language: Language) -> str:
    long = how_long(found.access.seconds, language)
    return language.pick(
        f"Åtkomstloggarnas försegling står still sedan {long}. Den som läser antecknas som "
        "vanligt. Säg till driften.",
        f"The sealing of the access logs has stood still for {long}. Who reads is noted as "
        "usual. Tell operations.",
    )


def _of_ourselves(found: AuditHealth, language: Language) -> str | None:
    """What is wrong here, whatever the witnesses do."""
    pick = language.pick
    if found.lacking:
        return pick(
            "Databasen saknar sådant som redan är bevittnat. Samsyn är skrivskyddat tills driften "
            "har läkt loggen.",
            "The database lacks what has already been witnessed. Samsyn is read-only until "
            "operations has healed the log.",
        )
    if found.waiting_seconds > STANDS_STILL_SECONDS:
        long = how_long(found.waiting_seconds, language)
        count = number(found.waiting, language)
        return pick(
            f"Förseglingen står still: {count} händelser har väntat i {long}. Arbetet går vidare "
            "och allt är sparat. Säg till driften.",
            f"Sealing stands still: {count} events have waited for {long}. Work goes on and "
            "everything is saved. Tell operations.",
        )
    return None
