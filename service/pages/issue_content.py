"""What the page of an issue says, from a database of today or of any past moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from domain.categories import CATEGORIES
from domain.codes import ReferralType
from domain.labels import Label
from domain.referral_state import UNANSWERED
from projections import issue_story_queries as stories
from projections.issue_story_rows import IssueHead, PushedHead, StoryReferral
from service.language import Language
from service.pages.frame import Frame
from service.pages.names import Names
from service.pages.telling import Teller, ToldAction, ToldLine, ToldReferral
from service.visitors import Visitor

KINDS: Mapping[str, tuple[Label, tuple[str, ...]]] = {
    "referrals": (
        Label("Överlämningar", "Referrals"),
        ("Referral", "Responsibility", "Info"),
    ),
    "actions": (Label("Åtgärder", "Actions"), ("Action", "FollowUp")),
    "notes": (Label("Anteckningar", "Notes"), ("Note", "Correction", "Dispute")),
    "reports": (Label("Rapporter", "Reports"), ("Report", "Feedback")),
}
"""The filters of the story, each by words that the names of its events hold."""


class StoryFilter(NamedTuple):
    """One way to narrow the story down."""

    value: str
    words: str
    lines: int


@dataclass(frozen=True, kw_only=True)
class Content:
    """An issue as one visitor reads it."""

    head: IssueHead | PushedHead
    referrals: Sequence[StoryReferral]
    told_referrals: Sequence[ToldReferral]
    story: Sequence[ToldLine]
    actions: Sequence[ToldAction]
    follow_ups: Sequence[tuple[str, str]]
    facts: Sequence[tuple[str, str]]


def content_of(
    frame: Frame,
    visitor: Visitor,
    language: Language,
    db: Any,  # noqa: ANN401  pages know no database; whoever opened it hands it through
    issue_id: UUID,
) -> Content | None:
    """Everything on the page; None if the visitor may not read the issue."""
    viewer = visitor.viewer
    head = stories.issue_head(db, viewer, issue_id)
    if head is None:
        return None
    referrals = stories.referrals_of(db, viewer, issue_id)
    lines = stories.story(db, viewer, issue_id)
    names = Names(frame, language, {line.user_id for line in lines})
    teller = Teller(names, language, visitor.actor.agency_id)
    return Content(
        head=head,
        referrals=referrals,
        told_referrals=[teller.referral(each) for each in referrals],
        story=[teller.line(each) for each in lines],
        actions=[teller.action(each) for each in stories.actions_of(db, viewer, issue_id)],
        follow_ups=[teller.follow_up(each) for each in stories.follow_ups_of(db, viewer, issue_id)],
        facts=teller.facts(head) if isinstance(head, IssueHead) else (),
    )


def shown_content(content: Content, now: datetime, language: Language) -> dict[str, Any]:
    """What the template of a page wants of it: of a partner's no more than the head."""
    head = content.head
    if not isinstance(head, IssueHead):
        return {"head": head}
    category = CATEGORIES.get(head.category)
    restricted = category is not None and category.restricted
    return {
        "head": head,
        "badges": head.badges(now),
        "registered": sorted(head.registry_refs.items()),
        "facts": content.facts,
        "actions": content.actions,
        "follow_ups": content.follow_ups,
        "overdue": head.due_at is not None and head.due_at < now,
        "left": (head.due_at - now) if head.due_at else None,
        "seen_by": language.pick("inblandade myndigheter", "the agencies involved")
        if restricted
        else language.pick("alla myndigheter", "all authorities"),
    }


def waits_for_another(referrals: Sequence[StoryReferral], agency_id: str) -> bool:
    """Whether the agency has handed the issue over and nobody has answered."""
    return any(
        each.type is ReferralType.TRANSFER
        and each.status in UNANSWERED
        and each.from_agency == agency_id
        for each in referrals
    )


def filters_of(story: Sequence[ToldLine], language: Language) -> list[StoryFilter]:
    """The filters that leave something to read."""
    found = [
        StoryFilter(value, language.of(words), sum(_is(value, line) for line in story))
        for value, (words, _) in KINDS.items()
    ]
    return [each for each in found if each.lines]


def narrowed(story: Sequence[ToldLine], kind: str) -> list[ToldLine]:
    """The lines of a kind; all of them for a kind there is not."""
    return [line for line in story if kind not in KINDS or _is(kind, line)]


def _is(kind: str, line: ToldLine) -> bool:
    return any(part in line.topic for part in KINDS[kind][1])
