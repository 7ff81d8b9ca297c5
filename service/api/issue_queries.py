"""Queries of issues: the list, one issue, its reports and the queues it stands in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from domain.codes import IssueStatus
from domain.refusals import NotFound
from projections.issue_parts import (
    actions_of_issue,
    follow_ups_of_issue,
    head_by_id,
    head_by_number,
    notes_of_issue,
    referrals_of_issue,
)
from projections.issue_search import IssuesWanted, find_issues
from projections.issue_story_queries import issue_head, reports_of
from projections.issue_story_rows import (
    IssueHead,
    PushedHead,
    StoryAction,
    StoryFollowUp,
    StoryNote,
    StoryReferral,
    StoryReport,
)
from projections.paging import Page
from projections.prepared import Question, together
from projections.queues import Bucket
from projections.queues_queries import queues_with
from projections.visibility import sees_pushed_only
from service.api.asking import Asked, Paged, Parameters, Query, Seen, asked_at_once
from service.api.looking import at_issue, at_issue_found, at_list

READS = ("visibility", "issue_story", "audit_trail")


@dataclass(frozen=True, kw_only=True)
class IssueDetail(IssueHead):
    """An issue with everything in it; `version` is also the ETag."""

    referrals: tuple[StoryReferral, ...]
    actions: tuple[StoryAction, ...]
    follow_ups: tuple[StoryFollowUp, ...]
    notes: tuple[StoryNote, ...]


@dataclass(frozen=True, kw_only=True)
class PushedDetail(PushedHead):
    """What a partner sees of an issue: the referrals sent to it and its own actions."""

    referrals: tuple[StoryReferral, ...]
    actions: tuple[StoryAction, ...]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A queue in which an issue stands."""

    agency_id: str
    bucket: Bucket


@dataclass(frozen=True, kw_only=True)
class Finding(Paged):
    """Which issues: every word of `text` must be found, `agency` is the responsible one."""

    text: str | None = None
    status: IssueStatus | None = None
    agency: str | None = None
    category: str | None = None


@dataclass(frozen=True, kw_only=True)
class OneIssue(Parameters):
    """Which issue."""

    issue_id: UUID


@dataclass(frozen=True, kw_only=True)
class NumberedIssue(Parameters):
    """Which issue, by its shared number like TIC-2026-00042."""

    number: str


def _issues(asked: Asked, wanted: Finding) -> Page[IssueHead | PushedHead]:
    """Issues, the latest opened first."""
    told = IssuesWanted(
        text=wanted.text or "",
        status=wanted.status,
        agency=wanted.agency or "",
        category=wanted.category or "",
    )
    return find_issues(asked.db, asked.viewer, told, after=wanted.after, limit=wanted.limit)


_PARTS = ("referrals", "actions", "follow_ups", "notes")
"""In the order in which they are asked for; partners are told of the first two."""


def _issue(seen: Seen, wanted: OneIssue) -> Question[IssueDetail | PushedDetail]:
    """One issue with its referrals, actions, follow-ups and notes."""
    viewer, id_ = seen.viewer, wanted.issue_id
    parts: list[Question[Any]] = [
        head_by_id(viewer, id_),
        referrals_of_issue(viewer, id_),
        actions_of_issue(viewer, id_),
    ]
    if not sees_pushed_only(viewer):
        parts += [follow_ups_of_issue(viewer, id_), notes_of_issue(viewer, id_)]
    return together(parts).then(_detail)


the_issue: Callable[[Asked, OneIssue], IssueDetail | PushedDetail] = asked_at_once(_issue)


def _issue_by_number(asked: Asked, wanted: NumberedIssue) -> IssueDetail | PushedDetail:
    """One issue, found by its shared number."""
    head = head_by_number(asked.viewer, wanted.number).ask(asked.db)
    if head is None:
        raise no_such_issue()
    return the_issue(asked, OneIssue(issue_id=head.issue_id))


def _reports(asked: Asked, wanted: OneIssue) -> tuple[StoryReport, ...]:
    """The reports of an issue in their latest versions, the first received first."""
    must_be_seen(asked, wanted.issue_id)
    return tuple(reports_of(asked.db, asked.viewer, wanted.issue_id))


def queues_of(asked: Asked, wanted: OneIssue) -> tuple[Standing, ...]:
    """In which queues an issue stands now; the agenda's agency is "*"."""
    must_be_seen(asked, wanted.issue_id)
    found = queues_with(asked.db, asked.viewer, wanted.issue_id, asked.now)
    return tuple(Standing(agency_id=agency_id, bucket=bucket) for agency_id, bucket in found)


def must_be_seen(asked: Asked, issue_id: UUID) -> None:
    """Refuse to tell anything of an issue that the viewer may not see.

    Raises:
        NotFound: there is none, or none for this viewer.
    """
    if issue_head(asked.db, asked.viewer, issue_id) is None:
        raise no_such_issue()


def _detail(found: Sequence[Any]) -> IssueDetail | PushedDetail:
    head: IssueHead | PushedHead | None = found[0]
    if head is None:
        raise no_such_issue()
    known: dict[str, Any] = dict(vars(head))
    known |= {name: tuple(each) for name, each in zip(_PARTS, found[1:], strict=False)}
    return PushedDetail(**known) if isinstance(head, PushedHead) else IssueDetail(**known)


def no_such_issue() -> NotFound:
    """There is none, or none for this viewer: nobody is told which."""
    return NotFound("no_such_issue", "Ärendet finns inte.", "There is no such issue.")


def _version(found: IssueDetail | PushedDetail) -> int:
    return found.version


ISSUE_QUERIES = (
    Query(
        name="Issues",
        path="/issues",
        tag="issue",
        parameters=Finding,
        answer=_issues,
        result=Page[IssueHead | PushedHead],
        looks=at_list,
        reads=READS,
    ),
    Query(
        name="Issue",
        path="/issues/{issue_id:uuid}",
        tag="issue",
        parameters=OneIssue,
        answer=the_issue,
        question=_issue,
        result=IssueDetail | PushedDetail,
        looks=at_issue,
        reads=READS,
        version=_version,
    ),
    Query(
        name="IssueByNumber",
        path="/issue-numbers/{number:str}",
        tag="issue",
        parameters=NumberedIssue,
        answer=_issue_by_number,
        result=IssueDetail | PushedDetail,
        looks=at_issue_found,
        reads=READS,
        version=_version,
    ),
    Query(
        name="IssueReports",
        path="/issues/{issue_id:uuid}/reports",
        tag="issue",
        parameters=OneIssue,
        answer=_reports,
        result=tuple[StoryReport, ...],
        looks=at_issue,
        reads=READS,
    ),
    Query(
        name="IssueQueues",
        path="/issues/{issue_id:uuid}/queues",
        tag="queue",
        parameters=OneIssue,
        answer=queues_of,
        result=tuple[Standing, ...],
        looks=at_issue,
        reads=(*READS, "queues"),
    ),
)
