"""What a check of an expectation may look at: the step, its names and everything recorded."""

from dataclasses import dataclass
from uuid import UUID

from eventsourcing.application import AggregateNotFoundError

from domain.issue import Issue
from domain.report import Report
from service.assembly import Samsyn
from service.stories.names import Names
from service.stories.story import Step, StoryError


@dataclass(frozen=True)
class Scene:
    """What a check may look at."""

    step: Step
    names: Names
    samsyn: Samsyn

    @property
    def where(self) -> str:
        """How messages name the step."""
        return self.step.where

    def issue_id(self, told: object) -> UUID:
        """The issue that is meant; the latest if nothing is said."""
        return self._id("issue", told)

    def report_id(self, told: object) -> UUID:
        """The report that is meant; the latest if nothing is said."""
        return self._id("report", told)

    def inside_id(self, kind: str, told: object) -> UUID:
        """The referral or action that is meant; the latest if nothing is said."""
        return self._id(kind, told)

    def issue(self, issue_id: UUID) -> Issue:
        """The issue as it is now."""
        found = self._load(issue_id)
        if not isinstance(found, Issue):
            raise StoryError(f"{self.where}: {issue_id} is no issue")
        return found

    def report(self, report_id: UUID) -> Report:
        """The report as it is now."""
        found = self._load(report_id)
        if not isinstance(found, Report):
            raise StoryError(f"{self.where}: {report_id} is no report")
        return found

    def _id(self, kind: str, told: object) -> UUID:
        if told not in (None, True):
            return self.names.id_of(told, self.where)
        latest = self.names.latest(kind)
        if latest is None:
            raise StoryError(f"{self.where}: the story has no {kind} yet")
        return latest

    def _load(self, stream_id: UUID) -> object:
        try:
            return self.samsyn.casework.repository.get(stream_id)
        except AggregateNotFoundError as error:
            raise StoryError(f"{self.where}: there is nothing with the id {stream_id}") from error
