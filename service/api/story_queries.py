"""Queries of what happened, told in both languages: an issue's story and the audit trail."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from domain.agencies import Agencies
from projections.audit_trail_queries import TrailLine, trail
from projections.issue_story_queries import story
from projections.issue_story_rows import Mark, StoryLine
from projections.narration import narrate
from projections.narration_words import Language
from projections.paging import Page
from service.api.asking import Asked, Paged, Query
from service.api.issue_queries import READS, OneIssue, must_be_seen
from service.api.looking import at_issue, at_list


@dataclass(frozen=True, kw_only=True)
class StoryEntry:
    """One event of an issue's story; `sv` and `en` tell it, `data` holds what people wrote."""

    position: str
    event_id: UUID
    topic: str
    version: int
    report_id: UUID | None
    occurred_at: datetime
    recorded_at: datetime
    late: bool
    user_id: str
    agency_id: str
    role: str
    sv: str
    en: str
    data: Mapping[str, object]
    marks: tuple[Mark, ...]


@dataclass(frozen=True, kw_only=True)
class TrailEntry:
    """One event of the audit trail, told as a story's; `kind` is its stream's."""

    position: str
    kind: str
    issue_id: UUID | None
    issue_number: str | None
    report_id: UUID | None
    version: int
    topic: str
    event_id: UUID
    causation_id: UUID
    occurred_at: datetime
    recorded_at: datetime
    late: bool
    user_id: str
    agency_id: str
    role: str
    registering_agency: str
    sv: str
    en: str
    data: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class TrailWanted(Paged):
    """Which entries; `agency` is whom the actor acted for, `until` is not included."""

    agency: str | None = None
    actor: str | None = None
    topics: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    issue_id: UUID | None = None
    oldest_first: bool = False


Entry = TypeVar("Entry", StoryEntry, TrailEntry)


def the_story(asked: Asked, wanted: OneIssue) -> tuple[StoryEntry, ...]:
    """Everything that happened in an issue and to its reports, in the order it happened."""
    must_be_seen(asked, wanted.issue_id)
    tell = _teller(asked.agencies, StoryEntry)
    return tuple(tell(line) for line in story(asked.db, asked.viewer, wanted.issue_id))


def _trail(asked: Asked, wanted: TrailWanted) -> Page[TrailEntry]:
    """Who did what, when and for which agency: every event the viewer may see, newest first."""
    page = trail(
        asked.db,
        asked.viewer,
        oldest_first=wanted.oldest_first,
        after=wanted.after,
        limit=wanted.limit,
        agency=wanted.agency,
        actor=wanted.actor,
        topics=wanted.topics,
        since=wanted.since,
        until=wanted.until,
        issue_id=wanted.issue_id,
    )
    tell = _teller(asked.agencies, TrailEntry)
    return Page(tuple(tell(line) for line in page.items), page.next)


def _teller(agencies: Agencies, kind: type[Entry]) -> Callable[[StoryLine | TrailLine], Entry]:
    def name(id_: str, language: Language) -> str:
        return agencies.name_sv(id_) if language == "sv" else agencies.name_en(id_)

    def tell(line: StoryLine | TrailLine) -> Entry:
        told = narrate(line.occurrence, name)
        said: dict[str, Any] = {"position": str(line.position), "sv": told.sv, "en": told.en}
        for field in fields(kind):
            if field.name not in said:
                said[field.name] = getattr(line, field.name)
        return kind(**said)

    return tell


STORY_QUERIES = (
    Query(
        name="IssueStory",
        path="/issues/{issue_id:uuid}/story",
        tag="issue",
        parameters=OneIssue,
        answer=the_story,
        result=tuple[StoryEntry, ...],
        looks=at_issue,
        reads=READS,
    ),
    Query(
        name="AuditTrail",
        path="/audit-trail",
        tag="audit",
        parameters=TrailWanted,
        answer=_trail,
        result=Page[TrailEntry],
        looks=at_list,
        reads=("visibility", "audit_trail"),
    ),
)
