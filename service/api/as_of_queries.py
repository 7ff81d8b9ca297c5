"""Queries of the past: an issue as it was at a position of the log, or at a time."""

from dataclasses import dataclass, replace
from datetime import datetime

from domain.refusals import FieldError, Invalid
from infra.log.casework import Casework
from projections.visibility import reads_issue
from service.api.asking import Asked, Query
from service.api.issue_queries import (
    IssueDetail,
    OneIssue,
    PushedDetail,
    Standing,
    no_such_issue,
    queues_of,
    the_issue,
)
from service.api.looking import at_issue
from service.api.story_queries import StoryEntry, the_story
from service.past_issue import past_issue


@dataclass(frozen=True, kw_only=True)
class AsOf(OneIssue):
    """Which issue and when: `position` of the log, or `at`, a time; one of them."""

    position: int | None = None
    at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class IssueAsOf:
    """An issue as everybody who may read it today could have read it then.

    It holds what the log said up to `position`, that one included. `moment` is the time for which
    the queues are told: `at`, or when the event at the position was recorded.
    """

    position: str
    moment: datetime
    issue: IssueDetail | PushedDetail
    queues: tuple[Standing, ...]
    story: tuple[StoryEntry, ...]


def _as_of(asked: Asked, wanted: AsOf) -> IssueAsOf:
    """One issue as it was, the queues it stood in, and its story up to then."""
    casework = asked.services.samsyn.casework
    position, moment = _when(casework, wanted, asked.now)
    if not reads_issue(asked.db, asked.viewer, wanted.issue_id):
        raise no_such_issue()
    with past_issue(asked.services.samsyn, asked.db, wanted.issue_id, position) as db:
        then = replace(asked, db=db, now=moment)
        issue = the_issue(then, wanted)
        if isinstance(issue, PushedDetail) and not (issue.referrals or issue.actions):
            # Nothing had been sent to the partner yet: what the issue then said was not for it.
            raise no_such_issue()
        return IssueAsOf(
            position=str(position),
            moment=moment,
            issue=issue,
            queues=queues_of(then, wanted),
            story=the_story(then, wanted),
        )


def _when(casework: Casework, wanted: AsOf, now: datetime) -> tuple[int, datetime]:
    if (wanted.position is None) == (wanted.at is None):
        raise _bad(
            "position",
            "one_of_two",
            "Ange antingen position eller at.",
            "Give either position or at.",
        )
    if wanted.at is not None:
        if wanted.at > now:
            raise _bad(
                "at",
                "in_the_future",
                "Tiden ligger i framtiden.",
                "The time lies in the future.",
            )
        return casework.position_at(wanted.at), wanted.at
    position = wanted.position or 0
    if position < 1:
        raise _bad(
            "position", "out_of_range", "Ange en position i loggen.", "Give a position of the log."
        )
    if position > casework.head():
        raise _bad(
            "position",
            "ahead_of_the_log",
            "Loggen har inte kommit dit.",
            "The log has not come that far.",
        )
    (entry,) = casework.read(position - 1, 1)
    return position, entry.recorded_at


def _bad(field: str, code: str, sv: str, en: str) -> Invalid:
    return Invalid((FieldError(field=field, code=code, sv=sv, en=en),))


AS_OF_QUERIES = (
    Query(
        name="IssueAsOf",
        path="/issues/{issue_id:uuid}/as-of",
        tag="issue",
        parameters=AsOf,
        answer=_as_of,
        result=IssueAsOf,
        looks=at_issue,
        reads=("visibility",),
    ),
)
