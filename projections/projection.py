"""What a projection is: a name, a schema version, its tables and a fold over batches of the log."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ForeignKeyConstraint,
    MetaData,
    Select,
    Table,
    UniqueConstraint,
)

from domain.events import EVENTS
from domain.log_entry import LogEntry
from projections.store import Store, Tables

Derive = Callable[[Tables], Select[*tuple[Any, ...]]]
"""Gives the query that a derived table's rows are made by."""

Concerned = Callable[[LogEntry], Iterable[UUID]]
"""Names the streams, beside its own, whose rows an entry changes."""


def no_tables() -> Mapping[str, Derive]:
    """Derive nothing."""
    return {}


def no_others() -> Mapping[str, Concerned]:
    """Change rows of no other streams."""
    return {}


@dataclass(frozen=True, kw_only=True, eq=False)
class Projection:
    """A read model. Count ``version`` up when tables or fold change: it is then built anew.

    ``fold`` gets entries in position order, each exactly once, and must depend on nothing but
    them and the rows of its store: no clock, no other projection's tables, no order of a set.
    With ``topics`` it gets only the entries of these topics; what is left out must be ``known``.

    A rebuild folds some streams after the others. A fold then gets the entries of these streams,
    and those of others with a topic of ``across`` that concern one of them; it
    writes the rows whose stream the store ``owns``. Rows of ``derived`` tables are, whenever all
    others are written, what these queries give, with the table's columns in order: a rebuild makes
    them at its end.
    """

    name: str
    version: int
    metadata: MetaData
    fold: Callable[[Sequence[LogEntry], Store], None]
    topics: frozenset[str] | None = None
    known: Collection[str] = field(default_factory=EVENTS.keys)
    across: Mapping[str, Concerned] = field(default_factory=no_others)
    derived: Mapping[str, Derive] = field(default_factory=no_tables)

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
        """Leave out the topics this projection does not fold.

        Raises:
            Exception: what making an event raises whose topic this program does not know. Another
                program wrote it: nobody here can say whether it changes a row, or who may read it.
        """
        if self.topics is None:
            return entries
        wanted = [entry for entry in entries if entry.topic in self.topics]
        if len(wanted) < len(entries):
            for entry in entries:
                if entry.topic not in self.topics and entry.topic not in self.known:
                    entry.event  # noqa: B018  made only to be refused by its name
        return wanted


def copy_name(name: str, generation: int) -> str:
    """Name a table or index of one generation: index names are unique in the whole schema."""
    return f"{name}__g{generation}"


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
