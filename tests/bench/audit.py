"""How fast the audit log is checked and proves, at a million entries, and how soon it seals."""

import contextlib
import hashlib
import io
import json
import random
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Final
from uuid import UUID

import httpx
from sqlalchemy import URL, Engine, text

from infra.audit import verify
from infra.audit.check import check_log
from infra.audit.checkpoint import Checkpoint
from infra.audit.keys import LogKeys, add_key, read_keys
from infra.audit.leaf import ISSUES, leaves_of
from infra.audit.leaf_pages import leaf_pages
from infra.audit.made import log_of_events
from infra.audit.note import signed_note
from infra.audit.sequencer import Sequencer
from infra.audit.tree import leaf_hash, root_of
from infra.database import connect
from infra.log.casework import Casework
from infra.log.rows import event_rows
from infra.migrate import migrate
from infra.tokens import Tokens
from service.assembly import system_clock
from tests import servers
from tests.bench import big_log, lag
from tests.bench.figures import Figure, in_turn, medians, percentile, seconds_of
from tests.bench.lag_process import EVENTS as EVENTS_FILE
from tests.bench.lag_process import EVENTS_A_SECOND, decide
from tests.bench.serving import a_worker, environment, serving
from tests.infra.audit.folder import write_log

BENCH: Final = "the audit log: checked, proved, sealed; PostgreSQL"
EVENTS: Final = 1_000_000
OFFLINE: Final = 200_000
PROOFS: Final = 300
"""Asked for in a round, of entries here and there."""
NAME: Final = "audit.example"
SEALED: Final = "SELECT coalesce(max(notification_id), 0) FROM audit_leaf"
_FAST: Final = "at least 100,000 a second, or 0.15 x raw SHA-256"
_OURS, _RAW = "ours", "raw SHA-256 over the same bytes"
_BEGAN: Final = datetime(2026, 1, 13, 12, tzinfo=UTC)


def run(folder: Path, rounds: int) -> list[Figure]:
    """Fill and seal a log, check it in turn with bare hashing, ask for proofs, watch the seal."""
    add_key(folder / "audit.key", NAME)
    keys = read_keys(folder / "audit.key")
    if keys is None:
        raise RuntimeError("the key that was made is not there")
    with servers.postgresql(durable=True) as server:
        database = servers.create_database(server, "samsyn_audit")
        engine = connect(database)
        migrate(engine)
        size = big_log.fill(engine, EVENTS)
        figures = [_seal(engine, keys, size)]
        figures += _checked(engine, keys, size, rounds)
        figures += _checked_offline(engine, keys, folder, rounds)
        engine.dispose()
        figures += _proved(database, folder, rounds)
        figures += _lag(server, folder, rounds)
    return figures


def _seal(engine: Engine, keys: LogKeys, size: int) -> Figure:
    casework = Casework(engine)
    sequencer = Sequencer(
        engine, leaves_of(casework.read), keys, kind=ISSUES, name=NAME, clock=system_clock
    )

    def all_of_it() -> None:
        while sequencer.seal():
            pass

    seconds = seconds_of(all_of_it)
    casework.close()
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as db:
        db.execute(text("VACUUM (ANALYZE) audit_leaf"))
    return Figure(
        bench=BENCH,
        what=f"sealed from nothing, {size:,} entries",
        value=size / seconds,
        unit="entries/s",
        means="the log dropped and built again",
    )


def _checked(engine: Engine, keys: LogKeys, size: int, rounds: int) -> list[Figure]:
    """`samsyn verify`: events, leaves, nodes, checkpoints."""
    casework = Casework(engine)

    def check() -> float:
        log = log_of_events(engine, casework.head)
        began = time.perf_counter()
        found = check_log(engine, log, lambda _db, tree: keys.public(tree.origin), ISSUES, _quiet)
        if not found.is_well or found.entries < size:
            raise RuntimeError("the log that was just sealed is not well")
        return time.perf_counter() - began

    def raw() -> float:
        states = (row[-1] for page in event_rows(engine, 0, casework.head()) for row in page)
        entries = (row[-1] for page in leaf_pages(engine, 1, size) for row in page)
        return _hashing(states) + _hashing(entries)

    found = in_turn(rounds, {_RAW: raw, _OURS: check})
    casework.close()
    return _beside_raw("samsyn verify, events against leaves", size, found)


def _checked_offline(engine: Engine, keys: LogKeys, folder: Path, rounds: int) -> list[Figure]:
    """`verify.py POLICY log FOLDER`, of entries that were recorded one after the other."""
    kept = (row[-1] for page in leaf_pages(engine, 1, OFFLINE) for row in page)
    entries = [_recorded_at(place, entry) for place, entry in enumerate(kept)]
    origin = f"{NAME}/issues/2026"
    head = Checkpoint(origin, len(entries), root_of([leaf_hash(entry) for entry in entries])).text
    note = signed_note(head, [key.sign(head) for key in keys.of(origin)])
    log, policy = write_log(folder / "log", entries, note), folder / "policy"
    lines = [*(f"log {key}" for key in keys.public(origin)), "quorum none", ""]
    policy.write_text("\n".join(lines), encoding="utf-8")

    def check() -> None:
        with contextlib.redirect_stdout(io.StringIO()) as said:
            if verify.main(str(policy), "log", str(log)) != verify.WELL:
                raise RuntimeError(said.getvalue()[:500])

    found = in_turn(rounds, {_RAW: lambda: _hashing(entries), _OURS: lambda: seconds_of(check)})
    return _beside_raw("verify.py log, of a folder", OFFLINE, found)


def _recorded_at(place: int, entry: bytes) -> bytes:
    """The same entry a second after the one before: the bench's log tells its stories in waves."""
    at = (_BEGAN + timedelta(seconds=place)).replace(tzinfo=None)
    told = {**json.loads(entry), "at": f"{at.isoformat(timespec='microseconds')}Z"}
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _proved(database: URL, folder: Path, rounds: int) -> list[Figure]:
    """Over HTTP, one after the other: a `.tlog-proof` with its entry and the newest checkpoint."""
    engine = connect(database)
    _, token = Tokens(engine, system_clock).issue("u-aud-01", "bench", expires_at=None)
    asked = text("SELECT event_id FROM audit_leaf WHERE leaf_index = ANY(:places)")
    dice, found = random.Random(5), list[list[float]]()
    with serving(environment(database, folder), 1) as port, httpx.Client(timeout=60) as client:
        client.headers["Authorization"] = f"Bearer {token}"
        for _ in range(rounds):
            places = dice.sample(range(EVENTS), PROOFS)
            with engine.connect() as db:
                events: Sequence[UUID] = db.scalars(asked, {"places": places}).all()
            address = f"http://127.0.0.1:{port}/audit/events"
            paths = [f"{address}/{event}/proof" for event in events]
            found.append([1_000 * seconds_of(partial(_got, client, path)) for path in paths])
    engine.dispose()
    return _within("an entry's proof over HTTP, of a million entries", found, 10, "ms")


def _got(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    if not answer.raise_for_status().text.startswith("c2sp.org/tlog-proof@v1\n"):
        raise RuntimeError(answer.text[:200])


def _lag(server: URL, folder: Path, rounds: int) -> list[Figure]:
    """From an event's commit until that of the checkpoint over it; a worker does all it does."""
    decide(folder / EVENTS_FILE)
    found: list[list[float]] = []
    for number in range(rounds):
        database = servers.create_database(server, f"samsyn_seal_{number}")
        engine = connect(database)
        migrate(engine)
        engine.dispose()
        with a_worker(environment(database, folder)):
            found.append(lag.lags_of(folder, "append", [servers.plain_address(database)], SEALED))
    what = f"commit to sealed, {EVENTS_A_SECOND:,} events/s, a worker that folds beside"
    return _within(what, found, 2, "s")


def _hashing(data: Iterable[bytes]) -> float:
    """Seconds of hashing alone, without what it takes to get the bytes."""
    took, each = 0.0, iter(data)
    while some := list(islice(each, 10_000)):
        began = time.perf_counter()
        for one in some:
            hashlib.sha256(one).digest()
        took += time.perf_counter() - began
    return took


def _beside_raw(what: str, size: int, found: Mapping[str, Sequence[float]]) -> list[Figure]:
    seconds = medians(found)
    return [
        Figure(
            bench=BENCH,
            what=what if name == _OURS else f"{what}: {_RAW}",
            value=size / seconds[name],
            unit="entries/s",
            low=size / max(times),
            high=size / min(times),
            against=_RAW if name == _OURS else None,
            ratio=seconds[_RAW] / seconds[name] if name == _OURS else None,
            goal=_FAST if name == _OURS else None,
            means="a year of a city is checked in seconds" if name == _OURS else None,
        )
        for name, times in found.items()
    ]


def _within(what: str, rounds: Sequence[Sequence[float]], goal: int, unit: str) -> list[Figure]:
    found: list[Figure] = []
    for percent in (50, 95):
        values = [percentile(each, percent) for each in rounds]
        found.append(
            Figure(
                bench=BENCH,
                what=f"{what}: {percent} of 100 within",
                value=median(values),
                unit=unit,
                low=min(values),
                high=max(values),
                goal=f"within {goal} {unit}" if percent == 95 else None,
            )
        )
    return found


def _quiet(_done: int, _of: int) -> None:
    """Progress is for people."""
