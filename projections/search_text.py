"""Text as it is searched: å, ä and ö are letters of their own, and may be left out all the same."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import filterfalse

from sqlalchemy import ColumnElement, and_, true

_MOST_WORDS = 12
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
_NO_MARKS_TO_TAKE_OFF = str.maketrans({"ø": "o", "æ": "ae", "đ": "d", "ł": "l"})


def searched(parts: Iterable[str | None]) -> str:
    """What is stored to be searched: the text as written, then again without diacritics.

    A word typed with å finds only å, since the second half has none; typed with a it finds both.
    """
    exact = _exact(" ".join(part for part in parts if part))
    return f"{exact}\n{_plain(exact)}"


def matches(column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    """Every word of ``text`` stands somewhere in a column of ``searched`` text."""
    words = _exact(text).split()[:_MOST_WORDS]
    return and_(true(), *(column.contains(word, autoescape=True) for word in words))


def plain(text: str) -> str:
    """The text without diacritics and capitals, as words are compared that may be written so."""
    return _plain(_exact(text))


def _exact(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def _plain(text: str) -> str:
    # Looked at one by one, all letters of a text cost more than all else that is made of it.
    return _BEYOND_ASCII.sub(lambda found: _without_marks(found[0]), text)


@lru_cache(maxsize=1_000)
def _without_marks(letters: str) -> str:
    """Kept: å, ä and ö are nearly all of them."""
    apart = unicodedata.normalize("NFD", letters.translate(_NO_MARKS_TO_TAKE_OFF))
    return "".join(filterfalse(unicodedata.combining, apart))
