"""Who looks: the actor together with what the directory says about the actor's agency."""

from dataclasses import dataclass

from domain.values import Actor


@dataclass(frozen=True)
class Viewer:
    """Somebody who reads; `authority` says whether the actor's agency is one (not a partner)."""

    actor: Actor
    authority: bool

    @property
    def agency_id(self) -> str:
        """The agency for which the viewer reads."""
        return self.actor.agency_id
