"""SQLite's write-ahead log: copied back beside the writers, never while a reader needs it."""

import threading
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from infra import wal
from infra.database import connect
from infra.wal import WriteAheadLog
from tests.faults.waiting import wait_until

ROWS = 300


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    engine = connect(f"sqlite:///{tmp_path / 'samsyn.db'}")
    with engine.execution_options(writes=True).begin() as db:
        db.execute(text("CREATE TABLE notes (text TEXT)"))
    return engine


def write(engine: Engine, rows: int = ROWS) -> None:
    for _ in range(rows):
        with engine.execution_options(writes=True).begin() as db:
            db.execute(text("INSERT INTO notes VALUES (:text)"), {"text": "x" * 2_000})


def length(engine: Engine) -> int:
    return Path(f"{engine.url.database}-wal").stat().st_size


def test_a_log_that_is_copied_back_is_written_from_its_beginning(engine: Engine) -> None:
    log = WriteAheadLog(engine)
    write(engine)
    assert log.waiting > ROWS
    assert log.shorten()
    assert log.waiting == 0
    before = length(engine)
    write(engine, ROWS // 2)
    assert length(engine) == before
    with engine.connect() as db:
        assert db.execute(text("SELECT count(*) FROM notes")).scalar() == ROWS + ROWS // 2


def test_a_log_that_somebody_reads_stays_until_it_is_read(engine: Engine) -> None:
    log = WriteAheadLog(engine)
    write(engine, 3)
    with engine.connect() as reads:
        assert reads.execute(text("SELECT count(*) FROM notes")).scalar() == 3
        write(engine)
        assert not log.shorten()
        assert log.waiting > 0
        assert reads.execute(text("SELECT count(*) FROM notes")).scalar() == 3
    assert log.shorten()


def test_a_log_that_becomes_long_is_shortened_while_others_write(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wal, "LONG_PAGES", 50)
    log, stop = WriteAheadLog(engine), threading.Event()
    keeps = threading.Thread(target=log.run, args=(stop,))
    keeps.start()
    try:
        write(engine)
        wait_until(lambda: log.waiting < 50, "the log is short again")
    finally:
        stop.set()
        keeps.join()
    with engine.connect() as db:
        assert db.execute(text("SELECT count(*) FROM notes")).scalar() == ROWS


def test_a_file_without_a_log_has_nothing_to_shorten(tmp_path: Path) -> None:
    assert WriteAheadLog(connect(f"sqlite:///{tmp_path / 'samsyn.db'}")).waiting == 0
