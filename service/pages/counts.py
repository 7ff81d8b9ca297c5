"""How much waits behind each entry of the main menu."""

from collections.abc import Sequence
from typing import Any

from projections.inbox import waiting_count
from projections.queues import Bucket
from projections.queues_queries import own_counts
from projections.viewer import Viewer
from service.visitors import Visitor

WAITS = (Bucket.TO_ANSWER, Bucket.RETURNED)
"""What an agency must act on and others wait for; the rest of its queue is its own affair."""


def menu_counts(db: Any, viewer: Viewer, inboxes: Sequence[str]) -> dict[str, int]:  # noqa: ANN401  a connection, which pages do not name
    """By path of the menu; `inboxes` are the agencies whose reports the viewer takes in."""
    of_queue = own_counts(db, viewer)
    counts = {"/queue": sum(of_queue.get(bucket, 0) for bucket in WAITS)}
    if viewer.authority:
        counts["/inbox"] = waiting_count(db, viewer, *inboxes)
    return {path: count for path, count in counts.items() if count}


def counting_viewer(visitor: Visitor, inboxes: Sequence[str]) -> Viewer:
    """Who may ask for the visitor's counts: any colleague, unless other agencies' reports count.

    What one has reported oneself one may read wherever it waits, and colleagues may not.
    """
    own_only = list(inboxes) == [visitor.actor.agency_id]
    return visitor.viewer.as_any_colleague if own_only else visitor.viewer
