"""Every projection of the program, in the order in which they are shown and built."""

from projections.clocks import CLOCKS
from projections.handovers import HANDOVERS
from projections.projection import Projection
from projections.queues import QUEUES
from projections.visibility import VISIBILITY

PROJECTIONS: tuple[Projection, ...] = (
    VISIBILITY,
    QUEUES,
    CLOCKS,
    HANDOVERS,
)
