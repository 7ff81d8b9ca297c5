"""The sequencer seals everything once and in order, whoever else seals and whatever breaks."""

import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, Table, func, insert, select, text
from sqlalchemy.exc import DBAPIError, OperationalError

from infra.audit import store
from infra.audit.keys import LogKeys
from infra.audit.note import Note
from infra.audit.sequencer import POINTS, LogStopped, Sequencer
from infra.audit.tables import NAMES, ahead, checkpoints, given_up, leaves, trees
from infra.audit.tree import leaf_hash, root_of
from infra.database import EPOCH
from infra.log.casework import Casework
from tests.infra.audit import sealing
from tests.infra.audit.sealing import (
    KEYS,
    ORIGIN,
    append,
    as_owner,
    assert_whole,
    expected_entries,
    real_time,
    sealed,
    sealing_to_be_killed,
    sequencer,
)

OF_FIRST = (
    "UPDATE audit_leaf SET leaf_hash = (SELECT leaf_hash FROM audit_leaf WHERE leaf_index = 0)"
    " WHERE leaf_index = 1"
)


def drain(sealer: Sequencer, most: int = 100) -> int:
    total = 0
    while done := sealer.seal(most):
        total += done
    return total


def rows_of(engine: Engine, table: Table) -> int:
    with engine.connect() as db:
        return db.execute(select(func.count()).select_from(table)).scalar_one()


def emptied(names: Sequence[str]) -> list[str]:
    return [f"DELETE FROM {name}" for name in names]  # noqa: S608  names of our own tables


def test_events_are_sealed_in_their_order(engine: Engine, casework: Casework) -> None:
    append(casework, 5)
    append(casework, 2, layer="B")
    sealer = sequencer(engine, casework)
    assert sealer.seal() == 7
    assert_whole(engine, casework)
    append(casework, 300)
    assert sealer.seal() == 300
    assert_whole(engine, casework)
    assert sealed(engine).size == 307


def test_without_anything_new_no_checkpoint_is_made(engine: Engine, casework: Casework) -> None:
    sealer = sequencer(engine, casework)
    assert sealer.seal() == 0
    assert rows_of(engine, trees) == 0
    append(casework, 1)
    assert [sealer.seal(), sealer.seal(), sealer.seal()] == [1, 0, 0]
    assert rows_of(engine, checkpoints) == 1


def test_another_sequencer_goes_on_where_it_stands(engine: Engine, casework: Casework) -> None:
    for count in (1, 255, 1, 3):
        append(casework, count)
        assert sequencer(engine, casework).seal() == count
    assert_whole(engine, casework)


def test_however_it_is_cut_the_root_is_the_same(engine: Engine, casework: Casework) -> None:
    append(casework, 40)
    sealer = sequencer(engine, casework)
    assert [sealer.seal(most) for most in (1, 7, 16, 100)] == [1, 7, 16, 16]
    assert_whole(engine, casework)


def test_several_sequencers_at_once(engine: Engine, casework: Casework) -> None:
    append(casework, 60)
    start = threading.Barrier(4)
    failures: list[BaseException] = []

    def work() -> None:
        try:
            sealer = sequencer(engine, casework)
            start.wait()
            while True:
                done = sealer.seal(3)
                with engine.connect() as db:
                    count = db.scalar(select(func.count()).select_from(leaves))
                if not done and count == 60:
                    return
        except BaseException as error:  # noqa: BLE001  told by the test
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert_whole(engine, casework)


def test_a_new_year_begins_a_tree_that_names_the_old(engine: Engine, casework: Casework) -> None:
    append(casework, 3, year=2025)
    append(casework, 2, year=2026)
    append(casework, 1, year=2025)  # a machine whose clock lags does not go back to the old tree
    append(casework, 1, year=2028)
    assert drain(sequencer(engine, casework)) == 3 + (1 + 3) + (1 + 1)
    assert_whole(engine, casework)
    with engine.connect() as db:
        old, new, last = store.find_trees(db, "issues")
        assert (old.origin, new.origin) == ("audit.example/issues/2025", ORIGIN)
        assert last.year == 2028
        (link,) = store.entries_in(db, new.tree, 0, 1)
    checkpoint = sealed(engine, 2025)
    assert checkpoint.root.hex().encode() in link
    assert b'"size":3' in link


def test_the_log_dropped_and_built_again_has_the_same_roots(
    engine: Engine, casework: Casework
) -> None:
    append(casework, 20, year=2025)
    append(casework, 300, year=2026)
    drain(sequencer(engine, casework), 50)
    before = [sealed(engine, year) for year in (2025, 2026)]
    with engine.begin() as db:
        as_owner(db, emptied(NAMES))
    assert drain(sequencer(engine, casework), 1000) == 321
    assert [sealed(engine, year) for year in (2025, 2026)] == before


def test_what_is_sealed_can_neither_be_changed_nor_taken_away(
    engine: Engine, casework: Casework
) -> None:
    append(casework, 1)
    sequencer(engine, casework).seal()
    with engine.execution_options(writes=True).begin() as db:
        values = {"origin": ORIGIN, "tree_size": 1, "text": "", "note": "", "found_at": EPOCH}
        db.execute(insert(ahead).values(values))
        begun = {"origin": "a", "successor": "b", "kind": "c", "year": 1, "entry": b""}
        db.execute(insert(given_up).values(begun))
    # SQLite refuses row by row, and in two of the tables there is none yet.
    filled = [name for name in NAMES if name not in {"audit_cosignature", "audit_node"}]
    refused = emptied(filled)
    refused.append("UPDATE audit_leaf SET entry = leaf_hash")
    refused.append("UPDATE audit_checkpoint SET note = ''")
    if engine.dialect.name == "postgresql":
        refused += [f"TRUNCATE {name}" for name in NAMES]
    for statement in refused:
        with pytest.raises(DBAPIError, match="only added to"), engine.begin() as db:
            db.execute(text(statement))
    assert_whole(engine, casework)


@pytest.mark.parametrize("point", POINTS)
def test_broken_off_at_any_point_the_next_one_gives_the_same_root(
    engine: Engine, casework: Casework, point: str
) -> None:
    append(casework, 3)
    sequencer(engine, casework).seal()
    append(casework, 300)
    broken: list[str] = []

    def at(reached: str) -> None:
        if reached == point and not broken:
            broken.append(point)
            raise OperationalError("told", None, RuntimeError("the database is gone"))

    sealer = sequencer(engine, casework, at=at)
    with pytest.raises(OperationalError):
        sealer.seal()
    stored = point == "committed"
    assert sealed(engine).size == (303 if stored else 3)
    assert drain(sealer) == (0 if stored else 300)
    assert_whole(engine, casework)


@pytest.mark.slow
def test_killed_at_any_point_the_next_one_gives_the_same_root(
    engine: Engine, casework: Casework, database_url: str
) -> None:
    """Each time another process seals until the point and is killed there with SIGKILL."""
    append(casework, 1, year=2025)
    sequencer(engine, casework, clock=real_time).seal()
    killing, points, answers = sealing_to_be_killed(database_url)
    with killing:
        for point in POINTS:
            append(casework, 258)
            before = rows_of(engine, leaves)
            points.write(f"{point}\n")
            points.flush()
            assert answers.readline() == f"killed {point}\n"
            stored = rows_of(engine, leaves) > before
            assert stored == (point == "committed")
            # The next one begins where it stands, and what was signed in vain is signed again.
            drain(sequencer(engine, casework, clock=real_time), 1000)
            assert_whole(engine, casework)
    assert killing.returncode == 0


def test_two_keys_sign_while_one_replaces_the_other(engine: Engine, casework: Casework) -> None:
    new = LogKeys([bytes(32)])
    both = LogKeys([bytes(range(32)), bytes(32)])
    for keys in (KEYS, both, new):
        append(casework, 1)
        assert sequencer(engine, casework, keys=keys).seal() == 1
    with engine.connect() as db:
        notes = [Note.parse(note) for note in db.scalars(select(checkpoints.c.note))]
        known = store.known_keys(db, 1)
    assert [len(note.signatures) for note in notes] == [1, 2, 1]
    assert known == [*KEYS.public(ORIGIN), *new.public(ORIGIN)]
    for keys in (KEYS, new):
        assert notes[1].checked(keys.public(ORIGIN))


def test_a_clock_that_stands_still_waits_and_one_that_is_wrong_stops(
    engine: Engine, casework: Casework
) -> None:
    now = datetime(2026, 6, 1, tzinfo=UTC)
    times = [now, now, now - timedelta(seconds=59), now - timedelta(seconds=61)]
    sealer = sequencer(engine, casework, clock=lambda: times.pop(0))
    append(casework, 1)
    assert sealer.seal() == 1
    append(casework, 1)
    assert sealer.seal() == 0
    assert sealer.seal() == 0
    with pytest.raises(LogStopped, match="clock"):
        sealer.seal()
    assert sealed(engine).size == 1


@pytest.mark.parametrize(
    ("done", "told"),
    [
        ("DELETE FROM audit_checkpoint", "no checkpoint"),
        ("DELETE FROM audit_leaf WHERE leaf_index = 2", "other leaves"),
        ("UPDATE audit_leaf SET leaf_hash = entry WHERE leaf_index = 1", "right edge"),
        (OF_FIRST, "another root"),
        ("UPDATE audit_checkpoint SET note = replace(note, '3', '4')", "issues/2026 at 3"),
    ],
)
def test_what_is_not_as_it_was_signed_is_not_gone_on_with(
    engine: Engine, casework: Casework, done: str, told: str
) -> None:
    append(casework, 3)
    sequencer(engine, casework).seal()
    with engine.begin() as db:
        as_owner(db, [done])
    append(casework, 1)
    for _ in range(2):
        with pytest.raises(LogStopped, match=told):
            sequencer(engine, casework).seal()


def test_a_log_that_went_back_is_not_gone_on_with(engine: Engine, casework: Casework) -> None:
    sealer = sequencer(engine, casework)
    append(casework, 2)
    sealer.seal()
    append(casework, 2)
    sealer.seal()
    with engine.begin() as db:
        as_owner(
            db,
            [
                "DELETE FROM audit_leaf WHERE leaf_index >= 2",
                "DELETE FROM audit_checkpoint WHERE tree_size > 2",
                "DELETE FROM events WHERE position > 2",
            ],
        )
    append(casework, 3)
    # The first time it thinks that another sequencer was faster, and looks again.
    assert sealer.seal() == 0
    with pytest.raises(LogStopped, match="gone back"):
        sealer.seal()


def test_the_root_is_that_of_the_events(engine: Engine, casework: Casework) -> None:
    append(casework, 9)
    sequencer(engine, casework).seal()
    entries = expected_entries(casework)
    assert sealed(engine).root == root_of([leaf_hash(entry) for entry in entries])
    assert sealing.NAME in sealed(engine).origin
