"""An append is written whole or not at all, and fails alone when it conflicts."""

from concurrent.futures import Future
from dataclasses import replace
from threading import Event, Thread
from typing import Self
from uuid import UUID

import pytest
from sqlalchemy import Engine

from infra.log.appender import Appender
from infra.log.batch import Append
from infra.log.casework import Casework
from infra.log.errors import (
    AppendFailed,
    ClaimTaken,
    CommandKey,
    KeyTaken,
    LogBusy,
    OutcomeUnknown,
    StreamConflict,
)
from infra.log.mapper import EventMapper
from infra.log.on_postgresql import hold_the_lock
from infra.log.recorder import LogRecorder
from tests.infra.ledger import Ledger


def key(name: str, created_id: UUID | None = None) -> CommandKey:
    return CommandKey(key=name, fingerprint="the same command", created_id=created_id)


class Held:
    """Holds the log's thread after a commit, so that what is appended meanwhile makes one batch."""

    def __init__(self, casework: Casework) -> None:
        self.casework = casework
        self._commits: list[int] = []
        self._holding, self._release = Event(), Event()
        self._before = 0

    def __enter__(self) -> Self:
        self._before = self.casework.head()
        self.casework.on_append.append(self._hold)
        self.casework.save(Ledger.begin("first"))
        self._holding.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self.casework.on_append[:] = [self._commits.append]
        self._release.set()

    def all_commits(self) -> list[int]:
        """Close the log and give the last position of each transaction since it was held."""
        self.casework.close()
        return self._commits

    def _hold(self, position: int) -> None:
        if position <= self._before:
            # Of a commit before: its caller was told, and went on to here, before the hooks were.
            return
        self._holding.set()
        self._release.wait()


def test_positions_are_dense_from_one(casework: Casework) -> None:
    ledger = Ledger.begin("a")
    ledger.note("one")
    recordings = casework.save(ledger)
    assert [recording.notification.id for recording in recordings] == [1, 2]
    assert casework.save_later(Ledger.begin("b")).result() == [3]
    assert casework.head() == 3


def test_without_events_nothing_is_written(casework: Casework) -> None:
    assert casework.save(keys=[key("k")]) == []
    assert casework.save_later().result() == []
    assert casework.head() == 0
    assert casework.find_key("k") is None


def test_stale_version_is_refused_with_the_actual_one(casework: Casework) -> None:
    ledger = Ledger.begin("a")
    casework.save(ledger)
    late: Ledger = casework.repository.get(ledger.id)
    ledger.note("one")
    casework.save(ledger)
    late.note("two")
    with pytest.raises(StreamConflict) as refused:
        casework.save(late)
    assert (refused.value.stream_id, refused.value.expected, refused.value.actual) == (
        ledger.id,
        1,
        2,
    )
    assert casework.head() == 2


def test_conflict_fails_alone_in_its_batch(casework: Casework) -> None:
    ledger = Ledger.begin("contested")
    casework.save(ledger)
    rivals: list[Ledger] = [casework.repository.get(ledger.id) for _ in range(3)]
    with Held(casework) as held:
        futures: list[Future[list[int]]] = []
        for number, rival in enumerate(rivals):
            rival.note(str(number))
            futures += [casework.save_later(rival), casework.save_later(Ledger.begin("x"))]
    results = [outcome(future) for future in futures]
    assert results == [[3], [4], StreamConflict, [5], StreamConflict, [6]]
    after: Ledger = casework.repository.get(ledger.id)
    assert after.words == ["0"]
    assert held.all_commits() == [6], "one transaction for all"


def test_second_append_of_a_batch_builds_on_the_first(casework: Casework) -> None:
    ledger = Ledger.begin("a")
    with Held(casework) as held:
        futures = [casework.save_later(ledger)]
        for word in ("one", "two"):
            ledger.note(word)
            futures.append(casework.save_later(ledger))
    assert [future.result() for future in futures] == [[2], [3], [4]]
    assert held.all_commits() == [4]


def test_several_streams_are_one_append(casework: Casework) -> None:
    settled, contested = Ledger.begin("a"), Ledger.begin("b")
    casework.save(settled, contested)
    late: Ledger = casework.repository.get(contested.id)
    contested.note("first")
    casework.save(contested)
    settled.note("lost with the other")
    late.note("too late")
    with pytest.raises(StreamConflict):
        casework.save(settled, late)
    assert casework.head() == 3
    after: Ledger = casework.repository.get(settled.id)
    assert after.words == []


def test_used_key_writes_nothing_and_gives_the_first_answer(casework: Casework) -> None:
    ledger = Ledger.begin("a")
    ledger.note("one")
    casework.save(ledger, keys=[key("k", ledger.id)])
    with pytest.raises(KeyTaken) as again:
        casework.save(Ledger.begin("a"), keys=[key("k")])
    receipt = again.value.receipt
    assert (receipt.position, receipt.stream_id, receipt.version) == (2, ledger.id, 2)
    assert (receipt.fingerprint, receipt.created_id) == ("the same command", ledger.id)
    assert casework.find_key("k") == receipt
    assert casework.head() == 2


def test_many_keys_are_found_at_once(casework: Casework) -> None:
    for name in ("a", "b"):
        casework.save(Ledger.begin(name), keys=[key(name)])
    found = casework.find_keys(["b", "a", "never used"])
    assert found == {"a": casework.find_key("a"), "b": casework.find_key("b")}
    assert casework.find_keys([]) == {}


def test_key_is_asked_before_the_version(casework: Casework) -> None:
    ledger = Ledger.begin("a")
    casework.save(ledger)
    twin: Ledger = casework.repository.get(ledger.id)
    ledger.note("one")
    casework.save(ledger, keys=[key("k")])
    twin.note("one")
    with pytest.raises(KeyTaken):
        casework.save(twin, keys=[key("k")])


def test_key_used_twice_in_a_batch_is_written_once(casework: Casework) -> None:
    with Held(casework):
        futures = [casework.save_later(Ledger.begin("a"), keys=[key("k")]) for _ in range(3)]
    assert [outcome(future) for future in futures] == [[2], KeyTaken, KeyTaken]
    with pytest.raises(KeyTaken) as again:
        futures[2].result()
    assert again.value.receipt.position == 2


def test_key_of_a_refused_append_is_free(casework: Casework) -> None:
    ledger = Ledger.begin("a")
    casework.save(ledger)
    ledger.note("one")
    late: Ledger = casework.repository.get(ledger.id)
    casework.save(ledger)
    late.note("two")
    with Held(casework):
        refused = casework.save_later(late, keys=[key("k")])
        good = casework.save_later(Ledger.begin("b"), keys=[key("k")])
    assert [outcome(refused), outcome(good)] == [StreamConflict, [4]]


def test_claimed_name_is_refused(casework: Casework) -> None:
    casework.save(Ledger.begin("a"), claims=["police/1"])
    with Held(casework):
        futures = [
            casework.save_later(Ledger.begin("a"), claims=["police/1"]),
            casework.save_later(Ledger.begin("a"), claims=["police/2"]),
            casework.save_later(Ledger.begin("a"), claims=["police/3", "police/2"]),
            casework.save_later(Ledger.begin("a"), claims=["police/3"]),
        ]
    assert [outcome(future) for future in futures] == [ClaimTaken, [3], ClaimTaken, [4]]
    with pytest.raises(ClaimTaken, match="police/2"):
        futures[2].result()


def test_key_or_claim_twice_in_one_append_is_a_mistake(casework: Casework) -> None:
    with pytest.raises(ValueError, match="key"):
        casework.save(Ledger.begin("a"), keys=[key("k"), key("k")])
    with pytest.raises(ValueError, match="claim"):
        casework.save(Ledger.begin("a"), claims=["n", "n"])


def test_append_the_database_cannot_take_fails_alone(casework: Casework) -> None:
    ledger = Ledger.begin("a")
    casework.save(ledger)
    ledger.note("x")
    event = EventMapper().to_stored_event(ledger.collect_events()[0])
    # Neither database has an integer for this time.
    impossible = replace(event, recorded_at=2**70)
    with Held(casework) as held:
        good = [casework.save_later(Ledger.begin("b")) for _ in range(2)]
        bad = casework.recorder.submit([impossible], wait=False)
        good += [casework.save_later(Ledger.begin("c"))]
    assert outcome(bad) is AppendFailed
    assert [future.result() for future in good] == [[3], [4], [5]]
    assert held.all_commits() == [3, 4, 5]


def test_full_queue_refuses_who_will_not_wait(engine: Engine) -> None:
    appender = Appender(engine, most_waiting=2)
    holding, release = Event(), Event()

    def hold(_position: int) -> None:
        holding.set()
        release.wait()

    appender.on_append.append(hold)
    futures = [appender.submit(one_event(), wait=False)]
    holding.wait()
    futures += [appender.submit(one_event(), wait=False) for _ in range(2)]
    with pytest.raises(LogBusy):
        appender.submit(one_event(), wait=False)
    patient = Thread(target=lambda: futures.append(appender.submit(one_event(), wait=True)))
    patient.start()
    release.set()
    patient.join()
    appender.close()
    assert [future.result() for future in futures] == [[1], [2], [3], [4]]


def test_stopped_database_does_not_hold_its_callers(casework: Casework, engine: Engine) -> None:
    recorder = LogRecorder(engine, deadline=1.5)
    first, second = one_event().events, one_event().events
    with engine.execution_options(writes=True).begin() as db:
        db.exec_driver_sql(hold_the_lock(engine))
        with pytest.raises(OutcomeUnknown):
            recorder.insert_events(first)
        with pytest.raises(LogBusy):
            recorder.insert_events(second)
    recorder.appender.close()
    assert [entry.stream_id for entry in casework.read(0, 10)] == [first[0].originator_id]


def test_cancelled_append_is_not_written(casework: Casework) -> None:
    with Held(casework):
        unwanted = casework.save_later(Ledger.begin("a"))
        wanted = casework.save_later(Ledger.begin("b"))
        assert unwanted.cancel()
    assert wanted.result() == [2]
    assert casework.head() == 2


def test_close_answers_what_was_accepted(casework: Casework) -> None:
    futures = [casework.save_later(Ledger.begin("a")) for _ in range(50)]
    casework.close()
    assert [future.result() for future in futures] == [[number] for number in range(1, 51)]
    with pytest.raises(AppendFailed, match="closed"):
        casework.save(Ledger.begin("b"))


def test_failing_hint_stops_nothing(casework: Casework) -> None:
    seen: list[int] = []

    def broken(_position: int) -> None:
        raise RuntimeError("nobody listens")

    casework.on_append += [broken, seen.append]
    casework.save(Ledger.begin("a"))
    casework.save(Ledger.begin("b"))
    casework.close()
    assert seen == [1, 2]


def one_event() -> Append:
    return Append([EventMapper().to_stored_event(Ledger.begin("a").collect_events()[0])], (), ())


def outcome(future: Future[list[int]]) -> list[int] | type[BaseException]:
    error = future.exception()
    return future.result() if error is None else type(error)


def test_who_comes_back_alone_after_many_is_answered(casework: Casework) -> None:
    with Held(casework) as held:
        many = [casework.save_later(Ledger.begin(f"ledger {number}")) for number in range(16)]
    assert [one.result() for one in many] == [[2 + number] for number in range(16)]
    for number in range(3):
        assert casework.save_later(Ledger.begin(f"alone {number}")).result() == [18 + number]
    assert held.all_commits() == [17, 18, 19, 20]


def test_what_waits_for_company_is_written_when_the_log_is_closed(casework: Casework) -> None:
    with Held(casework):
        many = [casework.save_later(Ledger.begin(f"ledger {number}")) for number in range(16)]
    for one in many:
        one.result()
    last = casework.save_later(Ledger.begin("last"))
    casework.close()
    assert last.result() == [18]
