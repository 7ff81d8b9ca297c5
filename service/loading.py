"""Loads what decisions need, each stream once, so that several can be taken together."""

from typing import cast
from uuid import UUID

from eventsourcing.application import AggregateNotFoundError

from domain.directory import DIRECTORY_ID, Directory
from domain.envelope import Recorded
from domain.issue import Issue
from domain.refusals import NotFound
from domain.report import Report
from infra.log.casework import Casework


class Loaded:
    """The aggregates of one command, or of one batch of commands that is appended as a whole."""

    def __init__(self, casework: Casework) -> None:
        self._casework = casework
        self._known: dict[UUID, Recorded] = {}

    def add(self, aggregate: Recorded) -> None:
        """Keep a new aggregate, so that later commands of the batch find it."""
        self._known[aggregate.id] = aggregate

    def all(self) -> tuple[Recorded, ...]:
        """Everything loaded or added so far, in that order."""
        return tuple(self._known.values())

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

    def directory(self) -> Directory | None:
        """The directory, if it has been started."""
        return cast("Directory | None", self._get(DIRECTORY_ID))

    def _get(self, stream_id: UUID) -> Recorded | None:
        if stream_id not in self._known:
            try:
                self._known[stream_id] = self._casework.repository.get(stream_id)
            except AggregateNotFoundError:
                return None
        return self._known[stream_id]
