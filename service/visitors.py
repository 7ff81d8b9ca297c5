"""Who visits the pages: from a session cookie to an account, an actor and a language."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from domain.agencies import Agencies
from domain.codes import AgencyKind
from domain.values import Actor, Role
from infra.accounts import Accounts
from infra.lookups import Question
from infra.sessions import FIELD_IDLE, IDLE, Sessions, who_has
from projections.viewer import Viewer
from service.language import Language
from service.services import Services
from service.viewers import viewer_of


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """Somebody signed in who has an agency and a role.

    `agencies` is the directory as it was when they were looked up: all of a page is made by it.
    """

    actor: Actor
    display_name: str
    language: Language
    viewer: Viewer
    agencies: Agencies


@dataclass(frozen=True, kw_only=True)
class DemoUser:
    """A card on the sign-in page of a demo."""

    login: str
    user_id: str
    display_name: str
    agency_id: str
    role: Role


DEMO_LOGINS = (
    "u-dis-01",
    "u-pol-01",
    "u-pol-02",
    "u-soc-01",
    "u-coo-01",
    "u-man-01",
    "u-reg-01",
    "u-aud-01",
    "u-par-01",
    "u-rep-01",
    "u-adm-01",
)
"""The cards of the demo, in the order in which people meet in the stories."""


class Visitors:
    """Signs people in and out and knows them again; safe to use from many threads."""

    def __init__(self, services: Services) -> None:
        samsyn = services.samsyn
        self._services = services
        self._accounts = Accounts(samsyn.engine, samsyn.clock)
        self._sessions = Sessions(samsyn.engine, samsyn.clock, self._idle_of)

    def agencies(self) -> Agencies:
        """The directory as it is now."""
        return self._services.samsyn.execution.agencies()

    def agencies_known(self) -> Agencies:
        """The directory as it was no earlier than when the visitor of this request was known."""
        return self._services.samsyn.directory.known()

    def sign_in(self, login: str, password: str, earlier: str | None = None) -> str | None:
        """A new session's token, or None if login and password do not belong together.

        The browser's `earlier` session ends: nobody else goes on with it.
        """
        account = self._accounts.sign_in(login, password)
        return self._start(account.user_id, earlier) if account else None

    def sign_in_demo(self, login: str, earlier: str | None = None) -> str | None:
        """A new session's token for a card of the demo; None where no demo is shown."""
        user = next((each for each in self.demo_users() if each.login == login), None)
        return self._start(user.user_id, earlier) if user else None

    def sign_out(self, token: str) -> None:
        """End the session."""
        self._sessions.revoke(token)

    def still_good(self, sessions: Collection[tuple[str, str]]) -> set[str]:
        """Of tokens with their users those whose session is good and who still have a role."""
        agencies = self.agencies()
        may = {token for token, user_id in sessions if user_id in agencies.grants}
        return self._sessions.good(may)

    def visitor(self, token: str | None, *, touch: bool = True) -> Visitor | None:
        """The visitor behind a session's token, if the session is good and the user has a role.

        Without `touch` the session does not live longer by it.
        """
        if not token:
            return None
        samsyn = self._services.samsyn
        row, news = samsyn.lookups.ask(who_has(token), samsyn.directory.question())
        return self._recognised(row, news, touch=touch)

    async def visitor_and(
        self, token: str, *questions: Question
    ) -> tuple[Visitor | None, Sequence[Any]]:
        """The same for a coroutine and without touch; other questions are asked in that round."""
        samsyn = self._services.samsyn
        row, news, *answers = await samsyn.lookups.ask_async(
            who_has(token), samsyn.directory.question(), *questions
        )
        return self._recognised(row, news, touch=False), answers

    def _recognised(
        self, row: Mapping[str, Any] | None, news: Sequence[Any], *, touch: bool
    ) -> Visitor | None:
        directory = self._services.samsyn.directory
        # First: for how long a session may rest is said by the role that its user has now.
        directory.learn(news)
        session = self._sessions.recognise(row, touch=touch)
        if row is None or session is None or row["display_name"] is None:
            return None
        agencies = directory.known()
        actor = self._services.actor_in(agencies, session.user_id)
        if actor is None:
            return None
        return Visitor(
            actor=actor,
            display_name=row["display_name"],
            language=Language(row["language"]),
            viewer=viewer_of(actor, agencies),
            agencies=agencies,
        )

    def demo_users(self) -> list[DemoUser]:
        """The cards of the sign-in page; none unless the demo is shown."""
        if not self._services.settings.demo:
            return []
        grants = self.agencies().grants
        by_user = {account.user_id: account for account in self._accounts.all()}
        return [
            DemoUser(
                login=by_user[user_id].login,
                user_id=user_id,
                display_name=by_user[user_id].display_name,
                agency_id=grants[user_id].agency_id,
                role=grants[user_id].role,
            )
            for user_id in DEMO_LOGINS
            if user_id in by_user and user_id in grants
        ]

    def set_language(self, visitor: Visitor, language: Language) -> None:
        """Remember the language for other browsers of the same person too."""
        self._accounts.set_language(visitor.actor.user_id, language.value)

    def inboxes(self, visitor: Visitor) -> list[str]:
        """The own agency's, and for the city's authorities those of agencies that only take in."""
        agencies = visitor.agencies
        own = agencies.get(visitor.actor.agency_id)
        if own is None or own.kind is not AgencyKind.AUTHORITY_CITY:
            return [visitor.actor.agency_id]
        intake = [
            each.agency_id
            for each in agencies.agencies.values()
            if each.intake_only or not each.is_authority
        ]
        return list(dict.fromkeys([visitor.actor.agency_id, *intake]))

    def names(self, user_ids: Iterable[str]) -> dict[str, str]:
        """What users are called on the screen; users without an account are left out."""
        return self._accounts.names(user_ids)

    def _start(self, user_id: str, earlier: str | None) -> str:
        if earlier:
            self._sessions.revoke(earlier)
        return self._sessions.start(user_id)

    def _idle_of(self, user_id: str) -> timedelta:
        # Whoever asks for sessions has just taken in what is new in the directory.
        actor = self._services.actor_in(self._services.samsyn.directory.known(), user_id)
        return FIELD_IDLE if actor and actor.role is Role.FIELD_OFFICER else IDLE
