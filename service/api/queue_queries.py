"""Queries of what an agency has before it: its queue, its counters, its inbox, one report."""

from dataclasses import dataclass
from uuid import UUID

from domain.refusals import NotFound
from projections.inbox import ReportItem, inbox_of, report_detail, waiting_count
from projections.paging import Page
from projections.prepared import Question
from projections.queues import Bucket
from projections.queues_queries import QueueItem, counters, queue_page
from service.api.asking import Asked, Paged, Parameters, Query, Seen, asked_at_once
from service.api.looking import at_list_of_agency, at_no_issue, at_report


@dataclass(frozen=True, kw_only=True)
class OneQueue(Paged):
    """Which part of which agency's queue."""

    agency_id: str
    bucket: Bucket


@dataclass(frozen=True, kw_only=True)
class OneAgency(Parameters):
    """Which agency."""

    agency_id: str


@dataclass(frozen=True, kw_only=True)
class OneInbox(Paged):
    """Which agency's reports."""

    agency_id: str


@dataclass(frozen=True, kw_only=True)
class OneReport(Parameters):
    """Which report."""

    report_id: UUID


@dataclass(frozen=True, kw_only=True)
class Counters:
    """How many lines each part of a queue has, and how many reports wait for triage."""

    buckets: dict[Bucket, int]
    inbox: int


def _queue(seen: Seen, wanted: OneQueue) -> Question[Page[QueueItem]]:
    """One part of an agency's queue: what came back first, then by due time."""
    return queue_page(
        seen.viewer,
        wanted.agency_id,
        wanted.bucket,
        now=seen.now,
        after=wanted.after,
        limit=wanted.limit,
    )


def _counters(asked: Asked, wanted: OneAgency) -> Counters:
    """How much an agency has before it."""
    return Counters(
        buckets=counters(asked.db, asked.viewer, wanted.agency_id, asked.now),
        inbox=waiting_count(asked.db, asked.viewer, wanted.agency_id),
    )


def _inbox(asked: Asked, wanted: OneInbox) -> Page[ReportItem]:
    """The reports that wait for triage at an agency, the most pressing first."""
    return inbox_of(
        asked.db,
        asked.viewer,
        wanted.agency_id,
        after=wanted.after,
        limit=wanted.limit,
    )


def _report(asked: Asked, wanted: OneReport) -> ReportItem:
    """One report as last revised, and what became of it."""
    found = report_detail(asked.db, asked.viewer, wanted.report_id)
    if found is None:
        raise NotFound("no_such_report", "Rapporten finns inte.", "There is no such report.")
    return found


QUEUE_QUERIES = (
    Query(
        name="Queue",
        path="/agencies/{agency_id:str}/queue",
        tag="queue",
        parameters=OneQueue,
        answer=asked_at_once(_queue),
        question=_queue,
        result=Page[QueueItem],
        looks=at_list_of_agency,
        reads=("visibility", "queues"),
    ),
    Query(
        name="QueueCounters",
        path="/agencies/{agency_id:str}/queue-counters",
        tag="queue",
        parameters=OneAgency,
        answer=_counters,
        result=Counters,
        looks=at_no_issue,
        reads=("visibility", "queues", "inbox"),
    ),
    Query(
        name="Inbox",
        path="/agencies/{agency_id:str}/inbox",
        tag="report",
        parameters=OneInbox,
        answer=_inbox,
        result=Page[ReportItem],
        looks=at_list_of_agency,
        reads=("visibility", "inbox"),
    ),
    Query(
        name="Report",
        path="/reports/{report_id:uuid}",
        tag="report",
        parameters=OneReport,
        answer=_report,
        result=ReportItem,
        looks=at_report,
        reads=("visibility", "inbox"),
        version=lambda found: found.version,
    ),
)
