"""One row of the access log: what it says, its bytes, and the entry of the audit log it becomes."""

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from domain.access import AccessKind, AccessReason, NameSought
from infra.audit.leaf import Leaf, closed_entry, payload_of

_NOT_SAID: Final = frozenset({"position"})
"""Where a row stands is said by the index of its entry."""
_SAID_IF_ANY: Final = frozenset({"words", "name_sought"})


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRow:
    """Who read what, when and why.

    ``agency_id`` is the reader's, whose log it is. Of a list no issue is named, but in ``shape``
    the names of what it was asked by, in ``words`` what was searched for, encrypted by
    ``infra.access.terms``, in ``name_sought`` whose name that was, and in ``found`` how many lines
    were shown, where that was known.
    ``operation`` is the method and the address without its values. ``code`` says how a command was
    refused. ``request_id`` stands in the program's log lines too.
    """

    agency_id: str
    position: int
    row_id: UUID
    at: datetime
    user_id: str
    role: str
    kind: AccessKind
    issue_id: UUID | None
    report_id: UUID | None
    operation: str
    shape: str | None
    found: int | None
    reason: AccessReason
    code: str | None
    request_id: str
    salt: str
    words: str | None = None
    name_sought: NameSought | None = None

    @property
    def key(self) -> tuple[datetime, UUID]:
        """Where the row stands in a list: for the page after it."""
        return self.at, self.row_id


def bytes_of(row: AccessRow) -> bytes:
    """What an entry commits to: all that the row says, with its salt, as sorted JSON.

    Rows of which nothing was sought are as they were before that was kept.
    """
    names = [field.name for field in dataclasses.fields(row) if field.name not in _NOT_SAID]
    said = {name: getattr(row, name) for name in names}
    for name in _SAID_IF_ANY:
        if said[name] is None:
            del said[name]
    return msgspec.json.encode(said, order="sorted")


def leaf_of_row(row: AccessRow) -> Leaf:
    """The closed entry that a row becomes: a time, an id and a commitment, and not whose it is."""
    entry = closed_entry(row.at, row.row_id, payload_of(bytes_of(row)))
    return Leaf(row.position, row.row_id, row.at.year, entry)
