"""Everything a request may need, in one place: the program, its accounts, tokens and settings."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.values import Actor, Role
from infra.accounts import Accounts
from infra.sessions import FIELD_IDLE, IDLE, Sessions
from infra.tokens import Tokens
from projections.viewer import Viewer
from service.assembly import Samsyn
from service.execution import Execution
from service.settings import Settings
from service.viewers import viewer_of


@dataclass(frozen=True, kw_only=True)
class Services:
    """One per process, kept in the web application's state."""

    samsyn: Samsyn
    settings: Settings
    accounts: Accounts
    sessions: Sessions
    tokens: Tokens

    @classmethod
    def of(cls, samsyn: Samsyn, settings: Settings) -> "Services":
        """Put the keepers of sign-in on the program's database and clock."""
        return cls(
            samsyn=samsyn,
            settings=settings,
            accounts=Accounts(samsyn.engine, samsyn.clock),
            sessions=Sessions(samsyn.engine, samsyn.clock, _idle_by_role(samsyn.execution)),
            tokens=Tokens(samsyn.engine, samsyn.clock),
        )

    @property
    def clock(self) -> Callable[[], datetime]:
        """The one clock."""
        return self.samsyn.clock

    def actor_of(self, user_id: str) -> Actor | None:
        """A user as the directory knows the user now: one agency, one role; None without."""
        grant = self.samsyn.execution.agencies().grants.get(user_id)
        if grant is None:
            return None
        return Actor(user_id=grant.user_id, agency_id=grant.agency_id, role=grant.role)

    def viewer_of(self, actor: Actor) -> Viewer:
        """The actor as queries want it."""
        return viewer_of(actor, self.samsyn.execution.agencies())


def _idle_by_role(execution: Execution) -> Callable[[str], timedelta]:
    def idle_of(user_id: str) -> timedelta:
        grant = execution.agencies().grants.get(user_id)
        return FIELD_IDLE if grant is not None and grant.role is Role.FIELD_OFFICER else IDLE

    return idle_of
