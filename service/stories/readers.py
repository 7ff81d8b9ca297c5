"""Checks what people see: in which queues an issue stands, how long a queue is, who may read it."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from domain.values import SYSTEM, Actor
from projections.queues import Bucket
from projections.queues_queries import QueueItem, counters, queue_of, queues_with
from projections.viewer import Viewer
from projections.visibility import reads_issue
from service.assembly import Samsyn
from service.stories.scene import Scene
from service.stories.story import NOTHING, StoryError, in_story_time, moment, nearest
from service.viewers import viewer_of

EVERYTHING = Viewer(actor=SYSTEM, authority=True)
ROW_KEYS = ("overdue", "due_at", "badges", "caseworker", "referral_type")
QUEUE_KEYS = ("agency", "in", "holds", "count", *ROW_KEYS)


def in_queue(told: Mapping[str, Any], issue_id: UUID, scene: Scene) -> str | None:
    """Whether the issue stands in this queue, and with these marks."""
    samsyn, bucket = scene.samsyn, Bucket(told["queue"])
    with samsyn.engine.connect() as db:
        there = queues_with(db, EVERYTHING, issue_id, samsyn.clock())
    agencies = [agency for agency, in_bucket in there if in_bucket is bucket]
    # The agenda is one for all coordinators.
    wanted = None if bucket is Bucket.AGENDA else told.get("agency")
    holds = bool(agencies) if wanted is None else wanted in agencies
    if holds != told.get("holds", True):
        stands = ", ".join(f"{agency}: {each}" for agency, each in sorted(there)) or "no queue"
        is_ = "stands" if holds else "does not stand"
        return f"the issue {is_} in {bucket} of {wanted or 'anybody'}; it stands in {stands}"
    if not holds or not any(key in told for key in ROW_KEYS):
        return None
    rows = _rows(samsyn, wanted or agencies[0], bucket, issue_id)
    differing = [_differences(row, told, scene) for row in rows]
    if [] in differing:
        return None
    return f"in {bucket} of {wanted or 'anybody'}: {'; or '.join(map(', '.join, differing))}"


def counted(told: Mapping[str, Any], samsyn: Samsyn) -> str | None:
    """Whether a queue holds so many issues in all."""
    with samsyn.engine.connect() as db:
        found = counters(db, EVERYTHING, told["agency"], samsyn.clock())
    number = found.get(Bucket(told["queue"]), 0)
    if number == told["count"]:
        return None
    return f"queue {told['queue']} of {told['agency']} holds {number}, not {told['count']}"


def may_read(told: Mapping[str, Any], issue_id: UUID, samsyn: Samsyn, where: str) -> str | None:
    """Whether a user may read the issue."""
    agencies = samsyn.execution.agencies()
    grant = agencies.grants.get(told["readable_by"])
    if grant is None:
        unknown = told["readable_by"]
        raise StoryError(
            f"{where}: there is no user {unknown!r}.{nearest(unknown, agencies.grants)}"
        )
    actor = Actor(user_id=grant.user_id, agency_id=grant.agency_id, role=grant.role)
    viewer = viewer_of(actor, agencies)
    with samsyn.engine.connect() as db:
        reads = reads_issue(db, viewer, issue_id)
    if reads == told.get("holds", True):
        return None
    return f"{told['readable_by']} {'reads' if reads else 'does not read'} the issue"


def _rows(samsyn: Samsyn, agency: str, bucket: Bucket, issue_id: UUID) -> Iterator[QueueItem]:
    after: str | None = None
    with samsyn.engine.connect() as db:
        while True:
            page = queue_of(
                db, EVERYTHING, agency, bucket, now=samsyn.clock(), after=after, limit=200
            )
            yield from (item for item in page.items if item.issue_id == issue_id)
            after = page.next
            if after is None:
                return


def _differences(row: QueueItem, told: Mapping[str, Any], scene: Scene) -> list[str]:
    wrong: list[str] = []
    for key in ROW_KEYS:
        if key in told:
            found: Any = getattr(row, key)
            wanted: Any = None if told[key] == NOTHING else told[key]
            if key == "due_at" and wanted is not None:
                wanted = moment(wanted, scene.where)
            elif key == "badges":
                found, wanted = sorted(found), sorted(wanted or ())
            if found != wanted:
                is_ = in_story_time(found) if isinstance(found, datetime) else found
                wrong.append(f"{key} is {msgspec.to_builtins(is_)!r}")
    return wrong
