"""Everything a request may need, in one place: the program, its tokens and settings."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from domain.agencies import Agencies
from domain.values import Actor
from infra.access.terms import SearchWords
from infra.tokens import Tokens
from projections.viewer import Viewer
from service.assembly import Samsyn
from service.freshness import ReadModels
from service.namesakes import Namesakes
from service.receipts import Receipts
from service.settings import Settings
from service.viewers import viewer_of


@dataclass(frozen=True, kw_only=True)
class Services:
    """One per process, kept in the web application's state."""

    samsyn: Samsyn
    settings: Settings
    tokens: Tokens
    read_models: ReadModels
    receipts: Receipts

    @classmethod
    def of(cls, samsyn: Samsyn, settings: Settings) -> "Services":
        """Put what is kept for all requests on the program's database and clock."""
        samsyn.access.words = SearchWords(settings.access_key)
        samsyn.access.namesakes = Namesakes(samsyn.engine, partial(_agencies_of, samsyn))
        return cls(
            samsyn=samsyn,
            settings=settings,
            tokens=Tokens(samsyn.engine, samsyn.clock),
            read_models=ReadModels(samsyn),
            receipts=Receipts.of(samsyn.casework, settings),
        )

    @property
    def clock(self) -> Callable[[], datetime]:
        """The one clock."""
        return self.samsyn.clock

    def actor_in(self, agencies: Agencies, user_id: str) -> Actor | None:
        """A user as this directory knows the user: one agency, one role; None without."""
        grant = agencies.grants.get(user_id)
        if grant is None:
            return None
        return Actor(user_id=grant.user_id, agency_id=grant.agency_id, role=grant.role)

    def viewer_of(self, actor: Actor) -> Viewer:
        """The actor as queries want it."""
        return viewer_of(actor, self.samsyn.execution.agencies())


def _agencies_of(samsyn: Samsyn) -> dict[str, str]:
    grants = samsyn.execution.agencies().grants.values()
    return {grant.user_id: grant.agency_id for grant in grants}
