"""What has happened to a record since somebody read it, where that matters for what they send."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from domain.classification import (
    CaseworkerAssigned,
    CaseworkerUnassigned,
    CategoryChanged,
    PlaceCorrected,
    PriorityChanged,
    TitleChanged,
)
from domain.follow_up import FollowUpScheduled
from domain.log_entry import LogEntry
from domain.referral import ReferralOpened
from domain.report import ReportRevised
from domain.values import SYSTEM, Actor
from projections import issue_story_queries as stories
from projections.narration import narrate, texts
from projections.occurrence import occurrence_of
from service.access import an_issue
from service.language import Language
from service.pages.frame import Frame
from service.pages.names import Names
from service.pages.telling import Pair, Teller
from service.past_issue import issue_after
from service.visitors import Visitor

_WHO_HANDLES = frozenset({CaseworkerAssigned.TOPIC, CaseworkerUnassigned.TOPIC})
OVERWRITES: Final[Mapping[str, frozenset[str]]] = {
    "AssignCaseworker": _WHO_HANDLES,
    "ChangeCategory": frozenset({CategoryChanged.TOPIC}),
    "ChangePriority": frozenset({PriorityChanged.TOPIC}),
    "ChangeTitle": frozenset({TitleChanged.TOPIC}),
    "CorrectPlace": frozenset({PlaceCorrected.TOPIC}),
    "ReviseReport": frozenset({ReportRevised.TOPIC}),
    "ScheduleFollowUp": frozenset({FollowUpScheduled.TOPIC}),
    "UnassignCaseworker": _WHO_HANDLES,
}
"""Commands that put one thing in place of another, and the events that did so before."""
ADDS: Final = frozenset(
    {
        "AddNote",
        "LinkReport",
        "NoteDispute",
        "OpenIssue",
        "OpenReferral",
        "PerformAction",
        "PlanAction",
        "ReceiveReport",
        "RecordCorrection",
    }
)
"""Commands that stand beside whatever others do. All further ones decide on the whole of it."""


@dataclass(frozen=True, kw_only=True)
class NewsLine:
    """One thing that happened, with what was said in it."""

    when: str
    who: str
    words: str
    texts: Sequence[Pair]


@dataclass(frozen=True, kw_only=True)
class News:
    """How the record stands now, and what matters of what happened to it since a version.

    `happened` may be more than the visitor may read, which is what `lines` tells.
    """

    version: int
    happened: bool = False
    lines: Sequence[NewsLine] = ()


NewsSince = Callable[[int], News]


class Newsroom:
    """Tells one visitor what happened to a record while they wrote in the form of one command."""

    def __init__(self, frame: Frame, visitor: Visitor, language: Language, name: str) -> None:
        self._frame = frame
        self._visitor = visitor
        self._language = language
        self._name = name

    def of_issue(self, issue_id: UUID, seen: int) -> News:
        """What happened to an issue after a version of it."""
        version, since = self._since(issue_id, seen)
        if not since:
            return News(version=version)
        versions = {each.version for each in since}
        with (
            self._frame.reading(self._visitor, an_issue(issue_id)),
            issue_after(self._frame.samsyn, issue_id, ()) as db,
        ):
            story = stories.story(db, self._visitor.viewer, issue_id)
        teller = Teller(
            Names(self._frame, self._language), self._language, self._visitor.actor.agency_id
        )
        lines = [
            NewsLine(
                when=teller.when(line.occurred_at) or "",
                who=line.who,
                words=line.words,
                texts=line.texts,
            )
            for line in (
                teller.line(each)
                for each in story
                if each.report_id is None and each.version in versions
            )
        ]
        return News(version=version, happened=True, lines=lines)

    def of_report(self, report_id: UUID, seen: int) -> News:
        """What happened to a report, which the visitor may read, after a version of it."""
        version, since = self._since(report_id, seen)
        names = Names(self._frame, self._language)
        teller = Teller(names, self._language, self._visitor.actor.agency_id)
        lines: list[NewsLine] = []
        for each in since:
            told = occurrence_of(each.event)
            by: Actor = each.event.actor
            lines.append(
                NewsLine(
                    when=teller.when(each.event.occurred_at) or "",
                    who=names.who(by.user_id, by.agency_id),
                    words=teller.of(narrate(told, names.any)),
                    texts=[(teller.of(text.label), text.text) for text in texts(told)],
                )
            )
        return News(version=version, happened=bool(lines), lines=lines)

    def _since(self, stream_id: UUID, seen: int) -> tuple[int, list[LogEntry]]:
        casework = self._frame.samsyn.casework
        entries = casework.history([stream_id], casework.head())
        later = [each for each in entries if each.version > seen and self._matters(each)]
        return entries[-1].version, later

    def _matters(self, entry: LogEntry) -> bool:
        overwritten_by = OVERWRITES.get(self._name)
        if overwritten_by is not None:
            return entry.topic in overwritten_by
        by: Actor = entry.event.actor
        mine = by.user_id == self._visitor.actor.user_id
        return by != SYSTEM and not mine and entry.topic != ReferralOpened.TOPIC
