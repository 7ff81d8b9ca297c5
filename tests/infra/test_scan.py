"""Scanning the log: the same entries in the same order as reading it, whole and in parts."""

import pytest
from sqlalchemy import Engine

from infra.log.casework import Casework
from infra.log.scan import PAGE, LogReader
from projections.rebuild_jobs import parts_of
from tests.infra.ledger import Ledger, LedgerBegun, WordNoted


def a_log(engine: Engine, ledgers: int) -> Casework:
    casework = Casework(engine)
    for number in range(ledgers):
        ledger = Ledger.begin(f"ledger {number}")
        ledger.note("one")
        casework.save(ledger)
    return casework


def told(entries: object) -> list[tuple[object, ...]]:
    assert isinstance(entries, list)
    return [(e.position, e.stream_id, e.version, e.topic, e.recorded_at, e.state) for e in entries]


def test_a_scan_gives_what_reading_gives(engine: Engine) -> None:
    casework = a_log(engine, 30)
    read = casework.read(3, 50)
    assert len(read) == 50
    scanned = [entry for page in casework.scan(3, 53) for entry in page]
    assert told(scanned) == told(read)
    assert [vars(entry.event) for entry in scanned] == [vars(entry.event) for entry in read]
    casework.close()


@pytest.mark.parametrize("parts", [2, 3])
def test_parts_are_disjoint_and_together_everything(engine: Engine, parts: int) -> None:
    casework = a_log(engine, 40)
    positions: list[int] = []
    divided = parts_of(LogReader(engine).divide(1_000, least=parts))
    assert len(divided) == parts
    for part in divided:
        for page in casework.scan(0, 80, part.streams):
            assert all(part.streams.has(entry.stream_id) for entry in page)
            assert [e.position for e in page] == sorted(e.position for e in page)
            positions += [entry.position for entry in page]
    assert len(positions) == 80
    assert sorted(positions) == list(range(1, 81))
    casework.close()


def test_a_part_goes_on_where_it_was_with_entries_of_other_streams(engine: Engine) -> None:
    casework = a_log(engine, 10)
    read = casework.read(0, 20)
    first, second = parts_of(LogReader(engine).divide(10))
    ours = [e for e in read if first.streams.has(e.stream_id) and e.position > 4]
    others = [e for e in read if second.streams.has(e.stream_id)]
    besides = [entry.position for entry in others[:3]]
    scanned = [e for page in casework.scan(4, 18, first.streams, besides) for e in page]
    assert ours
    wanted = {e.position for e in ours} | {at for at in besides if at > 4}
    assert [e.position for e in scanned] == sorted(at for at in wanted if at <= 18)
    casework.close()


def test_entries_of_a_topic_are_found_up_to_a_position(engine: Engine) -> None:
    casework = a_log(engine, 4)
    read = casework.read(0, 8)
    topic = read[0].topic
    found = [e.position for page in LogReader(engine).of_topics([topic], 5) for e in page]
    assert found == [e.position for e in read if e.topic == topic and e.position <= 5] == [1, 3, 5]
    casework.close()


def test_a_reader_leaves_out_some_topics_and_no_others(engine: Engine) -> None:
    casework = a_log(engine, 10)
    reader = LogReader(engine, [LedgerBegun.TOPIC])
    noted = [e.position for e in casework.read(0, 20) if e.topic == WordNoted.TOPIC]
    assert noted == [*range(2, 21, 2)]
    assert [e.position for page in reader.scan(2, 18) for e in page] == noted[1:-1]
    first, second = parts_of(reader.divide(10))
    halves = [[*reader.scan(0, 20, part.streams, [1, 2])] for part in (first, second)]
    found = [{e.position for page in pages for e in page} for pages in halves]
    assert all(half < {*noted} and 2 in half for half in found)
    assert found[0] | found[1] == {*noted}
    casework.close()


def test_a_long_stream_is_not_cut(engine: Engine) -> None:
    casework = Casework(engine)
    ledger = Ledger.begin("long")
    for _ in range(60):
        ledger.note("again")
    casework.save(ledger)
    reader = LogReader(engine)
    assert reader.divide(5) == ()
    assert reader.divide(5, least=20) == ()
    casework.close()


def test_a_reader_without_a_writer_gives_the_same(engine: Engine) -> None:
    casework = a_log(engine, 5)
    reader = LogReader(engine)
    assert reader.head() == casework.head() == 10
    assert told(reader.read(2, 100)) == told(casework.read(2, 100))
    assert PAGE > 100
    casework.close()


def test_an_empty_log_has_no_pages(engine: Engine) -> None:
    reader = LogReader(engine)
    assert (reader.head(), list(reader.scan(0, 0)), reader.read(0, 5)) == (0, [], [])
