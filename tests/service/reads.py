"""What the access log says of somebody, for tests that read on their behalf."""

from collections.abc import Sequence

from sqlalchemy import select

from infra.access.rows import AccessRow
from infra.access.store import row_from
from infra.access.tables import accesses
from tests.examples import Started


def rows(started: Started, user_id: str | None = None) -> list[AccessRow]:
    """Every row, or those of one user, in the order in which they were written."""
    with started.samsyn.engine.connect() as db:
        query = select(accesses).order_by(accesses.c.row_id)
        if user_id is not None:
            query = query.where(accesses.c.user_id == user_id)
        return [row_from(row) for row in db.execute(query)]


def new_rows(started: Started, known: Sequence[AccessRow]) -> list[AccessRow]:
    """The rows that were not there before."""
    before = {row.row_id for row in known}
    return [row for row in rows(started) if row.row_id not in before]
