"""Every projection of the program, in the order in which they are shown and built."""

from projections.audit_trail import AUDIT_TRAIL
from projections.clocks import CLOCKS
from projections.follow_up import FOLLOW_UP
from projections.handovers import HANDOVERS
from projections.inbox import INBOX
from projections.issue_story import ISSUE_STORY
from projections.projection import Projection
from projections.queues import QUEUES
from projections.visibility import VISIBILITY

PROJECTIONS: tuple[Projection, ...] = (
    VISIBILITY,
    QUEUES,
    INBOX,
    CLOCKS,
    ISSUE_STORY,
    AUDIT_TRAIL,
    FOLLOW_UP,
    HANDOVERS,
)

FIRST = frozenset({VISIBILITY.name, QUEUES.name, INBOX.name})
"""What the queues show: folded before all else."""

LAST_OF_A_PAGE = frozenset({QUEUES.name, CLOCKS.name})
"""Folded by a rebuild after the others: they read an event's bytes, unless it is made already."""
