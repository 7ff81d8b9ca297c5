"""What a projection is: a name, a schema version, its tables and a fold over batches of the log."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec
from sqlalchemy import Connection, ForeignKeyConstraint, MetaData, Table, UniqueConstraint, select

from domain.log_entry import LogEntry
from projections.store import Store, Tables

_BYTES_OF_A_HASH = 32
_encoder = msgspec.json.Encoder(order="deterministic")


@dataclass(frozen=True, kw_only=True, eq=False)
class Projection:
    """A read model. Count ``version`` up when tables or fold change: it is then built anew.

    ``fold`` gets entries in position order, each exactly once, and must depend on nothing but
    them and the rows of its store: no clock, no other projection's tables, no order of a set.
    With ``topics`` it gets only the entries of these topics.
    """

    name: str
    version: int
    metadata: MetaData
    fold: Callable[[Sequence[LogEntry], Store], None]
    topics: frozenset[str] | None = None

    def __post_init__(self) -> None:
        for table in self.metadata.tables.values():
            if not table.primary_key.columns:
                raise ValueError(f"{self.name}: table {table.name} has no primary key")
            if any(isinstance(c, ForeignKeyConstraint) for c in table.constraints):
                # A foreign key would tie the copy of one table to the live other one.
                raise ValueError(f"{self.name}: table {table.name} has a foreign key")

    @cached_property
    def tables(self) -> Tables:
        """The live tables."""
        return Tables(self.metadata.tables)

    def copies(self, generation: int) -> tuple[MetaData, Tables]:
        """Describe the tables of a generation as they lie beside the live ones before the swap."""
        beside = MetaData()
        return beside, Tables(
            {name: _copy(table, beside, generation) for name, table in self.tables}
        )

    def wanted(self, entries: Sequence[LogEntry]) -> Sequence[LogEntry]:
        """Leave out the topics this projection does not fold."""
        if self.topics is None:
            return entries
        return [entry for entry in entries if entry.topic in self.topics]


def copy_name(name: str, generation: int) -> str:
    """Name a table or index of one generation: index names are unique in the whole schema."""
    return f"{name}__g{generation}"


def content_hash(db: Connection, tables: Tables) -> str:
    """Hash every row of the tables: equal for equal rows, whatever order they were written in."""
    whole = hashlib.sha256()
    for name, table in tables:
        # The sum of the rows' hashes needs neither sorting nor agreement on how text is sorted.
        total = 0
        rows = db.execute(select(table), execution_options={"yield_per": 1000})
        for row in rows:
            digest = hashlib.sha256(_encoder.encode(tuple(row))).digest()
            total += int.from_bytes(digest)
        total %= 1 << (8 * _BYTES_OF_A_HASH)
        whole.update(name.encode() + b"\0" + total.to_bytes(_BYTES_OF_A_HASH))
    return whole.hexdigest()


def _copy(table: Table, beside: MetaData, generation: int) -> Table:
    copied: Table = table.to_metadata(beside, name=copy_name(table.name, generation))
    named: list[Any] = [
        *copied.indexes,
        *(c for c in copied.constraints if isinstance(c, UniqueConstraint)),
    ]
    for item in named:
        if isinstance(item.name, str):
            item.name = copy_name(item.name, generation)
    return copied
