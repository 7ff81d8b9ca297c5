"""Tells of what is searched for whether it is a name: the searcher's own, or a colleague's.

It is told while the words are known; what is kept of it is that alone, the words stay encrypted.
"""

import re
import time
from collections.abc import Callable, Collection, Mapping
from typing import Final

from sqlalchemy import Engine

from domain.access import NameSought
from infra.accounts import display_names
from projections.search_text import plain

LOOKED_UP_SECONDS: Final = 60.0
"""So long the names of all users are kept; a new colleague is known a minute later."""
LEAST_LETTERS: Final = 3
"""A shorter last name alone is too often a word; with the first name it is a name."""
_WORD: Final = re.compile(r"[^\W\d_]+")
_DIGIT: Final = re.compile(r"\d")


class Namesakes:
    """The names of the users who have an account, for many threads."""

    def __init__(self, engine: Engine, agencies_of: Callable[[], Mapping[str, str]]) -> None:
        """``agencies_of`` gives the agency of each user."""
        self._engine = engine
        self._agencies_of = agencies_of
        self._names: Mapping[str, str] = {}
        self._due = 0.0

    def look_up(self) -> None:
        """Ask for the names if it was not done a moment ago; raises DBAPIError."""
        now = time.monotonic()
        if now >= self._due:
            self._names = display_names(self._engine)
            self._due = now + LOOKED_UP_SECONDS

    def sought(self, user_id: str, agency_id: str, text: str) -> NameSought | None:
        """Whose name a user of an agency searches for, as the names were when looked up."""
        words = set(words_of(text))
        if not words:
            return None
        if is_named(self._names.get(user_id, ""), words):
            return NameSought.OWN
        agency_of = self._agencies_of()
        named = (name for each, name in self._names.items() if agency_of.get(each) == agency_id)
        return NameSought.COLLEAGUE if any(is_named(name, words) for name in named) else None


def is_named(name: str, words: Collection[str]) -> bool:
    """Whether words hold a person's last name, or all of the name.

    A name with a digit is that of a function.
    """
    parts = words_of(name)
    if not parts or _DIGIT.search(name):
        return False
    return (len(parts[-1]) >= LEAST_LETTERS and parts[-1] in words) or set(parts) <= set(words)


def words_of(text: str) -> list[str]:
    """The words of a text; who writes a for å means the same name."""
    return _WORD.findall(plain(text))
