"""Adds rows to the access log: one statement, which also says why, from what the tables hold."""

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Text,
    bindparam,
    cast,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite

from infra.access.tables import POSITIONS, accesses

NO_REASON: Final[ColumnElement[str]] = literal_column("'none'", Text)
_NO_ROW: Final[ColumnElement[int]] = literal_column("0", Integer)
GIVEN: Final = tuple(
    each.name for each in accesses.columns if each.name not in {"position", "reason"}
)
"""What the statement's parameters are called; each must be given."""


def adding(
    dialect: str, reason: ColumnElement[str], where: ColumnElement[bool] | None = None
) -> Any:  # noqa: ANN401  an insert of either dialect
    """The statement that adds a row, if ``where`` holds and it is not there yet, and gives its id.

    On SQLite its transaction must be one that writes from its beginning. On PostgreSQL positions
    are handed out while the transaction has the lock that an INSERT takes: ``infra.access.leaves``
    builds on that.
    """
    given = [_given(accesses.c[name]) for name in GIVEN]
    if dialect == "postgresql":
        make: Any = postgresql.insert
        position: Any = literal_column(f"nextval('{POSITIONS}')", BigInteger)
    else:
        make = sqlite.insert
        of_agency = accesses.alias("earlier").c
        position = (
            select(func.coalesce(func.max(of_agency.position), _NO_ROW) + literal_column("1"))
            .where(of_agency.agency_id == bindparam("agency_id", type_=Text))
            .scalar_subquery()
        )
    row = select(*given, position, reason)
    if where is not None:
        row = row.where(where)
    names = [*GIVEN, "position", "reason"]
    new = make(accesses).from_select(names, row).on_conflict_do_nothing(index_elements=["row_id"])
    return new.returning(accesses.c.row_id)


def _given(column: Any) -> ColumnElement[Any]:  # noqa: ANN401  a column of the table
    # A parameter alone has no type in a SELECT.
    return cast(bindparam(column.name, type_=column.type), column.type)
