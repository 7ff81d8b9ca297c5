"""Reads the access log: what was read of one issue, and by whom in one agency.

For a page: ``rows_about(db, issue_id)`` gives everybody who opened an issue; ``rows_of(db,
agency_id, since, until)`` an agency's own log between two times, with ``count_of`` beside it. Both
give the newest row first; ``after=last.key`` gives the page after the one that ended with ``last``.
Whoever shows them decides who may see them: an agency's rows are for that agency's manager alone.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, TypeAlias
from uuid import UUID

from sqlalchemy import Connection, Select, desc, func, literal, select, tuple_

from domain.access import AccessKind, AccessReason, NameSought
from infra.access.rows import AccessRow
from infra.access.tables import accesses

Key: TypeAlias = tuple[datetime, UUID]
"""``AccessRow.key``."""
PAGE: Final = 100

_column = accesses.c
_WORDS: Final[dict[str, dict[str, StrEnum]]] = {
    "kind": {each.value: each for each in AccessKind},
    "reason": {each.value: each for each in AccessReason},
    "name_sought": {each.value: each for each in NameSought},
}


def rows_about(
    db: Connection,
    issue_id: UUID,
    *,
    agency_id: str | None = None,
    after: Key | None = None,
    limit: int = PAGE,
) -> list[AccessRow]:
    """What was done with an issue, by everybody or by the users of one agency, newest first."""
    query = select(accesses).where(_column.issue_id == issue_id)
    if agency_id is not None:
        query = query.where(_column.agency_id == agency_id)
    return _page(db, query, after, limit)


def rows_of(
    db: Connection,
    agency_id: str,
    since: datetime,
    until: datetime,
    *,
    kinds: Collection[AccessKind] = (),
    reasons: Collection[AccessReason] = (),
    after: Key | None = None,
    limit: int = PAGE,
) -> list[AccessRow]:
    """An agency's log from a time to another, that one not included, newest first.

    ``kinds`` and ``reasons`` leave out all others; none of them leaves out nothing.
    """
    query = _between(select(accesses), agency_id, since, until)
    if kinds:
        query = query.where(_column.kind.in_([each.value for each in kinds]))
    if reasons:
        query = query.where(_column.reason.in_([each.value for each in reasons]))
    return _page(db, query, after, limit)


def count_of(db: Connection, agency_id: str, since: datetime, until: datetime) -> int:
    """How many rows an agency's log has from a time to another, that one not included."""
    query = _between(select(func.count()).select_from(accesses), agency_id, since, until)
    return db.scalar(query) or 0


def rows_named(db: Connection, row_ids: Sequence[UUID]) -> dict[UUID, AccessRow]:
    """The rows with these ids, as far as there are any."""
    found = db.execute(select(accesses).where(_column.row_id.in_(row_ids)))
    return {row.row_id: row for row in map(row_from, found)}


def rows_after(
    db: Connection, agency_id: str, position: int, until: int, limit: int
) -> list[AccessRow]:
    """An agency's rows after one position up to another, in the order of their positions."""
    query = select(accesses).where(
        _column.agency_id == agency_id, _column.position > position, _column.position <= until
    )
    rows = db.execute(query.order_by(_column.position).limit(limit))
    return [AccessRow(**_as_written(row)) for row in rows]


def _as_written(row: Any) -> dict[str, Any]:  # noqa: ANN401  as below
    """A row to be held against what was sealed: it may say what the program never says."""
    said = dict(row._mapping)  # noqa: SLF001  as below
    return said | {name: known.get(said[name], said[name]) for name, known in _WORDS.items()}


def row_from(row: Any) -> AccessRow:  # noqa: ANN401  a row of the table
    """A row of the table as what it says."""
    said = dict(row._mapping)  # noqa: SLF001  the public name of it in SQLAlchemy
    said["kind"], said["reason"] = AccessKind(said["kind"]), AccessReason(said["reason"])
    if said["name_sought"] is not None:
        said["name_sought"] = NameSought(said["name_sought"])
    return AccessRow(**said)


def _between(query: Select[Any], agency_id: str, since: datetime, until: datetime) -> Select[Any]:
    return query.where(_column.agency_id == agency_id, _column.at >= since, _column.at < until)


def _page(db: Connection, query: Select[Any], after: Key | None, limit: int) -> list[AccessRow]:
    if after is not None:
        at, row_id = after
        edge = tuple_(literal(at, _column.at.type), literal(row_id, _column.row_id.type))
        query = query.where(tuple_(_column.at, _column.row_id) < edge)
    query = query.order_by(desc(_column.at), desc(_column.row_id)).limit(limit)
    return [row_from(row) for row in db.execute(query)]
