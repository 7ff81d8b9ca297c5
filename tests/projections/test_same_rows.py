"""The same rows whatever the batches: live, one by one, by the thousand, or rebuilt."""

from collections import Counter
from collections.abc import Sequence
from itertools import count
from random import Random

import pytest
from sqlalchemy import func, select

from domain.codes import IssueStatus, ReferralStatus, ReferralType
from domain.issue import Issue
from domain.log_entry import LogEntry
from projections.catalogue import PROJECTIONS
from projections.clocks import CLOCKS
from projections.content_hash import content_hash
from projections.issue_state import IssueNow
from projections.projection import Projection
from projections.queues import COUNTED, QUEUES, queue_counts, queue_issues, queue_items
from projections.rebuild import rebuild
from projections.store import Store
from tests.examples import Started, a_started_samsyn
from tests.random_walk import Walk

SEEDS = (3, 5)
_generations = count(1_000)


def hash_of_live(started: Started, projection: Projection) -> str:
    with started.samsyn.engine.connect() as db:
        return content_hash(db, projection.tables)


def hash_of_fold(
    started: Started, projection: Projection, log: Sequence[LogEntry], size: int
) -> str:
    """Fold the log in batches of one size into tables of their own."""
    metadata, tables = projection.copies(next(_generations))
    with started.samsyn.engine.execution_options(writes=True).begin() as db:
        metadata.create_all(db)
        for start in range(0, len(log), size):
            batch = projection.wanted(log[start : start + size])
            if batch:
                store = Store.within(db, tables)
                projection.fold(batch, store)
                store.flush(db)
        return content_hash(db, tables)


@pytest.mark.slow
@pytest.mark.no_cover
@pytest.mark.parametrize("seed", SEEDS)
def test_every_way_to_fold_gives_the_same_rows(database_url: str, seed: int) -> None:
    with a_started_samsyn(database_url) as started:
        dice = Random(seed)

        def sometimes_follow() -> None:
            if dice.random() < 0.1:
                started.catch_up()

        Walk(started, seed).steps(150, sometimes_follow)
        started.catch_up()
        log = started.samsyn.casework.read(0, 100_000)
        assert len({entry.topic for entry in log}) > 25
        for projection in PROJECTIONS:
            live = hash_of_live(started, projection)
            for size in (1, 37, 1_000):
                folded = hash_of_fold(started, projection, log, size)
                assert folded == live, f"{projection.name} in batches of {size}"
            casework = started.samsyn.casework
            result = rebuild(started.samsyn.engine, projection, casework.read, casework.head)
            assert result.same, projection.name


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_state_is_what_the_issues_themselves_say(sqlite_url: str, seed: int) -> None:
    with a_started_samsyn(sqlite_url, projections=[QUEUES, CLOCKS]) as started:
        walk = Walk(started, seed)
        walk.steps(400)
        started.catch_up()
        with started.samsyn.engine.connect() as db:
            kept = {
                row.issue_id: row.state
                for row in db.execute(select(queue_issues.c.issue_id, queue_issues.c.state))
            }
        assert set(kept) == set(walk.issues)
        for issue_id, state in kept.items():
            assert told(state) == told_by(started.samsyn.casework.repository.get(issue_id))


@pytest.mark.parametrize("seed", SEEDS)
def test_counters_count_the_lines(database_url: str, seed: int) -> None:
    with a_started_samsyn(database_url, projections=[QUEUES, CLOCKS]) as started:
        Walk(started, seed).steps(120, started.catch_up)
        items = queue_items.c
        with started.samsyn.engine.connect() as db:
            lines = db.execute(
                select(items.agency_id, items.bucket, func.count())
                .where(items.bucket.in_([bucket.value for bucket in COUNTED]))
                .group_by(items.agency_id, items.bucket)
            )
            counts = db.execute(select(queue_counts))
            assert Counter(map(tuple, lines.all())) == Counter(map(tuple, counts.all()))


def told(state: IssueNow) -> dict[str, object]:
    """What the queues' state and the aggregate both know, in the same words."""
    return {
        "version": state.version,
        "status": state.status,
        "responsible": state.responsible_agency,
        "title": (state.number, state.title, state.public_title, state.place_name),
        "category": (state.category, state.priority),
        "caseworkers": state.caseworkers,
        "marks": state.secrecy_marks,
        "ping_pong": state.ping_pong,
        "parked_until": state.parked_until,
        "follow_up": state.follow_up_due,
        "unassessed_since": state.unassessed_since,
        "planned": {id_: (each.agency_id, each.due_on) for id_, each in state.actions.items()},
        "unanswered": {
            id_: (each.status, each.deadlines, each.reminded, each.escalated)
            for id_, each in state.open_referrals()
        },
        "assisting": {
            id_
            for id_, each in state.referrals.items()
            if each.status is ReferralStatus.ACCEPTED and each.type is ReferralType.ASSIST
        },
    }


def told_by(issue: Issue) -> dict[str, object]:
    over = issue.status in (IssueStatus.MERGED, IssueStatus.VOIDED)
    assisting = {
        id_
        for id_, each in issue.referrals.items()
        if each.status is ReferralStatus.ACCEPTED and each.type is ReferralType.ASSIST
    }
    return {
        "version": issue.version,
        "status": issue.status,
        "responsible": issue.responsible_agency,
        "title": (issue.number, issue.title, issue.public_title, issue.place.name),
        "category": (issue.category, issue.priority),
        "caseworkers": issue.caseworkers,
        "marks": issue.secrecy_marks,
        "ping_pong": issue.ping_pong,
        "parked_until": issue.parked_until,
        # What can no longer lead to anything is not kept in the queues' state.
        "follow_up": None if over else issue.follow_up_due,
        "unassessed_since": None if over else issue.unassessed_since,
        "planned": {each.action_id: (each.agency_id, each.due_on) for each in issue.open_actions()},
        "unanswered": {
            each.referral_id: (each.status, each.deadlines, each.reminded, each.escalated)
            for each in issue.open_referrals()
        },
        "assisting": set() if over else assisting,
    }
