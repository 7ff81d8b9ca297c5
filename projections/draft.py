"""What a leader's fold of one batch came to, and the one call in which PostgreSQL writes it.

All of a call reaches the server before any of it is carried out, and it commits by itself: a
leader that is stopped while it sends, or waits for the answer, leaves no lock behind.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Dialect, Table

from projections.checkpoints import Checkpoint
from projections.columns import UtcDateTime
from projections.projection import Projection
from projections.row_statements import delete_by_key, keys_as_json, rows_as_json, upsert_whole
from projections.rows import Changes

MOVED: Final = "SM001"
"""The SQLSTATE of a call that found a checkpoint elsewhere and wrote nothing."""
_UTC: Final = UtcDateTime()
_ARGUMENTS: Final = ("text", "bigint", "integer", "integer", "bigint", "bigint", "bigint")


@dataclass(frozen=True, kw_only=True)
class Draft:
    """Rows to be written if the checkpoint is still ``old``, which they move to ``position``."""

    projection: Projection
    old: Checkpoint
    position: int
    changes: Sequence[tuple[Table, Changes]]
    wanted: int
    """Entries of the batch that the projection folds."""


def new_checkpoint(draft: Draft) -> Checkpoint:
    """Give the checkpoint as it is once the draft is written."""
    return replace(draft.old, position=draft.position, updated_at=datetime.now(UTC))


def function(projection: Projection, dialect: Dialect) -> str:
    """The statement that makes a projection's function, for one session.

    Its plans are made once. A table that nothing is written to costs nothing.
    """
    steps: list[str] = []
    for at, (_, table) in enumerate(projection.tables):
        gone, rows = f"${len(_ARGUMENTS) + 2 * at + 1}", f"${len(_ARGUMENTS) + 2 * at + 2}"
        # Deleted first: a new row may take over a unique value of a deleted one.
        steps += [
            f"IF {gone} IS NOT NULL THEN {delete_by_key(table, dialect, gone)}; END IF;",
            f"IF {rows} IS NOT NULL THEN {upsert_whole(table, dialect, rows)}; END IF;",
        ]
    types = ", ".join([*_ARGUMENTS, *["json"] * len(steps)])
    return f"""CREATE OR REPLACE FUNCTION {_name(projection)}({types})
RETURNS void LANGUAGE plpgsql AS $samsyn$
#variable_conflict use_column
BEGIN
    UPDATE projection_checkpoints SET position = $6, updated_at = $7
    WHERE name = $1 AND position = $2 AND generation = $3 AND version = $4 AND term = $5;
    IF NOT FOUND THEN
        RAISE SQLSTATE '{MOVED}';
    END IF;
    {" ".join(steps)}
END $samsyn$"""  # noqa: S608  names of our own tables, no values


def call(
    drafts: Sequence[tuple[Draft, Checkpoint]], dialect: Dialect
) -> tuple[str, tuple[Any, ...]]:
    """The one statement that writes the drafts and their new checkpoints, and its parameters."""
    calls: list[str] = []
    given: list[str | None] = []
    for draft, new in drafts:
        old = draft.old
        numbers = (old.position, old.generation, old.version, old.term, new.position)
        at = _UTC.process_bind_param(new.updated_at, dialect)
        # All as text: the driver would choose other types, and statements, for other numbers.
        mine: list[str | None] = [old.name, *map(str, numbers), str(at)]
        mine += _rows(draft, dialect)
        calls.append(f"{_name(draft.projection)}({', '.join(['%s'] * len(mine))})")
        given += mine
    return f"SELECT {', '.join(calls)}", tuple(given)


def _rows(draft: Draft, dialect: Dialect) -> list[str | None]:
    gone: dict[str, str | None] = {}
    rows: dict[str, str | None] = {}
    for table, changes in draft.changes:
        keys = keys_as_json(table, changes.gone, dialect)
        gone[table.name] = _joined(gone.get(table.name), keys)
        rows[table.name] = _joined(rows.get(table.name), rows_as_json(table, changes.rows, dialect))
    given: list[str | None] = []
    for name, _ in draft.projection.tables:
        given += [gone.get(name), rows.get(name)]
    return given


def _joined(one: str | None, other: str | None) -> str | None:
    """Two arrays of JSON as one; None is an empty one."""
    return f"{one[:-1]},{other[1:]}" if one and other else one or other


def _name(projection: Projection) -> str:
    return f'pg_temp."samsyn_fold_{projection.name}"'
