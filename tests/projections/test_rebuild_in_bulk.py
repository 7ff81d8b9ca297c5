"""The bulk half of a rebuild: the same rows in parts, with next to no memory, and after a kill."""

import subprocess
import sys
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import IO

import pytest
from sqlalchemy import Engine, inspect, text, update

from domain.lifecycle import MergeIssues
from domain.log_entry import LogEntry
from domain.stream_range import StreamRange
from infra.log.scan import LogReader
from projections import checkpoints
from projections.bulk import LIMITS, Build, Limits, Scan, fold_all
from projections.catalogue import PROJECTIONS
from projections.clocks import CLOCKS
from projections.content_hash import content_hash
from projections.projection import Projection
from projections.queues import QUEUES, queue_issues, queue_items
from projections.rebuild import Rebuilding, rebuild
from projections.tail import LeadershipLost
from service.rebuilding import rebuild_together, with_besides
from tests.examples import Started, a_started_samsyn, open_issue, receive_report
from tests.random_walk import Walk
from tests.servers import plain_address

KILLS = 3

LARGE = 1_000_000
"""Events of a part: more than there are."""

TINY = Limits(cells=40, entries=25, added=7)
"""Everything is written and forgotten all the time, and read again when it is needed."""


@pytest.fixture
def walked(database_url: str) -> Iterator[Started]:
    with a_started_samsyn(database_url) as started:
        Walk(started, 7).steps(60)
        started.catch_up()
        yield started


def hash_of(engine: Engine, projection: Projection) -> str:
    with engine.connect() as db:
        return content_hash(db, projection.tables)


def test_rows_that_were_forgotten_are_read_again(walked: Started) -> None:
    samsyn = walked.samsyn
    for projection in PROJECTIONS:
        before = hash_of(samsyn.engine, projection)
        for limits in (TINY, LIMITS):
            result = rebuild(
                samsyn.engine,
                projection,
                samsyn.casework.read,
                samsyn.casework.head,
                scan=pages_of(walked, 10),
                limits=limits,
            )
            assert result.same, (projection.name, limits)
            assert result.hash_live == before, (projection.name, limits)


def test_parts_are_together_the_whole(walked: Started) -> None:
    samsyn = walked.samsyn
    thirds = LogReader(samsyn.engine).divide(LARGE, least=3)
    assert len(thirds) == 2
    for projection in PROJECTIONS:
        rebuilding = Rebuilding(
            samsyn.engine, projection, samsyn.casework.read, samsyn.casework.head
        )
        target = rebuilding.begin(thirds)
        for part in with_besides(LogReader(samsyn.engine), [projection], thirds, target):
            build = Build(samsyn.engine, projection, target)
            fold_all([build], [part], samsyn.casework.scan, TINY if part.number else LIMITS)
        result = rebuilding.finish()
        assert result.same, projection.name
        assert result.events == samsyn.casework.head()


def test_a_merge_reaches_reports_that_another_part_folds(database_url: str) -> None:
    with a_started_samsyn(database_url) as started:
        for _ in range(4):
            reports = tuple(started.create(receive_report()) for _ in range(6))
            into = started.create(open_issue())
            merged = started.create(open_issue(report_ids=reports))
            started.execute(
                MergeIssues(issue_id=merged, into_issue_id=into, reason_sv="Samma problem.")
            )
        started.catch_up()
        together = rebuild_together(started.samsyn.engine, PROJECTIONS)
        assert all(result.same for result in together)


def test_parts_that_are_not_all_done_are_not_united(walked: Started) -> None:
    samsyn = walked.samsyn
    rebuilding = Rebuilding(samsyn.engine, QUEUES, samsyn.casework.read, samsyn.casework.head)
    target = rebuilding.begin(LogReader(samsyn.engine).divide(LARGE, least=2))
    build = Build(samsyn.engine, QUEUES, target)
    fold_all([build], rebuilding.parts()[:1], samsyn.casework.scan, LIMITS)
    with pytest.raises(LeadershipLost):
        rebuilding.finish()
    # Divided in another way, it begins anew.
    assert rebuild(samsyn.engine, QUEUES, samsyn.casework.read, samsyn.casework.head).same


def test_parts_that_were_left_are_folded_by_the_next_call(walked: Started) -> None:
    samsyn = walked.samsyn
    quarters = LogReader(samsyn.engine).divide(LARGE, least=4)
    rebuilding = Rebuilding(samsyn.engine, QUEUES, samsyn.casework.read, samsyn.casework.head)
    target = rebuilding.begin(quarters)
    build = Build(samsyn.engine, QUEUES, target)
    fold_all([build], rebuilding.parts()[:3], samsyn.casework.scan, LIMITS)
    walked.create(open_issue())
    walked.catch_up()
    seen: set[str] = set()
    results = rebuild_together(
        samsyn.engine, [CLOCKS, QUEUES], lambda progress: seen.add(progress.name)
    )
    assert [result.same for result in results] == [True, True]
    head = samsyn.casework.head()
    assert head > target
    assert [result.position for result in results] == [head, head]
    clocks, queues = (result.events for result in results)
    assert queues < clocks == head
    assert {"queues 1/2", "queues 2/2", "clocks 1/2", "clocks 2/2"} <= seen


def test_several_at_once_share_the_pages_and_all_are_the_same(walked: Started) -> None:
    engine = walked.samsyn.engine
    with engine.execution_options(writes=True).begin() as db:
        db.execute(update(queue_issues).values(title="fel"))
    results = {each.name: each for each in rebuild_together(engine, PROJECTIONS, processes=1)}
    assert {name for name, result in results.items() if not result.same} == {"queues"}
    assert set(results) == {projection.name for projection in PROJECTIONS}
    again = rebuild_together(engine, [QUEUES, CLOCKS], processes=1)
    assert all(result.same for result in again)
    indexes = {each["name"] for each in inspect(engine).get_indexes("queue_items")}
    assert indexes == {f"{each.name}__g2" for each in queue_items.indexes}
    assert "queue_items_in_order__g2" in indexes


def test_two_processes_fold_one_in_parts_and_several_each(walked: Started) -> None:
    engine = walked.samsyn.engine
    seen: set[str] = set()
    (alone,) = rebuild_together(engine, [QUEUES], lambda progress: seen.add(progress.name))
    assert alone.same
    assert {"queues 1/2", "queues 2/2"} <= seen
    together = rebuild_together(engine, PROJECTIONS, lambda progress: seen.add(progress.name))
    assert all(result.same for result in together)
    assert {projection.name for projection in PROJECTIONS} <= seen
    found = inspect(engine)
    for table in (table for each in PROJECTIONS for _, table in each.tables):
        # Taken away while parts are folded, and built again.
        key = found.get_pk_constraint(table.name)["constrained_columns"]
        assert key == [column.name for column in table.primary_key.columns]
        assert len(found.get_indexes(table.name)) == len(table.indexes)


def test_a_rebuild_that_is_killed_goes_on_where_it_was(walked: Started, tmp_path: Path) -> None:
    engine = walked.samsyn.engine
    head = walked.samsyn.casework.head()
    before = {name: hash_of(engine, name) for name in (QUEUES, CLOCKS)}
    dice = Random(11)
    seen: list[int] = []
    while len(seen) < KILLS:
        errors = tmp_path / "errors"
        with (
            errors.open("ab") as output,
            killed_at_the_end(plain_address(engine.url), output) as process,
        ):
            assert process.stdout is not None
            # It says so when its next checkpoint is written.
            assert process.stdout.readline(), errors.read_text()
            time.sleep(dice.random() * 0.2)
        seen.append(furthest(engine))
    assert 0 < seen[0] < seen[-1] < head
    assert seen == sorted(seen)
    for projection in (QUEUES, CLOCKS):
        samsyn = walked.samsyn
        result = rebuild(engine, projection, samsyn.casework.read, samsyn.casework.head)
        assert result.same
        assert result.events < head
        assert result.hash_copy == before[projection] == hash_of(engine, projection)
    with engine.connect() as db:
        assert [name for name in checkpoints.find(db) if "@" in name] == []
        assert db.execute(text("SELECT count(*) FROM queue_issues")).scalar_one() > 0


@contextmanager
def killed_at_the_end(url: str, errors: IO[bytes]) -> Generator[subprocess.Popen[bytes]]:
    """Run a slow rebuild, and kill it without warning."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.projections.slow_rebuild", url, QUEUES.name, CLOCKS.name],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=errors,
    ) as process:
        yield process
        process.kill()


def furthest(engine: Engine) -> int:
    with engine.connect() as db:
        return min(c.position for name, c in checkpoints.find(db).items() if "@rebuild" in name)


def pages_of(started: Started, size: int) -> Scan:
    def scan(
        after: int, until: int, streams: StreamRange, besides: Sequence[int]
    ) -> Iterator[Sequence[LogEntry]]:
        for page in started.samsyn.casework.scan(after, until, streams, besides):
            for start in range(0, len(page), size):
                yield page[start : start + size]

    return scan
