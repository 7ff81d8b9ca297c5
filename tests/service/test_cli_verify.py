"""`samsyn verify` says what was done to which entry, by whoever owns the database (AUDIT 4)."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from infra.audit.keys import add_key, key_ids, read_keys, retire_key
from infra.log.casework import Casework
from tests.infra.audit.sealing import append, sequencer
from tests.service.sealed_store import Store, a_sealed_store, undone

COUNT = 600
RENUMBERED = (
    # In two steps: a primary key must not be the same twice, not even in between.
    "UPDATE events SET position = -position WHERE position > 300",
    "UPDATE events SET position = 1 - position WHERE position < 0",
)

COPIED = (
    "UPDATE events SET state = (SELECT state FROM events WHERE position = 9) WHERE position = 300"
)
FORGED = (
    "INSERT INTO events SELECT 300, gen_random_uuid(), 1, topic, recorded_at,"
    " convert_to(replace(convert_from(state, 'UTF8'), substr(convert_from(state, 'UTF8'), 14, 36),"
    " gen_random_uuid()::text), 'UTF8') FROM events WHERE position = 299"
)
OTHER_HASH = (
    "UPDATE audit_leaf SET leaf_hash = (SELECT leaf_hash FROM audit_leaf WHERE leaf_index = 0)"
    " WHERE leaf_index = 299"
)
REWRITTEN = (
    "UPDATE audit_leaf SET entry = '{}', leaf_hash = sha256('\\x00'::bytea || '{}'::bytea)"
    " WHERE leaf_index = 299"
)
OTHER_SIZE = (
    "UPDATE audit_checkpoint SET note = replace(note, E'\\n500\\n', E'\\n501\\n')"
    " WHERE tree_size = 500"
)
DECIDED = (
    "INSERT INTO events SELECT 601, gen_random_uuid(), 1, 'RecordDisposed', recorded_at,"
    " convert_to(replace(convert_from(state, 'UTF8'), substr(convert_from(state, 'UTF8'), 14, 36),"
    " '0199f2bf-0000-7000-8000-000000000001'), 'UTF8') FROM events WHERE position = 600"
)
EMPTIED = (
    """UPDATE events SET state = '{"erased_by":"0199f2bf-0000-7000-8000-000000000001"}'"""
    " WHERE position = 300"
)


@pytest.fixture
def sealed_store(
    postgresql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Store]:
    monkeypatch.setenv("SAMSYN_AUDIT_KEY", str(tmp_path / "audit.key"))
    with a_sealed_store(postgresql_url, tmp_path, COUNT) as found:
        yield found


def test_a_log_that_nobody_touched_is_well(sealed_store: Store) -> None:
    code, told = sealed_store.verify()
    assert (code, told["findings"], told["backwards"]) == (0, [], 0)
    assert (told["entries"], told["checkpoints"], told["unsealed"]) == (COUNT, 3, 0)
    shown = sealed_store.samsyn.text("verify")
    assert shown.startswith(f"All is well. {COUNT} entries, 3 checkpoints, 0 events not sealed")
    casework = Casework(sealed_store.engine)
    append(casework, 2)
    casework.close()
    assert sealed_store.verify()[1]["unsealed"] == 2


def test_every_way_to_change_the_past_is_told_in_words(sealed_store: Store) -> None:
    """Row by row; each is undone before the next."""
    alone = (
        ("UPDATE events SET state = state || ' ' WHERE position = 300", "was altered"),
        ("UPDATE events SET recorded_at = recorded_at - 7 WHERE position = 300", "back-dated"),
        ("UPDATE events SET recorded_at = recorded_at + 7 WHERE position = 300", "post-dated"),
        ("UPDATE events SET version = 7 WHERE position = 300", "n: 1 → 7"),
        ("UPDATE events SET topic = 'WordNoted' WHERE position = 300", "WordNoted"),
        ("UPDATE events SET state = '{}' WHERE position = 300", "content is not what was sealed"),
        ("DELETE FROM events WHERE position = 300", "was removed"),
        (COPIED, "was removed"),
        ("UPDATE audit_leaf SET entry = entry || ' ' WHERE leaf_index = 299", "rewritten"),
    )
    for statement, told in alone:
        with undone(sealed_store, statement):
            found = sealed_store.said()
            assert any("entry 299 (" in each and told in each for each in found), found
            assert len(found) <= 2, found


def test_who_numbers_the_events_anew_is_told_of_one_entry_only(sealed_store: Store) -> None:
    with undone(sealed_store, "DELETE FROM events WHERE position = 300", *RENUMBERED):
        (found,) = sealed_store.said()
        assert found.startswith("entry 299 (LedgerBegun ")
        assert found.endswith("was removed from the database")


def test_a_back_dated_event_put_in_between_is_told(sealed_store: Store) -> None:
    made_room = (
        "UPDATE events SET position = -position WHERE position >= 300",
        "UPDATE events SET position = 1 - position WHERE position < 0",
        FORGED,
    )
    with undone(sealed_store, *made_room):
        (found,) = sealed_store.said()
        assert found.startswith("event 300 (LedgerBegun ")
        assert "was inserted afterwards" in found


def test_events_that_changed_places_are_told(sealed_store: Store) -> None:
    swapped = (
        "UPDATE events SET position = -1 WHERE position = 100",
        "UPDATE events SET position = 100 WHERE position = 200",
        "UPDATE events SET position = 200 WHERE position = -1",
    )
    with undone(sealed_store, *swapped):
        found = sealed_store.said()
        assert any(each.startswith("entry 99 (") for each in found)


def test_what_was_done_to_the_log_itself_is_told(sealed_store: Store) -> None:
    alone = (
        ("DELETE FROM audit_leaf WHERE leaf_index = 299", "entries 299 to 299 are missing"),
        (OTHER_HASH, "entry 299"),
        (REWRITTEN, "one of the entries 250 to 499 was altered since the checkpoint at 500"),
        ("DELETE FROM audit_leaf WHERE leaf_index >= 590", "entries 590 to 599 are missing"),
        ("DELETE FROM audit_node WHERE node_index = 1", "node 1 of level 1"),
        ("UPDATE audit_node SET hash = sha256(hash) WHERE node_index = 0", "node 0 of level 1"),
        ("DELETE FROM audit_checkpoint", "has no checkpoint"),
        ("UPDATE audit_checkpoint SET note = 'x' WHERE tree_size = 500", "checkpoint at 500"),
        (OTHER_SIZE, "not of this text"),
        (
            "DELETE FROM audit_checkpoint WHERE tree_size > 500",
            "from entry 500 on there are entries that no checkpoint covers",
        ),
    )
    for statement, told in alone:
        with undone(sealed_store, statement):
            found = sealed_store.said()
            assert any(told in each for each in found), (statement, found)


def test_a_content_taken_away_needs_a_decision_in_the_log(sealed_store: Store) -> None:
    with undone(sealed_store, EMPTIED):
        (found,) = sealed_store.said()
        assert "entry 299 (" in found
        assert "emptied without a decision" in found
    sealed_store.does(DECIDED)
    sealed_store.seal()
    sealed_store.does(EMPTIED)
    code, told = sealed_store.verify()
    assert (code, told["findings"], told["erased"]) == (0, [], 1)


def test_the_years_hang_together(sealed_store: Store) -> None:
    casework = Casework(sealed_store.engine)
    append(casework, 300, year=2027)
    append(casework, 1, year=2026)
    casework.close()
    sealed_store.seal()
    code, told = sealed_store.verify()
    assert (code, told["findings"], told["entries"]) == (0, [], COUNT + 302)
    assert told["backwards"] == 1
    with undone(
        sealed_store, "UPDATE audit_leaf SET entry = '{}' WHERE tree = 2 AND leaf_index = 0"
    ):
        assert any(each.startswith("entry 0 (") for each in sealed_store.said())


def test_hundreds_of_random_edits_are_found(sealed_store: Store) -> None:
    """Each entry that was touched is named, and no other."""
    dice = random.Random(5)
    touched = sorted(dice.sample(range(1, COUNT + 1), 300))
    ways: tuple[Callable[[int], str], ...] = (
        lambda at: f"UPDATE events SET state = state || ' ' WHERE position = {at}",  # noqa: S608  a number
        lambda at: f"UPDATE events SET recorded_at = 5 WHERE position = {at}",  # noqa: S608  a number
        lambda at: f"DELETE FROM events WHERE position = {at}",  # noqa: S608  a number
    )
    sealed_store.does(*(dice.choice(ways)(position) for position in touched))
    found = sealed_store.said()
    named = sorted(int(each.split()[1]) for each in found if each.startswith("entry "))
    assert named == [position - 1 for position in touched]


def test_another_key_is_not_believed(sealed_store: Store, tmp_path: Path) -> None:
    policy = tmp_path / "policy"
    other = tmp_path / "other.key"
    add_key(other, "audit.example")
    keys = read_keys(other)
    assert keys is not None
    (key,) = keys.public("audit.example/issues/2026")
    policy.write_text(f"log {key}\nquorum none\n", encoding="utf-8")
    result = sealed_store.samsyn.run("verify", "--policy", policy)
    assert result.exit_code == 1
    assert "no known key has signed" in result.stdout
    policy.write_text("nonsense\n", encoding="utf-8")
    assert "is no policy" in sealed_store.samsyn.mistake("verify", "--policy", policy)


def test_what_an_older_key_signed_stays_well_when_the_key_was_changed(
    sealed_store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "audit.key"
    (old,) = key_ids(path)
    add_key(path, "audit.example")
    assert retire_key(path, old)
    code, told = sealed_store.verify()  # nothing that the new key has signed vouches for it yet
    assert (code, "no known key has signed" in told["findings"][0]["en"]) == (1, True)
    keys = read_keys(path)
    assert keys is not None
    casework = Casework(sealed_store.engine)
    append(casework, 1)
    sequencer(sealed_store.engine, casework, keys=keys).seal()
    casework.close()
    code, told = sealed_store.verify()
    assert (code, told["findings"], told["checkpoints"]) == (0, [], 4)


def test_on_sqlite_what_is_of_another_type_is_told_too(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAMSYN_AUDIT_KEY", str(tmp_path / "audit.key"))
    with a_sealed_store(sqlite_url, tmp_path, 100) as store:
        assert store.verify()[1]["findings"] == []
        store.does(
            "UPDATE events SET state = '{}' WHERE position = 10",
            "UPDATE events SET topic = x'ff' WHERE position = 20",
            "UPDATE events SET recorded_at = 'x' WHERE position = 30",
            "UPDATE events SET version = 'x' WHERE position = 40",
            "UPDATE events SET stream_id = 'x' WHERE position = 50",
            "DELETE FROM events WHERE position = 60",
            "UPDATE audit_leaf SET entry = 'x' WHERE leaf_index = 69",
            "UPDATE audit_leaf SET leaf_hash = 'x', event_id = 7 WHERE leaf_index = 79",
            "INSERT INTO events SELECT -5, stream_id, 2, topic, recorded_at, state FROM events"
            " WHERE position = 90",
        )
        found = store.said()
    named = {int(each.split()[1]) for each in found if each.startswith("entry ")}
    assert named == {9, 19, 29, 39, 49, 59, 69, 79}, found
    assert any(each.startswith("event -5 (") for each in found), found
    assert any("one of the entries 0 to 99 was altered" in each for each in found), found
