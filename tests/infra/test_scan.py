"""Scanning the log: the same entries in the same order as reading it, whole and in parts."""

import pytest
from sqlalchemy import Engine

from infra.log.casework import Casework
from infra.log.scan import PAGE, LogReader
from projections.rebuild_jobs import Part
from tests.infra.ledger import Ledger


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
    scanned = [entry for page in casework.scan(3, 53, 0, 1) for entry in page]
    assert told(scanned) == told(read)
    assert [vars(entry.event) for entry in scanned] == [vars(entry.event) for entry in read]
    casework.close()


@pytest.mark.parametrize("parts", [2, 3])
def test_parts_are_disjoint_and_together_everything(engine: Engine, parts: int) -> None:
    casework = a_log(engine, 40)
    positions: list[int] = []
    for number in range(parts):
        for page in casework.scan(0, 80, number, parts):
            assert all(Part(number, parts).has(entry.stream_id) for entry in page)
            positions += [entry.position for entry in page]
    assert len(positions) == 80
    assert sorted(positions) == list(range(1, 81))
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
    assert (reader.head(), list(reader.scan(0, 0, 0, 1)), reader.read(0, 5)) == (0, [], [])
