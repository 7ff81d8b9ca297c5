"""How much waits behind each entry of the main menu."""

from collections.abc import Sequence

from domain.values import Role
from projections.inbox import waiting_count
from projections.queues import Bucket
from projections.queues_queries import own_counts
from service.assembly import Samsyn
from service.visitors import Visitor

WAITS = (Bucket.TO_ANSWER, Bucket.RETURNED)
"""What an agency must act on and others wait for; the rest of its queue is its own affair."""


def menu_counts(samsyn: Samsyn, visitor: Visitor, inboxes: Sequence[str]) -> dict[str, int]:
    """By path of the menu; `inboxes` are the agencies whose reports the visitor takes in."""
    if visitor.actor.role in (Role.REPORTER, Role.ADMIN):
        return {}
    with samsyn.engine.connect() as db:
        of_queue = own_counts(db, visitor.viewer)
        counts = {"/queue": sum(of_queue.get(bucket, 0) for bucket in WAITS)}
        if visitor.viewer.authority:
            counts["/inbox"] = waiting_count(db, visitor.viewer, *inboxes)
    return {path: count for path, count in counts.items() if count}
