"""The worker seals by itself, with a key that is its own, and stops nothing else when it cannot."""

import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from infra.audit import store
from infra.audit.keys import add_key, key_ids, read_keys, retire_key
from infra.audit.leaf import ISSUES
from infra.audit.note import Note
from infra.secret_files import KeyFileUnusable
from service.sealing import Sealing
from service.settings import Settings
from service.worker import Worker
from tests.examples import a_started_samsyn, an_open_issue
from tests.infra.access.reading import read_some, sealed_ids
from tests.infra.audit.sealing import as_owner


def settings(folder: Path, url: str, **more: str) -> Settings:
    return Settings.from_environment({"SAMSYN_DATA_DIR": str(folder), "DATABASE_URL": url, **more})


def sealed_size(engine: Engine) -> int:
    with engine.connect() as db:
        tree = store.last_tree(db, ISSUES)
        sealed = store.last_checkpoint(db, tree.tree) if tree else None
        return sealed.size if sealed else 0


def wait_until(true: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(1_500):
        if true():
            return
        pause.wait(0.02)
    pytest.fail("it did not come true in half a minute")


def test_the_worker_seals_what_happens(database_url: str, tmp_path: Path) -> None:
    with a_started_samsyn(database_url) as started:
        samsyn = started.samsyn
        known = settings(tmp_path, database_url)
        if not known.embedded:
            add_key(known.audit_key, known.audit_name)
        worker = Worker(samsyn, sealing=Sealing(samsyn, known))
        worker.start()
        an_open_issue(started)
        # A later checkpoint is of a later time, and this clock stands still by itself.
        started.clock.advance(seconds=5)
        wait_until(lambda: sealed_size(samsyn.engine) == samsyn.casework.head())
        worker.stop()
        assert worker.failure is None
        assert "audit" not in {thread.name for thread in threading.enumerate()}
        with samsyn.engine.connect() as db:
            tree = store.last_tree(db, ISSUES)
            assert tree is not None
            assert tree.origin.startswith("audit.localhost/issues/")
            sealed = store.last_checkpoint(db, tree.tree)
            keys = read_keys(known.audit_key)
            assert sealed is not None
            assert keys is not None
            assert Note.parse(sealed.note).checked(keys.public(tree.origin))


def test_the_worker_seals_who_has_read(database_url: str, tmp_path: Path) -> None:
    with a_started_samsyn(database_url) as started:
        samsyn = started.samsyn
        known = settings(tmp_path, database_url)
        if not known.embedded:
            add_key(known.audit_key, known.audit_name)
        read_by_police, read_by_district = (
            read_some(samsyn.engine, 2),
            read_some(samsyn.engine, 1, "district"),
        )
        worker = Worker(samsyn, sealing=Sealing(samsyn, known, access_every=0.05))
        worker.start()
        wait_until(lambda: sealed_ids(samsyn.engine) == read_by_police)
        wait_until(lambda: sealed_ids(samsyn.engine, "district") == read_by_district)
        worker.stop()
        assert worker.failure is None


def test_without_a_key_the_server_shape_seals_nothing_and_all_else_goes_on(
    postgresql_url: str, tmp_path: Path
) -> None:
    with a_started_samsyn(postgresql_url) as started:
        samsyn = started.samsyn
        worker = Worker(samsyn, sealing=Sealing(samsyn, settings(tmp_path, postgresql_url)))
        worker.start()
        an_open_issue(started)
        assert samsyn.runner.wait_for("queues", samsyn.casework.head(), 30)
        worker.stop()
        assert worker.failure is None
        assert sealed_size(samsyn.engine) == 0
        assert not (tmp_path / "audit.key").exists()


def test_a_log_that_was_tampered_with_stops_the_seal_and_nothing_else(
    sqlite_url: str, tmp_path: Path
) -> None:
    with a_started_samsyn(sqlite_url) as started:
        samsyn = started.samsyn
        reached: list[str] = []
        sealing = Sealing(samsyn, settings(tmp_path, sqlite_url), reached.append)
        worker = Worker(samsyn, sealing=sealing)
        worker.start()
        wait_until(lambda: "committed" in reached)
        worker.stop()
        size = sealed_size(samsyn.engine)
        with samsyn.engine.begin() as db:
            as_owner(db, ["DELETE FROM audit_leaf WHERE leaf_index = 0"])
            db.execute(text("UPDATE audit_checkpoint SET note = 'rewritten'"))
        worker = Worker(samsyn, sealing=sealing)
        worker.start()
        an_open_issue(started)
        assert samsyn.runner.wait_for("queues", samsyn.casework.head(), 30)
        worker.stop()
        assert worker.failure is None
        assert sealed_size(samsyn.engine) == size


def test_a_key_is_made_once_and_read_by_nobody_else(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "audit.key"
    assert read_keys(path) is None
    made = add_key(path, "audit.example")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["audit.key"]
    keys = read_keys(path)
    assert keys is not None
    assert [key.seed for key in keys.of("audit.example/issues/2026")] == [made.seed]
    path.chmod(0o640)
    with pytest.raises(KeyFileUnusable, match="chmod 600"):
        read_keys(path)


def test_a_key_is_replaced_by_way_of_two(tmp_path: Path) -> None:
    path = tmp_path / "audit.key"
    old, new = (add_key(path, "audit.example").public_key.key_id.hex() for _ in range(2))
    assert key_ids(path) == [old, new]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not retire_key(path, "00000000")
    assert retire_key(path, old)
    assert key_ids(path) == [new]
    assert not retire_key(path, new)
    assert not retire_key(tmp_path / "none", new)


def test_a_file_that_holds_no_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "audit.key"
    for content in ("# nothing\n", "nonsense\n"):
        path.write_text(content, encoding="utf-8")
        path.chmod(0o600)
        with pytest.raises(KeyFileUnusable):
            read_keys(path)
    path.unlink()
    path.mkdir(mode=0o700)
    with pytest.raises(KeyFileUnusable, match="cannot be read"):
        read_keys(path)
