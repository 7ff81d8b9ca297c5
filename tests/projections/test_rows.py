"""Rows: one read, one write a table and batch, whatever happens in between."""

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, Engine, Table, insert, select

from projections.columns import beyond
from projections.row_statements import upsert
from projections.rows import Rows, write
from tests.projections.toys import FIRST_AT, lines, place, statements, visits, whereabouts


@pytest.fixture(autouse=True)
def tables(engine: Engine) -> None:
    whereabouts().metadata.create_all(engine)
    lines.create(engine)


def writing(engine: Engine) -> AbstractContextManager[Connection]:
    return engine.execution_options(writes=True).begin()


def a_place(issue: int, agency: str = "police", since_at: datetime = FIRST_AT) -> dict[str, Any]:
    return {"issue_id": UUID(int=issue), "agency": agency, "since_at": since_at, "path": [agency]}


def rows_of(db: Connection, table: Table, keys: Iterable[Any] = ()) -> Rows:
    rows = Rows(table, lambda: nullcontext(db))
    rows.prefetch(keys)
    return rows


def stored_agencies(engine: Engine) -> dict[int, str]:
    with engine.connect() as db:
        query = select(place.c.issue_id, place.c.agency).order_by(place.c.issue_id)
        return {issue_id.int: agency for issue_id, agency in db.execute(query)}


def test_many_changes_of_one_row_are_one_read_and_one_write(engine: Engine) -> None:
    with writing(engine) as db:
        upsert(db, place, [a_place(1), a_place(2)])
    with statements(engine) as sent, writing(engine) as db:
        rows = rows_of(db, place, [UUID(int=n) for n in (1, 2, 3, 1)])
        for agency in ("district", "social", "police", "district"):
            for issue in (1, 2):
                row = rows.change(UUID(int=issue))
                assert row is not None
                row["agency"] = agency
        rows.put(a_place(3, "social"))
        write(db, place, rows.changes())
    assert [s.split()[0] for s in sent if not s.startswith("BEGIN")] == ["SELECT", "INSERT"]
    assert rows.single_reads == 0
    assert stored_agencies(engine) == {1: "district", 2: "district", 3: "social"}


def test_read_rows_are_not_written(engine: Engine) -> None:
    with writing(engine) as db:
        upsert(db, place, [a_place(1)])
        rows = rows_of(db, place, [UUID(int=1)])
        row = rows.get(UUID(int=1))
        assert row == a_place(1)
        with statements(engine) as sent:
            write(db, place, rows.changes())
    assert sent == []


def test_delete_and_put_in_any_order(engine: Engine) -> None:
    with writing(engine) as db:
        upsert(db, place, [a_place(n) for n in (1, 2, 3)])
        rows = rows_of(db, place, [UUID(int=n) for n in (1, 2, 3, 4)])
        rows.delete(UUID(int=1))
        rows.delete(UUID(int=2))
        rows.put(a_place(2, "social"))
        rows.put(a_place(4))
        rows.delete(UUID(int=4))
        assert [rows.get(UUID(int=n)) is not None for n in (1, 2, 3, 4)] == [
            False,
            True,
            True,
            False,
        ]
        assert rows.get(UUID(int=1)) is None
        write(db, place, rows.changes())
    assert stored_agencies(engine) == {2: "social", 3: "police"}


def test_composite_keys(engine: Engine) -> None:
    with writing(engine) as db:
        upsert(
            db,
            visits,
            [{"agency": a, "issue_id": UUID(int=1), "times": 1} for a in ("police", "social")],
        )
        rows = rows_of(db, visits, [("police", UUID(int=1)), ("district", UUID(int=1))])
        police = rows.change(("police", UUID(int=1)))
        assert police is not None
        police["times"] = 7
        assert rows.get(("district", UUID(int=1))) is None
        rows.delete(("social", UUID(int=1)))
        write(db, visits, rows.changes())
        assert db.execute(select(visits.c.agency, visits.c.times)).all() == [("police", 7)]


def test_rows_of_one_issue_are_read_together(engine: Engine) -> None:
    with writing(engine) as db:
        upsert(
            db,
            visits,
            [
                {"agency": agency, "issue_id": UUID(int=issue), "times": issue}
                for agency in ("police", "social")
                for issue in (1, 2, 3)
            ],
        )
        rows = rows_of(db, visits, [("police", UUID(int=1))])
        changed = rows.change(("police", UUID(int=1)))
        assert changed is not None
        changed["times"] = 10
        rows.prefetch_by("issue_id", [UUID(int=1), UUID(int=2)])
        with statements(engine) as sent:
            found = {issue: rows.by("issue_id", UUID(int=issue)) for issue in (1, 2)}
        assert sent == []
        assert sorted((r["agency"], r["times"]) for r in found[1]) == [
            ("police", 10),
            ("social", 1),
        ]
        assert sorted((r["agency"], r["times"]) for r in found[2]) == [("police", 2), ("social", 2)]


def test_rows_of_one_issue_follow_what_is_put_and_deleted(engine: Engine) -> None:
    with writing(engine) as db:
        rows = rows_of(db, visits)
        for agency in ("police", "social"):
            rows.put({"agency": agency, "issue_id": UUID(int=1), "times": 1})
        assert len(rows.by("issue_id", UUID(int=1))) == 2
        assert rows.single_reads == 1
        rows.delete(("police", UUID(int=1)))
        rows.put({"agency": "district", "issue_id": UUID(int=1), "times": 1})
        agencies = [row["agency"] for row in rows.by("issue_id", UUID(int=1))]
        assert sorted(agencies) == ["district", "social"]
        assert rows.by("issue_id", UUID(int=2)) == []


def test_more_keys_than_fit_in_one_statement(engine: Engine) -> None:
    with writing(engine) as db:
        upsert(db, place, [a_place(n) for n in range(10_500)])
        with statements(engine) as sent:
            rows = rows_of(db, place, [UUID(int=n) for n in range(11_000)])
            there = [rows.get(UUID(int=n)) is not None for n in range(11_000)]
        assert len(sent) == 3
        assert there == [True] * 10_500 + [False] * 500
        for n in range(0, 10_500, 2):
            rows.delete(UUID(int=n))
        write(db, place, rows.changes())
    assert len(stored_agencies(engine)) == 5_250


def test_a_key_met_late_is_read_and_counted(engine: Engine) -> None:
    with writing(engine) as db:
        upsert(db, place, [a_place(1)])
        rows = rows_of(db, place)
        assert rows.get(UUID(int=1)) == a_place(1)
        assert rows.get(UUID(int=2)) is None
        assert rows.get(UUID(int=2)) is None
        assert rows.single_reads == 2


def test_a_line_folded_twice_is_one_line(engine: Engine) -> None:
    with writing(engine) as db:
        for _ in range(2):
            upsert(db, lines, [{"position": n, "text_sv": "till police"} for n in (1, 2)])
        assert db.execute(select(lines.c.position).order_by(lines.c.position)).scalars().all() == [
            1,
            2,
        ]


def test_unknown_column_and_changed_key_are_refused(engine: Engine) -> None:
    with writing(engine) as db:
        rows = rows_of(db, place)
        with pytest.raises(KeyError, match="place has no column colour"):
            rows.put({**a_place(1), "colour": "red"})
        row = rows.put(a_place(1))
        row["issue_id"] = UUID(int=2)
        with pytest.raises(ValueError, match="key of a row was changed"):
            write(db, place, rows.changes())


def test_a_uuid_as_text_is_refused(engine: Engine) -> None:
    with writing(engine) as db, pytest.raises(Exception, match="a UUID is needed here, not str"):
        db.execute(insert(place), [{**a_place(1), "issue_id": str(UUID(int=1))}])


@pytest.mark.parametrize("descending", [False, True])
def test_keyset_pages_show_every_row_once(engine: Engine, *, descending: bool) -> None:
    # Two rows a minute: pages end between rows of the same time.
    every = [a_place(n, since_at=FIRST_AT + timedelta(minutes=n // 2)) for n in range(11)]
    with writing(engine) as db:
        upsert(db, place, every)
    columns = (place.c.since_at, place.c.issue_id)
    order = [column.desc() if descending else column for column in columns]
    shown: list[int] = []
    with engine.connect() as db:
        query = select(*columns).order_by(*order).limit(3)
        page = db.execute(query).all()
        while page:
            shown += [issue_id.int for _, issue_id in page]
            later = query.where(beyond(columns, tuple(page[-1]), descending=descending))
            page = db.execute(later).all()
    assert shown == (list(range(10, -1, -1)) if descending else list(range(11)))
