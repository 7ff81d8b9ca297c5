"""Queries of the hot path: built and compiled once, then they cost little more than their rows."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from operator import itemgetter
from typing import Any, Final, Generic, Protocol, TypeVar

from sqlalchemy import Connection, Dialect, SelectBase, UpdateBase
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from projections.columns import column_reader
from projections.viewer import Viewer
from projections.visibility import kind_of, values_of

Shape = TypeVar("Shape", bound=Hashable)
T = TypeVar("T")
U = TypeVar("U")
Convert = Callable[[Any], Any]
Rows = list[tuple[Any, ...]]
"""Plain tuples of a statement's columns."""


_ON_A_WIRE: Final = PGDialect_psycopg(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]  # left untyped


class Wire(Protocol):
    """What takes statements with their parameters in order, all at once, and gives their rows."""

    async def ask(self, parts: Sequence[tuple[str, Sequence[Any]]]) -> list[Rows]:
        """The rows of each statement."""
        ...


class Prepared(Generic[Shape]):
    """A query, in one statement for each shape and kind of viewer.

    ``build`` makes the statement; what changes rows gives some of them back. Whatever differs
    between two viewers of a kind, or between two questions of a shape, must be a named parameter in
    it: one statement serves them all. With
    ``order`` the rows are sorted by so many of the first columns. ``kinds`` are what columns are
    read as, by name, where that is more than what the column's type says.
    """

    def __init__(
        self,
        build: Callable[[Viewer, Shape], SelectBase | UpdateBase],
        order: int = 0,
        kinds: Mapping[str, Any] | None = None,
    ) -> None:
        self._build = build
        self._order = order
        self._kinds = kinds or {}
        self._statements: dict[Hashable, Statement] = {}

    def part(
        self, viewer: Viewer, shape: Shape, given: Mapping[str, Any], most: int | None = None
    ) -> "Part":
        """What is to be asked; it gives ``most`` rows at most."""
        return Part(self, viewer, shape, {**values_of(viewer), **given}, most)

    def rows(
        self,
        db: Connection,
        viewer: Viewer,
        shape: Shape,
        given: Mapping[str, Any],
        most: int | None = None,
    ) -> Rows:
        """Ask on a connection; as ``Part.ask``."""
        return self.part(viewer, shape, given, most).ask(db)

    def statement(self, dialect: Dialect, viewer: Viewer, shape: Shape) -> "Statement":
        """The statement for a kind of database."""
        key = (dialect.name, dialect.paramstyle, kind_of(viewer), shape)
        statement = self._statements.get(key)
        if statement is None:
            # Two threads may both make it: the same one, so it does not matter whose is kept.
            statement = Statement(self._build(viewer, shape), dialect, self._order, self._kinds)
            self._statements[key] = statement
        return statement


@dataclass(frozen=True)
class Part:
    """One statement and the values of its parameters."""

    prepared: Prepared[Any]
    viewer: Viewer
    shape: Hashable
    given: Mapping[str, Any]
    most: int | None

    def on(self, dialect: Dialect) -> "Statement":
        """The statement for a kind of database."""
        return self.prepared.statement(dialect, self.viewer, self.shape)

    def ask(self, db: Connection) -> Rows:
        """Ask on a connection.

        Raises:
            KeyError: a parameter of the statement is not given.
        """
        statement = self.on(db.dialect)
        rows = db.exec_driver_sql(statement.text, statement.parameters(self.given)).all()
        return statement.read(rows, self.most)


@dataclass(frozen=True)
class Question(Generic[T]):
    """Statements that can go out together, and what their rows say.

    It knows no connection: a thread asks with `ask`, an event loop by sending the parts.
    """

    parts: Sequence[Part]
    tell: Callable[[Sequence[Rows]], T] = field(repr=False)

    def ask(self, db: Connection) -> T:
        """Ask part by part on a connection, in this thread."""
        return self.tell([part.ask(db) for part in self.parts])

    async def ask_on(self, wire: Wire) -> T:
        """Send all parts together and let the event loop go on until their rows have come."""
        if not self.parts:
            return self.tell(())
        asked = [(part, part.on(_ON_A_WIRE)) for part in self.parts]
        found = await wire.ask(
            [(statement.text, statement.parameters(part.given)) for part, statement in asked]
        )
        return self.tell(
            [
                statement.read(rows, part.most)
                for (part, statement), rows in zip(asked, found, strict=True)
            ]
        )

    def then(self, tell: Callable[[T], U]) -> "Question[U]":
        """The same question, whose answer is told further."""
        return Question(self.parts, lambda rows: tell(self.tell(rows)))


def together(questions: Sequence[Question[Any]]) -> Question[list[Any]]:
    """Several questions as one; the answers come in their order."""

    def tell(found: Sequence[Rows]) -> list[Any]:
        left = iter(found)
        return [each.tell(list(islice(left, len(each.parts)))) for each in questions]

    return Question([part for each in questions for part in each.parts], tell)


class Statement:
    """Compiled text, how its parameters are sent and how its rows are read."""

    def __init__(
        self,
        statement: SelectBase | UpdateBase,
        dialect: Dialect,
        order: int,
        kinds: Mapping[str, Any],
    ) -> None:
        compiled = statement.compile(dialect=dialect)
        self.text = str(compiled)
        self._order = order
        self._in_order: Sequence[str] | None = getattr(compiled, "positiontup", None)
        self._binds: dict[str, Convert | None] = {}
        for name, bind in compiled.binds.items():
            if bind.unique:
                # It would keep for everybody the value of whoever asked first.
                raise ValueError(f"a prepared query has a parameter without a name: {name}")
            self._binds[name] = bind.type.dialect_impl(dialect).bind_processor(dialect)
        readers = [
            column_reader(each.type, dialect, kinds.get(str(each.name)))
            for each in statement.exported_columns
        ]
        self._readers = [(at, read) for at, read in enumerate(readers) if read is not None]

    def parameters(self, given: Mapping[str, Any]) -> Any:  # noqa: ANN401  as the driver wants them
        """The values as the driver takes them: by name, or in the order of their places."""
        values = {
            name: given[name] if convert is None else convert(given[name])
            for name, convert in self._binds.items()
        }
        if self._in_order is None:
            return values
        return tuple([values[name] for name in self._in_order])

    def read(self, rows: Sequence[Sequence[Any]], most: int | None) -> Rows:
        """The rows as they mean, in order."""
        if self._order:
            # As stored, values sort as they mean.
            rows = sorted(rows, key=itemgetter(*range(self._order)))
        columns: list[Any] = list(zip(*rows[:most], strict=True))
        if columns:
            for at, read in self._readers:
                columns[at] = read(columns[at])
        return list(zip(*columns, strict=True))
