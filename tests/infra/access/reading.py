"""Adds rows to the access log as a reading does, without anything that was read."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, Engine, select

from domain.access import AccessKind
from infra.access.leaves import AccessLeaves, kind_of_agency
from infra.access.rows import AccessRow, leaf_of_row
from infra.access.store import row_from
from infra.access.tables import accesses
from infra.access.writing import NO_REASON, adding
from infra.audit import store
from infra.audit.sequencer import Sequencer
from infra.ids import new_id
from tests.infra.audit.sealing import KEYS, NAME, ticking

BEGAN: Final = datetime(2026, 3, 2, 8, tzinfo=UTC)
_TRIES: Final = 500
_PAUSE_SECONDS: Final = 0.02
_minutes: Final = count()


def read(db: Connection, agency_id: str = "police", **said: Any) -> UUID:
    """Add a row in the transaction of the connection; each is a minute later."""
    row: dict[str, Any] = {
        "agency_id": agency_id,
        "row_id": new_id(),
        "at": BEGAN + timedelta(minutes=next(_minutes)),
        "user_id": "u-pol-01",
        "role": "caseworker",
        "kind": AccessKind.READ.value,
        "issue_id": None,
        "report_id": None,
        "operation": "GET /issues/{issue_id}",
        "shape": None,
        "found": None,
        "code": None,
        "request_id": new_id().hex,
        "salt": "5a" * 16,
        "words": None,
        "name_sought": None,
        **said,
    }
    db.execute(adding(db.dialect.name, NO_REASON), row)
    row_id: UUID = row["row_id"]
    return row_id


def read_some(engine: Engine, number: int, agency_id: str = "police", **said: Any) -> list[UUID]:
    """Add rows, each in a transaction of its own."""
    found: list[UUID] = []
    for _ in range(number):
        with engine.execution_options(writes=True).begin() as db:
            found.append(read(db, agency_id, **said))
    return found


def rows_in_order(engine: Engine, agency_id: str = "police") -> list[AccessRow]:
    """The rows of an agency's log."""
    query = select(accesses).where(accesses.c.agency_id == agency_id)
    with engine.connect() as db:
        return [row_from(row) for row in db.execute(query.order_by(accesses.c.position))]


def sequencer(
    engine: Engine, agency_id: str = "police", clock: Callable[[], datetime] = ticking
) -> Sequencer:
    """What seals an agency's log."""
    return Sequencer(
        engine,
        AccessLeaves(engine).of(agency_id),
        KEYS,
        kind=kind_of_agency(agency_id),
        name=NAME,
        clock=clock,
    )


def seal_all(engine: Engine, sealer: Sequencer, agency_id: str = "police") -> None:
    """Seal every row; whatever else writes to the server may have to be done first."""
    for _ in range(_TRIES):
        sealer.seal()
        if len(entries(engine, agency_id)) == len(rows_in_order(engine, agency_id)):
            return
        time.sleep(_PAUSE_SECONDS)
    raise AssertionError("some rows were not sealed")


def sealed_ids(engine: Engine, agency_id: str = "police") -> list[UUID]:
    """The rows that are sealed, in order; their entries are what the rows give."""
    rows = {leaf_of_row(row).entry: row.row_id for row in rows_in_order(engine, agency_id)}
    return [rows[entry] for entry in entries(engine, agency_id)]


def entries(engine: Engine, agency_id: str = "police") -> Sequence[bytes]:
    """The entries of an agency's tree."""
    with engine.connect() as db:
        tree = store.last_tree(db, kind_of_agency(agency_id))
        return [] if tree is None else store.entries_in(db, tree.tree, 0, 100_000)
