"""The access log as what the sealing reads: an agency's rows in an order in which none come late.

Many pages add rows at once and are done in any order, so a row may be seen before one with a lower
position. On PostgreSQL whoever adds one holds a lock on the table from before its position is
handed out until it is done and seen. So when all are done that held one when a position was the
highest, no row below that position can come any more. No other transaction matters, however long
it takes. On SQLite one transaction adds at a time.
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, Engine, text

from infra.access.rows import leaf_of_row
from infra.access.store import rows_after
from infra.access.tables import POSITIONS, accesses
from infra.audit.leaf import Leaf, Leaves
from infra.database import without_transactions

KIND: Final = "access/"
"""Begins the kind of log that holds an agency's rows; the agency follows."""
_ALL: Final = 2**63 - 1
_HANDED_OUT: Final = text(f"SELECT last_value FROM {POSITIONS}")  # noqa: S608  a name of ours
# The lock that an INSERT takes on its table; pg_locks shows those of the other databases too.
_ADDING: Final = text(
    "SELECT virtualtransaction FROM pg_locks WHERE locktype = 'relation' "  # noqa: S608  as above
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
    f"AND relation = '{accesses.name}'::regclass AND mode = 'RowExclusiveLock'"
)


def kind_of_agency(agency_id: str) -> str:
    """The kind of the tree over an agency's access log."""
    return f"{KIND}{agency_id}"


class AccessLeaves:
    """Gives leaves of all agencies' logs; not for several threads at once."""

    def __init__(self, engine: Engine) -> None:
        # Each statement must see what is committed when it begins.
        self._engine = without_transactions(engine)
        self._settled = 0
        self._awaited: tuple[int, frozenset[str]] | None = None

    def of(self, agency_id: str) -> Leaves:
        """What gives the leaves of an agency's log after a position."""

        def after(position: int, limit: int) -> Sequence[Leaf]:
            until = self._until()
            with self._engine.connect() as db:
                rows = rows_after(db, agency_id, position, until, limit)
            return [leaf_of_row(row) for row in rows]

        return after

    def _until(self) -> int:
        """The position up to which every row is there that ever will be."""
        if self._engine.dialect.name != "postgresql":
            return _ALL
        with self._engine.connect() as db:
            if self._awaited is None:
                handed_out = db.execute(_HANDED_OUT).scalar_one()
                # Asked for afterwards: whoever has one of those positions is done or among them.
                self._awaited = handed_out, _those_adding(db)
            handed_out, awaited = self._awaited
            if not awaited or not awaited & _those_adding(db):
                self._settled, self._awaited = handed_out, None
        return self._settled


def _those_adding(db: Connection) -> frozenset[str]:
    return frozenset(db.scalars(_ADDING))
