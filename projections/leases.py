"""Who leads what: leases of a few seconds that workers renew, kept in the database of the log.

Times are the database's clock, in microseconds: the clocks of the workers' machines do not count.
Every step is one statement of its own, so a worker that is stopped in the middle holds no lock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    String,
    Table,
    and_,
    case,
    delete,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from projections import checkpoints
from projections.checkpoints import Checkpoint
from projections.columns import Json

LENGTH_SECONDS: Final = 3.0
SECOND: Final = 1_000_000
NOBODY: Final = ""
_LENGTH: Final = int(LENGTH_SECONDS * SECOND)
_FORGOTTEN: Final = 3_600 * SECOND

leases: Final = Table(
    "projection_leases",
    checkpoints.METADATA,
    Column("name", String(100), primary_key=True),
    Column("holder", String(200), nullable=False),
    Column("term", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("stopped", Json),
)
workers: Final = Table(
    "projection_workers",
    checkpoints.METADATA,
    Column("holder", String(200), primary_key=True),
    Column("wants", Json, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
)


@dataclass(frozen=True, kw_only=True)
class Lease:
    """Who leads a projection, in which term; ``holder`` is NOBODY when no lease runs.

    ``free_seconds`` tells for how long nobody has led it. ``stopped`` is what the last leader
    failed on, if it gave up.
    """

    name: str
    holder: str
    term: int
    free_seconds: float
    stopped: Mapping[str, Any] | None

    @property
    def leader(self) -> str | None:
        """Who leads, for people."""
        return self.holder or None


@dataclass(frozen=True, kw_only=True)
class Colleague:
    """A living worker, and the leases it would take if they were free."""

    holder: str
    wants: Sequence[str]


def find(db: Connection) -> dict[str, Lease]:
    """All leases by name."""
    now = now_of(db)
    found = db.execute(select(leases, now.label("now"))).mappings()
    return {row["name"]: _lease(row) for row in found}


def standing(db: Connection) -> dict[str, tuple[Checkpoint, Lease | None]]:
    """All checkpoints by name, each with the lease of what it is the checkpoint of."""
    points = checkpoints.table
    here = [column.label(f"lease_{column.name}") for column in leases.columns]
    query = select(points, *here, now_of(db).label("lease_now")).outerjoin(
        leases, leases.c.name == points.c.name
    )
    found: dict[str, tuple[Checkpoint, Lease | None]] = {}
    for row in db.execute(query).mappings():
        checkpoint = Checkpoint(**{column.name: row[column.name] for column in points.columns})
        of_lease = {name.removeprefix("lease_"): row[name] for name in row if "lease_" in name}
        lease = _lease(of_lease) if of_lease["name"] is not None else None
        found[checkpoint.name] = (checkpoint, lease)
    return found


def stands_still(there: Checkpoint, lease: Lease | None) -> bool:
    """Whether a projection has not been folded since its last leader gave up."""
    return (
        lease is not None
        and lease.stopped is not None
        and lease.stopped["position"] > there.position
    )


def colleagues(db: Connection) -> list[Colleague]:
    """All living workers."""
    query = select(workers.c.holder, workers.c.wants).where(_runs(workers, now_of(db)))
    return [Colleague(holder=holder, wants=wants) for holder, wants in db.execute(query)]


def announce(db: Connection, holder: str, wants: Sequence[str]) -> None:
    """Say that this worker lives and what it would lead."""
    insert = _insert(db)(workers).values(
        holder=holder, wants=list(wants), expires_at=now_of(db) + _LENGTH
    )
    renewed = {name: insert.excluded[name] for name in ("wants", "expires_at")}
    db.execute(insert.on_conflict_do_update(index_elements=["holder"], set_=renewed))


def leave(db: Connection, holder: str) -> None:
    """Take this worker out, and whoever died long ago."""
    long_ago = workers.c.expires_at < now_of(db) - _FORGOTTEN
    db.execute(delete(workers).where(or_(workers.c.holder == holder, long_ago)))


def take(db: Connection, holder: str, names: Sequence[str]) -> dict[str, int]:
    """Renew the leases this worker holds and take those that do not run; gives their terms.

    A lease taken from somebody else, or after nobody, begins a new term.
    """
    if not names:
        return {}
    now = now_of(db)
    # Sorted: two workers must not wait for each other's rows.
    insert = _insert(db)(leases).values(
        [
            {
                "name": name,
                "holder": holder,
                "term": _first_term(name),
                "expires_at": now + _LENGTH,
                "stopped": None,
            }
            for name in sorted(names)
        ]
    )
    renewing = leases.c.holder == holder
    taken = insert.on_conflict_do_update(
        index_elements=["name"],
        set_={
            "holder": holder,
            "term": leases.c.term + case((renewing, 0), else_=1),
            "expires_at": now + _LENGTH,
        },
        where=or_(renewing, ~_runs(leases, now)),
    ).returning(leases.c.name, leases.c.term)
    return {row.name: row.term for row in db.execute(taken)}


def give_up(
    db: Connection, holder: str, names: Sequence[str], stopped: Mapping[str, Any] | None = None
) -> None:
    """Let others have these leases at once; ``stopped`` says what this worker failed on."""
    values: dict[str, Any] = {"holder": NOBODY, "expires_at": now_of(db)}
    if stopped is not None:
        values["stopped"] = dict(stopped)
    db.execute(
        update(leases)
        .where(leases.c.holder == holder, leases.c.name.in_(sorted(names)))
        .values(values)
    )


def now_of(db: Connection) -> ColumnElement[int]:
    """The database's clock."""
    if db.dialect.name == "postgresql":
        return literal_column(
            "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint", BigInteger
        )
    return literal_column(
        "CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)", BigInteger
    )


def _runs(of: Table, now: ColumnElement[int]) -> ColumnElement[bool]:
    # What ends in a far future was written before the clock was set back: nobody renews it.
    return and_(of.c.expires_at > now, of.c.expires_at <= now + 2 * _LENGTH)


def _first_term(name: str) -> ColumnElement[int]:
    """One later than any the checkpoint has known, should the leases have been emptied."""
    known = select(checkpoints.table.c.term).where(checkpoints.table.c.name == name)
    return func.coalesce(known.scalar_subquery(), 0) + 1


def _lease(row: Mapping[Any, Any]) -> Lease:
    ago = row["now"] - row["expires_at"]
    runs = row["holder"] != NOBODY and -2 * _LENGTH <= ago < 0
    return Lease(
        name=row["name"],
        holder=row["holder"] if runs else NOBODY,
        term=row["term"],
        free_seconds=0.0 if runs else abs(ago) / SECOND,
        stopped=row["stopped"],
    )


def _insert(db: Connection) -> Any:  # noqa: ANN401  the two dialects' inserts share no type
    return postgresql.insert if db.dialect.name == "postgresql" else sqlite.insert
