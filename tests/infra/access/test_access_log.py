"""The access log gives its rows in pages, and seals each once, also those that come late."""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from domain.access import AccessKind
from infra.access.check import access_log_of
from infra.access.leaves import kind_of_agency
from infra.access.rows import AccessRow
from infra.access.store import count_of, rows_about, rows_named, rows_of
from infra.audit.check import check_log
from infra.audit.findings import Checked
from infra.database import connect
from infra.ids import new_id
from tests.infra.access.reading import (
    entries,
    read,
    read_some,
    rows_in_order,
    seal_all,
    sealed_ids,
    sequencer,
)
from tests.infra.audit.sealing import KEYS, as_owner


def ids(rows: Sequence[AccessRow]) -> list[UUID]:
    return [row.row_id for row in rows]


def checked(engine: Engine) -> Checked:
    kind = kind_of_agency("police")
    return check_log(
        engine,
        access_log_of(engine, kind),
        lambda _db, tree: KEYS.public(tree.origin),
        kind,
        lambda _done, _total: None,
    )


def test_rows_come_in_pages_the_newest_first(engine: Engine) -> None:
    issue_id = new_id()
    known = read_some(engine, 7, issue_id=issue_id)
    read_some(engine, 2, "social", issue_id=issue_id)
    read_some(engine, 1)
    with engine.connect() as db:
        first = rows_about(db, issue_id, agency_id="police", limit=4)
        rest = rows_about(db, issue_id, agency_id="police", after=first[-1].key, limit=4)
        assert ids([*first, *rest]) == known[::-1]
        assert len(rows_about(db, issue_id)) == 9
        assert set(rows_named(db, known[:2])) == set(known[:2])


def test_rows_of_an_agency_between_two_times(engine: Engine) -> None:
    known = read_some(engine, 5)
    read_some(engine, 2, "social")
    searches = read_some(engine, 1, kind=AccessKind.SEARCH.value)
    times = [row.at for row in rows_in_order(engine)]
    with engine.connect() as db:
        found = rows_of(db, "police", times[1], times[4])
        assert ids(found) == known[3:0:-1]
        assert count_of(db, "police", times[1], times[4]) == 3
        page = rows_of(db, "police", times[1], times[4], after=found[0].key, limit=1)
        assert ids(page) == [known[2]]
        after = times[-1] + timedelta(minutes=1)
        assert ids(rows_of(db, "police", times[0], after, kinds=[AccessKind.SEARCH])) == searches


def test_the_same_row_sent_twice_is_one(engine: Engine) -> None:
    row_id = new_id()
    for _ in range(2):
        read_some(engine, 1, row_id=row_id)
    assert ids(rows_in_order(engine)) == [row_id]


def test_each_agency_has_a_tree_of_its_own(engine: Engine) -> None:
    police, social = read_some(engine, 3), read_some(engine, 2, "social")
    for agency_id in ("police", "social"):
        seal_all(engine, sequencer(engine, agency_id), agency_id)
    assert sealed_ids(engine) == police
    assert sealed_ids(engine, "social") == social
    known = {name for entry in entries(engine) for name in json.loads(entry)}
    assert known == {"at", "event", "payload", "v"}


def test_a_row_that_is_committed_late_is_not_left_out(postgresql_url: str) -> None:
    engine = connect(postgresql_url)
    sealer = sequencer(engine)
    with engine.begin() as late:
        first = read(late)
        (second,) = read_some(engine, 1)
        # The first one has the lower position and nobody sees it yet.
        assert sealer.seal() == 0
    seal_all(engine, sealer)
    assert sealed_ids(engine) == [first, second]
    engine.dispose()


def test_a_long_transaction_of_somebody_else_holds_nothing_up(postgresql_url: str) -> None:
    engine = connect(postgresql_url)
    sealer = sequencer(engine)
    with engine.begin() as long:
        long.execute(text("SELECT pg_current_xact_id()"))  # it writes, and began before the rows
        long.execute(text("SELECT count(*) FROM access_log"))
        known = read_some(engine, 2)
        assert sealer.seal() == 2
        assert sealed_ids(engine) == known
    engine.dispose()


def test_what_was_rolled_back_holds_nothing_up(postgresql_url: str) -> None:
    engine = connect(postgresql_url)
    with engine.connect() as given_up:
        read(given_up)
        given_up.rollback()
    known = read_some(engine, 2)
    seal_all(engine, sequencer(engine))
    assert sealed_ids(engine) == known
    engine.dispose()


def test_rows_of_many_who_read_at_once_are_all_sealed(engine: Engine) -> None:
    sealer = sequencer(engine)
    with ThreadPoolExecutor(4) as readers:
        reading = [readers.submit(read_some, engine, 25) for _ in range(4)]
        while not all(each.done() for each in reading):
            sealer.seal()
    seal_all(engine, sealer)
    known = {row_id for each in reading for row_id in each.result()}
    found = sealed_ids(engine)
    assert len(found) == len(known) == 100
    assert set(found) == known


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE access_log SET user_id = 'nobody' WHERE position = {first}", "was altered"),
        ("UPDATE access_log SET reason = 'assigned' WHERE position = {first}", "was altered"),
        ("UPDATE access_log SET at = at - 60000000 WHERE position = {first}", "was back-dated"),
        ("DELETE FROM access_log WHERE position = {first}", "was removed"),
    ],
    ids=["another reader", "another reason", "another time", "gone"],
)
def test_what_was_done_to_a_row_is_told(engine: Engine, statement: str, words: str) -> None:
    read_some(engine, 5)
    seal_all(engine, sequencer(engine))
    assert checked(engine).is_well
    first = rows_in_order(engine)[1].position
    with engine.execution_options(writes=True).begin() as db:
        as_owner(db, [statement.format(first=first)], names=("access_log",))
    found = checked(engine)
    assert [words in each.en for each in found.findings] == [True]
    assert found.findings[0].en.startswith("entry 1 ")


def test_nobody_changes_a_row_by_a_slip(engine: Engine) -> None:
    read_some(engine, 1)
    for statement in ("UPDATE access_log SET role = 'admin'", "DELETE FROM access_log"):
        with (
            pytest.raises(DBAPIError, match="access_log is only added to"),
            engine.execution_options(writes=True).begin() as db,
        ):
            db.execute(text(statement))
    assert len(rows_in_order(engine)) == 1
