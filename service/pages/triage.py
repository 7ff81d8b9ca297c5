"""Open issues that a report may belong to: near in place, in time and in what it is about."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from domain.categories import CATEGORIES
from domain.command import LIVE
from domain.values import Place
from projections.inbox import ReportItem
from projections.issue_search import IssuesWanted, find_issues
from projections.issue_story_rows import IssueHead
from projections.issues_near import issues_near
from projections.nearness import metres_between, spot_of
from service.access import a_list
from service.language import Language
from service.pages.frame import Frame
from service.visitors import Visitor

CANDIDATES = 20
NEAR_METRES = 150
RECENT = timedelta(days=30)
"""DOMAIN 9 (A1): less than 150 m away, of the same group of categories, within 30 days."""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """An open issue and why it may be the one; no reasons if it is only among the latest."""

    issue: IssueHead
    reasons: tuple[str, ...]


def candidates(
    frame: Frame, visitor: Visitor, report: ReportItem, language: Language
) -> list[Candidate]:
    """Those with most reasons first, then the latest opened."""
    looked = a_list(own=True)
    spot = spot_of(report.content.place)
    with frame.reading(visitor, looked) as db:
        around = (
            issues_near(db, visitor.viewer, spot, within=NEAR_METRES, limit=CANDIDATES)
            if spot is not None
            else []
        )
        named = find_issues(
            db, visitor.viewer, IssuesWanted(text=report.place_name), limit=CANDIDATES
        )
        latest = find_issues(db, visitor.viewer, limit=CANDIDATES)
        looked.found = len(around) + len(named.items) + len(latest.items)
    now = frame.samsyn.clock()
    known: dict[UUID, Candidate] = {}
    for head in (*(each.issue for each in around), *named.items, *latest.items):
        if isinstance(head, IssueHead) and head.status in LIVE and head.issue_id not in known:
            reasons = tuple(_reasons(report, head, now, language))
            known[head.issue_id] = Candidate(issue=head, reasons=reasons)
    return sorted(known.values(), key=lambda each: -len(each.reasons))[:CANDIDATES]


def _reasons(report: ReportItem, head: IssueHead, now: datetime, language: Language) -> list[str]:
    reasons: list[str] = []
    metres = distance(report.content.place, head.place)
    if report.content.place.place_id == head.place.place_id is not None or metres == 0:
        reasons.append(language.pick("samma plats", "same place"))
    elif metres is not None and metres < NEAR_METRES:
        reasons.append(language.pick(f"{metres:.0f} m bort", f"{metres:.0f} m away"))
    ours, theirs = CATEGORIES.get(report.category or ""), CATEGORIES.get(head.category)
    if ours is not None and theirs is not None and ours.group == theirs.group:
        same = report.category == head.category
        reasons.append(
            language.pick("samma kategori", "same category")
            if same
            else language.pick("liknande kategori", "similar category")
        )
    if reasons and now - head.opened_at < RECENT:
        reasons.append(language.pick("öppnat senaste månaden", "opened in the last month"))
    return reasons


def distance(one: Place, other: Place) -> float | None:
    """Metres between two places; None without positions."""
    here, there = spot_of(one), spot_of(other)
    return None if here is None or there is None else metres_between(here, there)
