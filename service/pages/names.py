"""What agencies and people are called on a page, asked for once."""

from collections.abc import Iterable

from domain.values import OPERATIONS_ID, SYSTEM
from service.language import Language
from service.pages.frame import Frame
from service.short_names import short_name


class Names:
    """The names of agencies and users by their ids, in the reader's language."""

    def __init__(self, frame: Frame, language: Language, user_ids: Iterable[str] = ()) -> None:
        self.agencies = frame.visitors.agencies_known()
        self._visitors = frame.visitors
        self._language = language
        self._users = frame.visitors.names(user_ids)

    def agency(self, agency_id: str) -> str:
        """The name of an agency."""
        if agency_id == SYSTEM.agency_id:
            return self._language.pick("Systemet", "The system")
        return self._language.pick(
            self.agencies.name_sv(agency_id), self.agencies.name_en(agency_id)
        )

    def short(self, agency_id: str) -> str:
        """The short name of an agency, for tables and sentences."""
        agency = self.agencies.get(agency_id)
        return self._language.of(short_name(agency)) if agency else self.agency(agency_id)

    def user(self, user_id: str) -> str:
        """What a user is called; the id for users without an account."""
        if user_id == OPERATIONS_ID:
            return self._language.pick("Driften", "Operations")
        if user_id not in self._users:
            self._users[user_id] = self._visitors.names((user_id,)).get(user_id, user_id)
        return self._users[user_id]

    def any(self, an_id: str, language: str) -> str:
        """The name of an agency or a user, as the narration asks for it, in a language given."""
        agency = self.agencies.get(an_id)
        return self.user(an_id) if agency is None else Language(language).of(short_name(agency))

    def who(self, user_id: str, agency_id: str) -> str:
        """Who did something: person and agency, or the system."""
        if user_id == SYSTEM.user_id:
            return self.agency(SYSTEM.agency_id)
        return f"{self.user(user_id)}, {self.short(agency_id)}"
