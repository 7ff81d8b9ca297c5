"""Issues get their numbers in order, each number once, whoever else is counting."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest

from domain.issue import Issue
from domain.refusals import Invalid
from service.assembly import Samsyn, assemble
from tests.examples import Clock, Started, a_started_samsyn, actor, an_open_issue, open_issue

OPEN_ISSUES = Path(__file__).with_name("open_issues.py")


@pytest.fixture
def started(database_url: str) -> Iterator[Started]:
    with a_started_samsyn(database_url, projections=[]) as started:
        yield started


@pytest.fixture
def other(database_url: str, started: Started) -> Iterator[Samsyn]:
    """A second program on the same database."""
    samsyn = assemble(database_url, [], Clock())
    yield samsyn
    samsyn.close()


def issue_of(started: Started, issue_id: UUID) -> Issue:
    issue: Issue = started.samsyn.casework.repository.get(issue_id)
    return issue


def test_numbers_run_on_without_holes(started: Started) -> None:
    first = an_open_issue(started)
    with pytest.raises(Invalid):
        started.execute(open_issue(category="unheard_of"))
    second = an_open_issue(started)
    numbers = [issue_of(started, each).number for each in (first, second)]
    assert numbers == ["TIC-2026-00001", "TIC-2026-00002"]


def test_numbers_begin_anew_each_year_of_opening(started: Started) -> None:
    an_open_issue(started)
    started.clock.set("2027-01-02 09:00")
    numbers = [issue_of(started, an_open_issue(started)).number for _ in range(2)]
    late = an_open_issue(started, occurred_at=started.clock().replace(year=2026))
    assert numbers == ["TIC-2027-00001", "TIC-2027-00002"]
    assert issue_of(started, late).number == "TIC-2026-00002"


def test_number_as_wanted_is_taken_once_and_counted_on_from(started: Started) -> None:
    wanted = an_open_issue(started, number="TIC-2026-00042")
    assert issue_of(started, wanted).number == "TIC-2026-00042"
    for number in ("TIC-2026-00042", "42", "TIC-2026-42"):
        with pytest.raises(Invalid) as refused:
            started.execute(open_issue(number=number))
        assert [(e.field, e.code) for e in refused.value.errors] == [("number", "bad_number")]
    assert issue_of(started, an_open_issue(started)).number == "TIC-2026-00043"


def test_number_claimed_elsewhere_is_passed_over(started: Started, other: Samsyn) -> None:
    an_open_issue(started)
    other.execution.execute(open_issue(), actor("u-dis-02"))  # has counted to 2
    an_open_issue(started)  # 3, of which the other does not know
    receipt = other.execution.execute(open_issue(), actor("u-dis-02"))
    assert issue_of(started, receipt.stream_id).number == "TIC-2026-00004"


def test_one_overtaken_while_it_is_decided_draws_the_number_after_theirs(
    database_url: str, started: Started
) -> None:
    left = [*range(20)]

    def overtaken() -> datetime:
        while left:
            left.pop()
            an_open_issue(started)
        return started.clock()

    slow = assemble(database_url, [], overtaken)
    slow.execution.execute(open_issue(), actor("u-dis-02"))  # it has counted to 21
    left[:] = range(20)
    receipt = slow.execution.execute(open_issue(), actor("u-dis-02"))
    assert issue_of(started, receipt.stream_id).number == "TIC-2026-00042"
    # What is kept in memory says the same as what stands in the log.
    kept = slow.execution.batch().loaded
    kept.learn([[] for _ in kept.wanted([receipt.stream_id])])
    assert kept.issue(receipt.stream_id).number == "TIC-2026-00042"
    slow.close()


def test_coroutines_of_two_programs_decide_once_and_get_numbers_in_the_logs_order(
    started: Started, other: Samsyn
) -> None:
    decided: list[object] = []

    async def open_many(samsyn: Samsyn) -> None:
        opening = (
            samsyn.execution.execute_async(open_issue(), actor("u-dis-02")) for _ in range(20)
        )
        decided.extend(await asyncio.gather(*opening))

    async def both() -> None:
        await asyncio.gather(open_many(started.samsyn), open_many(other))

    asyncio.run(both())
    opened = [
        e.event.number for e in started.samsyn.casework.read(0, 999) if e.topic == "IssueOpened"
    ]
    assert opened == [f"TIC-2026-{each:05d}" for each in range(1, 41)]
    assert len(decided) == len(opened)


def test_numbers_of_several_processes_are_given_once(database_url: str, started: Started) -> None:
    many = 10
    processes = [
        subprocess.Popen(
            [sys.executable, str(OPEN_ISSUES), database_url, str(many)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    told = [process.communicate("go\n")[0].split() for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    numbers = [number for of_one in told for number in of_one]
    assert sorted(numbers) == [f"TIC-2026-{each:05d}" for each in range(1, 2 * many + 1)]
