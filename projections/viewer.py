"""Who looks: the actor together with what the directory says about the actor's agency."""

from dataclasses import dataclass, replace
from typing import Final

from domain.values import Actor

_NOBODY: Final = ""


@dataclass(frozen=True)
class Viewer:
    """Somebody who reads; `authority` says whether the actor's agency is one (not a partner)."""

    actor: Actor
    authority: bool

    @property
    def agency_id(self) -> str:
        """The agency for which the viewer reads."""
        return self.actor.agency_id

    @property
    def as_any_colleague(self) -> "Viewer":
        """Nobody in particular, of the same agency and in the same role.

        Of issues they read what the viewer reads; of reports less: none for having written it.
        """
        return replace(self, actor=replace(self.actor, user_id=_NOBODY))
