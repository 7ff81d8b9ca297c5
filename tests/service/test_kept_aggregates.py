"""What a process keeps in memory saves replaying; what is decided on is what the log holds."""

import asyncio
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from domain.issue import Issue
from domain.lifecycle import ParkIssue
from domain.notes import AddNote
from domain.refusals import Conflict, Invalid
from infra.ids import new_id
from infra.log.aggregates import Aggregates
from service.assembly import Samsyn, assemble
from tests.examples import (
    Clock,
    Started,
    a_sent_referral,
    a_started_samsyn,
    accept,
    actor,
    an_open_issue,
    decline,
)

NOTES = 30


@pytest.fixture
def started(database_url: str) -> Iterator[Started]:
    with a_started_samsyn(database_url, projections=[]) as started:
        yield started


@pytest.fixture
def other(database_url: str, started: Started) -> Iterator[Samsyn]:
    """A second program on the same database, with a memory of its own."""
    samsyn = assemble(database_url, [], Clock())
    yield samsyn
    samsyn.close()


def note(issue_id: UUID, text_sv: str = "Butikerna bekräftar.") -> AddNote:
    return AddNote(issue_id=issue_id, text_sv=text_sv)


def state_of(issue: Issue) -> dict[str, Any]:
    return {name: value for name, value in vars(issue).items() if not name.startswith("_")}


def test_kept_issue_equals_the_replayed_one(started: Started) -> None:
    issue_id, referral_id = a_sent_referral(started)
    started.execute(accept(issue_id, referral_id), "u-pol-01")
    started.execute(note(issue_id))
    kept: object = started.samsyn.execution._around.aggregates.take(issue_id)  # noqa: SLF001  what is kept
    assert isinstance(kept, Issue)
    assert state_of(kept) == state_of(started.samsyn.casework.repository.get(issue_id))
    assert kept.version == 5  # opened, sent, accepted, moved, noted
    assert not kept.pending_events


def test_program_decides_on_what_another_one_wrote(started: Started, other: Samsyn) -> None:
    issue_id, referral_id = a_sent_referral(started)
    other.execution.execute(note(issue_id), actor("u-dis-01"))  # both keep the issue now
    started.execute(accept(issue_id, referral_id), "u-pol-01")
    with pytest.raises(Conflict) as refused:
        other.execution.execute(decline(issue_id, referral_id), actor("u-pol-01"))
    assert refused.value.happened == "ReferralAccepted"
    assert other.execution.execute(note(issue_id), actor("u-dis-01")).version == 6


def test_two_programs_that_write_in_turn_never_lose_or_double_an_event(
    started: Started, other: Samsyn
) -> None:
    issue_id = an_open_issue(started)
    versions = [
        program.execution.execute(note(issue_id, f"Nummer {number}."), actor("u-dis-01")).version
        for number in range(NOTES)
        for program in (started.samsyn, other)
    ]
    assert versions == list(range(2, 2 * NOTES + 2))


def test_refused_command_leaves_nothing_behind_in_memory(started: Started) -> None:
    issue_id = an_open_issue(started)
    started.execute(note(issue_id))
    with pytest.raises(Invalid):
        started.execute(note(issue_id, ""))
    with pytest.raises(Invalid):
        started.execute(ParkIssue(issue_id=issue_id, until=Clock()(), reason_sv="Vilar."))
    receipt = started.execute(note(issue_id, "Sedan."))
    assert receipt.version == 3
    issue: Issue = started.samsyn.casework.repository.get(issue_id)
    assert issue.version == 3


def test_key_is_answered_first_though_the_command_would_be_accepted_again(
    started: Started, other: Samsyn
) -> None:
    issue_id = an_open_issue(started)
    first = started.execute(note(issue_id), key="k-1")
    started.execute(note(issue_id, "Sedan."))
    for program in (started.samsyn, other):
        again = program.execution.execute(note(issue_id), actor("u-dis-01"), "k-1")
        assert again.replayed
        assert (again.position, again.version) == (first.position, first.version)
    assert started.samsyn.casework.head() == first.position + 1


def test_coroutines_of_one_loop_take_turns_at_one_issue(started: Started) -> None:
    issue_id = an_open_issue(started)
    execution = started.samsyn.execution

    async def all_at_once() -> list[int]:
        given = [
            execution.execute_async(note(issue_id, f"Nummer {number}."), actor("u-dis-01"))
            for number in range(NOTES)
        ]
        return [receipt.version for receipt in await asyncio.gather(*given)]

    assert sorted(asyncio.run(all_at_once())) == list(range(2, NOTES + 2))


def test_memory_is_bounded_by_events_and_the_longest_unused_make_room(started: Started) -> None:
    issues = [an_open_issue(started) for _ in range(3)]
    for issue_id in issues[:2]:
        started.execute(note(issue_id))
    loaded: list[Issue] = [started.samsyn.casework.repository.get(each) for each in issues]
    first, second, third = loaded
    aggregates = Aggregates(most_events=4)
    aggregates.give_back([first, second])  # two events each
    aggregates.give_back([third])
    assert aggregates.take(first.id) is None
    assert aggregates.take(second.id) is second
    assert aggregates.take(second.id) is None  # whoever takes one owns it
    assert aggregates.take(new_id()) is None
    aggregates.give_back([first])
    assert aggregates.take(third.id) is third
