"""Loggkontroll: a manager looks through who read what in the own agency, and signs (L20)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery

from domain.access_review import PerformAccessReview
from domain.codes import AccessFinding, AccessPattern
from domain.labels import label
from domain.refusals import NotAllowed
from domain.values import Role
from projections.audit_trail_queries import TrailLine
from service.access import a_list
from service.access_review import Month, Opened, months_of, open_month, signed_months
from service.access_words import ACCESS_WORDS, told_words
from service.commands import COMMANDS
from service.forms.choices import Option
from service.i18n import month_name
from service.language import Language
from service.pages.frame import AnyRequest, Frame, Typed, first_of, see_other
from service.pages.names import Names
from service.pages.periods import read_day
from service.pages.typed import read_typed
from service.visitors import Visitor

PATH = "/access-review"
READS = ("visibility", "audit_trail")
ROW = COMMANDS[PerformAccessReview.__name__]


@dataclass(frozen=True, kw_only=True)
class ToldMonth:
    """A month in the list: who signed it, if somebody did."""

    value: str
    words: str
    signed: TrailLine | None
    who: str


def access_review_pages(frame: Frame) -> Sequence[HTTPRouteHandler]:
    """The page and its form."""

    @get(PATH, sync_to_thread=True, include_in_schema=False)
    def access_review(request: AnyRequest, month: FromQuery[str] = "") -> Response[Any]:
        visitor = reviewer(frame, request)
        return _shown(frame, request, visitor, _month(frame, visitor, month))

    @post(PATH, include_in_schema=False)
    async def sign(request: AnyRequest) -> Response[Any]:
        typed = await read_typed(request)
        return await frame.in_thread(_sign, frame, request, typed)

    return [access_review, sign]


def may_review(visitor: Visitor) -> bool:
    """Whether the visitor reads the access log of the own agency (DOMAIN 9.2)."""
    return visitor.actor.role in ROW.roles and visitor.viewer.authority


def reviewer(frame: Frame, request: AnyRequest) -> Visitor:
    """Who asks, if a manager of an authority.

    Raises:
        SignInNeeded: nobody has signed in.
        NotAllowed: the access log is for the agency's own manager alone.
    """
    visitor = frame.signed_in(request)
    if not may_review(visitor):
        raise NotAllowed(
            "managers_review_access",
            "Åtkomstloggen läses bara av chefen för den egna verksamheten.",
            "The access log is read by the manager of the own agency only.",
            who_may=(Role.MANAGER.value,),
        )
    return visitor


def _month(frame: Frame, visitor: Visitor, wanted: str) -> Month:
    """The month that a link names; the last one that is over, if it names none of the year."""
    months = months_of(visitor.actor.agency_id, frame.samsyn.clock())
    first = read_day(f"{wanted}-01")
    return next((each for each in months if each.first == first), months[0])


def _shown(
    frame: Frame, request: AnyRequest, visitor: Visitor, month: Month, *, status: int = 200
) -> Response[Any]:
    language = frame.language(request, visitor)
    behind = frame.behind(request, visitor, READS)
    looked = a_list()
    with frame.reading(visitor, looked, behind.positions) as db:
        opened = open_month(db, visitor.viewer, month)
        looked.found = len(opened.sample)
        signed = signed_months(db, visitor.viewer, month.agency_id)
    users = {row.user_id for row in opened.sample} | {line.user_id for line in signed.values()}
    names = Names(frame, language, users)
    return frame.page(
        request,
        "access_review.html",
        status=status,
        visitor=visitor,
        behind=behind.said,
        month=_told(month, signed, language, names),
        months=[
            _told(each, signed, language, names)
            for each in months_of(month.agency_id, frame.samsyn.clock())
        ],
        looked=opened.looked,
        striking=_striking(opened, language, names),
        sample=_sample(frame, opened, language, names),
        findings=[Option(each.value, language.of(label(each))) for each in AccessFinding],
        found=_found(signed.get(month.first), language),
        signed_now="signed" in request.query_params,
    )


def _sign(frame: Frame, request: AnyRequest, typed: Typed) -> Response[Any]:
    visitor = reviewer(frame, request)
    month = _month(frame, visitor, first_of(typed, "month"))
    behind = frame.behind(request, visitor, READS)
    with frame.counting(behind.positions) as db:
        opened = open_month(db, visitor.viewer, month)
    ticked = set(typed.get("finding", ()))
    command = opened.signed(each for each in AccessFinding if each.value in ticked)
    # The same form sent twice is one signature; whatever else comes later is refused.
    key = ":".join(["access-review", str(month.review_id), *command.findings])
    receipt = frame.samsyn.execution.execute(command, visitor.actor, key=key)
    frame.read_models.wait(READS, receipt.position)
    return see_other(f"{PATH}?month={month.first:%Y-%m}&signed=yes&at={receipt.position}")


def _told(
    month: Month, signed: Mapping[date, TrailLine], language: Language, names: Names
) -> ToldMonth:
    line = signed.get(month.first)
    return ToldMonth(
        value=f"{month.first:%Y-%m}",
        words=month_name(month.first, language),
        signed=line,
        who=names.user(line.user_id) if line else "",
    )


def _found(line: TrailLine | None, language: Language) -> list[str]:
    """What was remarked when it was signed."""
    findings = line.data["findings"] if line else ()
    return [language.of(label(AccessFinding(each))) for each in findings]


def _striking(
    opened: Opened, language: Language, names: Names
) -> list[tuple[str, int, list[dict[str, Any]]]]:
    """Each pattern in words, how often it was found, and the most striking ones."""
    looked = opened.looked
    return [
        (
            language.of(label(AccessPattern(pattern))),
            looked.counts[pattern],
            [
                {
                    "who": names.user(each.user_id) if each.user_id else "",
                    "issue_id": each.issue_id,
                    "number": opened.numbers.get(each.issue_id) if each.issue_id else None,
                    "count": each.count,
                    "since": each.since,
                }
                for each in found
            ],
        )
        for pattern, found in looked.striking.items()
    ]


def _sample(frame: Frame, opened: Opened, language: Language, names: Names) -> list[dict[str, Any]]:
    return [
        {
            "at": row.at,
            "who": names.user(row.user_id),
            "what": language.of(ACCESS_WORDS[row.kind]),
            "sought": told_words(frame.samsyn.access.sought(row), language) if row.words else "",
            "why": language.of(ACCESS_WORDS[row.reason]),
            "issue_id": row.issue_id,
            "number": opened.numbers.get(row.issue_id) if row.issue_id else None,
        }
        for row in opened.sample
    ]
