"""Users under other names: the same one throughout an export, and nobody can tell whose it is.

A keyed hash (HMAC, RFC 2104): without the key the names cannot be made from a list of users and
compared. The key lives as long as the export and is written nowhere, so that two exports cannot be
joined by them. It is pseudonymisation in the words of GDPR article 4.5, not anonymity: who knows
the work knows the people.
"""

import hmac
import secrets
from typing import Final

_KEY_BYTES: Final = 32
_HEX_DIGITS: Final = 16
"""64 bits: among a million users two get the same name once in 30 million exports."""


class Pseudonyms:
    """The names of one export, given out as users are met."""

    def __init__(self, key: bytes | None = None) -> None:
        self._key = secrets.token_bytes(_KEY_BYTES) if key is None else key
        self._given: dict[str, str] = {}

    def of(self, user_id: str) -> str:
        """The name of a user."""
        given = self._given.get(user_id)
        if given is None:
            digest = hmac.digest(self._key, user_id.encode(), "sha256").hex()
            given = self._given[user_id] = digest[:_HEX_DIGITS]
        return given

    def given(self) -> list[str]:
        """Every name that was given out, in an order that tells nothing."""
        return sorted(self._given.values())
