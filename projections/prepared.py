"""Queries of the hot path: built and compiled once, then they cost little more than their rows."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Dialect, SelectBase

from projections.columns import column_reader
from projections.viewer import Viewer
from projections.visibility import kind_of, values_of

Shape = TypeVar("Shape", bound=Hashable)
Convert = Callable[[Any], Any]


class Prepared(Generic[Shape]):
    """A query, in one statement for each shape and kind of viewer.

    ``build`` makes the statement. Whatever differs between two viewers of a kind, or between two
    questions of a shape, must be a named parameter in it: one statement serves them all. With
    ``order`` the rows are sorted by so many of the first columns.
    """

    def __init__(self, build: Callable[[Viewer, Shape], SelectBase], order: int = 0) -> None:
        self._build = build
        self._order = order
        self._statements: dict[Hashable, _Statement] = {}

    def rows(
        self,
        db: Connection,
        viewer: Viewer,
        shape: Shape,
        given: Mapping[str, Any],
        most: int | None = None,
    ) -> list[tuple[Any, ...]]:
        """Ask; gives plain tuples of the statement's columns, ``most`` of them at most.

        Raises:
            KeyError: a parameter of the statement is not given.
        """
        key = (db.dialect.name, kind_of(viewer), shape)
        statement = self._statements.get(key)
        if statement is None:
            # Two threads may both make it: the same one, so it does not matter whose is kept.
            statement = _Statement(self._build(viewer, shape), db.dialect)
            self._statements[key] = statement
        rows = statement.ask(db, {**values_of(viewer), **given})
        if self._order:
            # As stored, values sort as they mean.
            rows = sorted(rows, key=lambda row: tuple(row[: self._order]))
        return statement.read(rows[:most])


class _Statement:
    def __init__(self, statement: SelectBase, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        self._text = str(compiled)
        self._in_order: Sequence[str] | None = getattr(compiled, "positiontup", None)
        self._binds: dict[str, Convert | None] = {}
        for name, bind in compiled.binds.items():
            if bind.unique:
                # It would keep for everybody the value of whoever asked first.
                raise ValueError(f"a prepared query has a parameter without a name: {name}")
            self._binds[name] = bind.type.dialect_impl(dialect).bind_processor(dialect)
        readers = [column_reader(each.type, dialect) for each in statement.selected_columns]
        self._readers = [(at, read) for at, read in enumerate(readers) if read is not None]

    def ask(self, db: Connection, given: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        values = {
            name: given[name] if convert is None else convert(given[name])
            for name, convert in self._binds.items()
        }
        parameters: Any = values
        if self._in_order is not None:
            parameters = tuple(values[name] for name in self._in_order)
        return db.exec_driver_sql(self._text, parameters).all()

    def read(self, rows: Sequence[Sequence[Any]]) -> list[tuple[Any, ...]]:
        columns: list[Any] = list(zip(*rows, strict=True))
        if columns:
            for at, read in self._readers:
                columns[at] = read(columns[at])
        return list(zip(*columns, strict=True))
