"""Loads what decisions need, each stream once, so that several can be taken together."""

from collections.abc import Iterable
from typing import cast
from uuid import UUID

from eventsourcing.application import AggregateNotFoundError

from domain.access_review import AccessReview
from domain.directory import DIRECTORY_ID, Directory
from domain.envelope import Recorded
from domain.issue import Issue
from domain.refusals import NotFound
from domain.report import Report
from infra.log.aggregates import After, Aggregates
from infra.log.casework import Casework
from infra.log.stored import TimedEvent


class Loaded:
    """The aggregates of one command, or of one batch of commands that is appended as a whole."""

    def __init__(self, casework: Casework, aggregates: Aggregates | None = None) -> None:
        self._casework = casework
        self._aggregates = aggregates or Aggregates()
        self._known: dict[UUID, Recorded] = {}
        self._taken: dict[UUID, Recorded | None] = {}
        self._missing: set[UUID] = set()

    def add(self, aggregate: Recorded) -> None:
        """Keep a new aggregate, so that later commands of the batch find it."""
        self._known[aggregate.id] = aggregate

    def all(self) -> tuple[Recorded, ...]:
        """Everything loaded or added so far, in that order."""
        return tuple(self._known.values())

    def wanted(self, stream_ids: Iterable[UUID]) -> list[After]:
        """What must be read before `learn`: of those not here yet, what is newer than the cache."""
        new = [each for each in dict.fromkeys(stream_ids) if each not in self._known]
        self._taken = {each: self._take(each) for each in new}
        return [(each, kept.version if kept else 0) for each, kept in self._taken.items()]

    def learn(self, news: Iterable[list[TimedEvent]]) -> None:
        """Take in what was read for `wanted`, in that order."""
        for (stream_id, kept), stored in zip(self._taken.items(), news, strict=True):
            aggregate: Recorded | None = self._casework.replay(kept, stored)
            if aggregate is None:
                self._missing.add(stream_id)
            else:
                self._known[stream_id] = aggregate
        self._taken = {}

    def keep(self) -> None:
        """Give the aggregates to the cache: all that was decided on them stands in the log."""
        self._aggregates.give_back(
            each for each in self._known.values() if isinstance(each, Issue | Report)
        )

    def issue(self, issue_id: UUID) -> Issue:
        """The issue with this id.

        Raises:
            NotFound: there is none.
        """
        found = self._get(issue_id)
        if not isinstance(found, Issue):
            raise NotFound("no_such_issue", "Ärendet finns inte.", "There is no such issue.")
        return found

    def report(self, report_id: UUID) -> Report:
        """The report with this id.

        Raises:
            NotFound: there is none.
        """
        found = self._get(report_id)
        if not isinstance(found, Report):
            raise NotFound("no_such_report", "Rapporten finns inte.", "There is no such report.")
        return found

    def access_review(self, review_id: UUID) -> AccessReview | None:
        """The review with this id, if it was signed."""
        return cast("AccessReview | None", self._get(review_id))

    def directory(self) -> Directory | None:
        """The directory, if it has been started."""
        return cast("Directory | None", self._get(DIRECTORY_ID))

    def _take(self, stream_id: UUID) -> Recorded | None:
        return cast("Recorded | None", self._aggregates.take(stream_id))

    def _get(self, stream_id: UUID) -> Recorded | None:
        if stream_id not in self._known:
            if stream_id in self._missing:
                return None
            try:
                self._known[stream_id] = self._casework.repository.get(stream_id)
            except AggregateNotFoundError:
                return None
        return self._known[stream_id]
