"""Makes a viewer of an actor, by what the directory says of the actor's agency."""

from domain.agencies import Agencies
from domain.values import Actor
from projections.viewer import Viewer


def viewer_of(actor: Actor, agencies: Agencies) -> Viewer:
    """The actor as every query wants it."""
    return Viewer(actor, authority=agencies.is_authority(actor.agency_id))
