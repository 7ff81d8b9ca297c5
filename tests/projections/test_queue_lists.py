"""Queues as lists: pages in order, seen by who may, found by the index and not by searching."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, event, text

from domain.codes import Badge, Priority, ReferralType
from domain.follow_up import ScheduleFollowUp
from domain.notes import MarkSecrecy
from domain.values import Actor, Role
from infra.ids import new_id
from projections.queue_rows import IN_ORDER, MARKS, ON_TOP
from projections.queue_selection import (
    NOBODY,
    Sort,
    Wanted,
    count_in_queue,
    issues_in_queue,
    select_from_queue,
)
from projections.queues import EVERYONE, FOLLOW_UP_LATER, QUEUES, Bucket, queue_items
from projections.queues_queries import counters, queue_of
from projections.row_statements import upsert
from projections.visibility import VISIBILITY
from service.viewers import viewer_of
from tests.examples import (
    Started,
    a_sent_referral,
    a_started_samsyn,
    accept,
    an_open_issue,
    decline,
    local,
    performed,
    send_referral,
)
from tests.projections.queue_reading import EVERYTHING, lines, stands, viewer

NEEDED = (VISIBILITY, QUEUES)
WRONG_PAGES: Sequence[dict[str, Any]] = (
    {"after": "åäö"},
    {"after": "W10"},
    {"limit": 0},
    {"limit": 201},
)
GUARD = Actor(user_id="u-guard", agency_id="partner_guards", role=Role.CASEWORKER)


def fill(started: Started, count: int) -> None:
    """Issues in every part of the district's queue, some with the same times."""
    for n in range(count):
        issue_id, referral_id = a_sent_referral(started)
        if n % 3 == 1:
            started.execute(decline(issue_id, referral_id), "u-pol-01")
        if n % 3 == 2:
            started.execute(performed(issue_id))
        if n % 4 == 3:
            started.clock.advance(hours=7)


@pytest.mark.parametrize("limit", [1, 2, 5])
def test_pages_follow_each_other_without_gap_or_repetition(database_url: str, limit: int) -> None:
    with a_started_samsyn(database_url, projections=NEEDED) as started:
        fill(started, 13)
        started.clock.advance(days=30)
        for bucket in Bucket:
            whole = lines(started, "district", bucket)
            assert lines(started, "district", bucket, limit=limit) == whole
            assert len({(line.issue_id, line.referral_id) for line in whole}) == len(whole)
        assert lines(started, "district", Bucket.OURS)
        late = lines(started, "district", Bucket.OVERDUE)
        assert late == sorted(late, key=lambda line: (line.due_at, line.issue_id))
        assert all(line.overdue and Badge.OVERDUE in line.badges for line in late)


def test_a_bad_cursor_or_limit_is_a_value_error(sqlite_url: str) -> None:
    with a_started_samsyn(sqlite_url, projections=NEEDED) as started:
        now = started.clock.now
        with started.samsyn.engine.connect() as db:
            for wrong in WRONG_PAGES:
                with pytest.raises(ValueError, match=r"cursor|limit"):
                    queue_of(db, EVERYTHING, "police", Bucket.OURS, now=now, **wrong)


def test_a_partner_sees_its_own_queue_and_little_of_the_issue(database_url: str) -> None:
    with a_started_samsyn(database_url, projections=NEEDED) as started:
        issue_id = an_open_issue(started, title="Mellan oss: kanalen")
        started.execute(send_referral(issue_id, "partner_guards", type=ReferralType.ASSIST))
        started.execute(MarkSecrecy(issue_id=issue_id, provision="OSL 18:1"), "u-reg-01")
        guard = viewer_of(GUARD, started.samsyn.execution.agencies())
        (line,) = lines(started, "partner_guards", Bucket.TO_ANSWER, guard)
        assert (line.title, line.badges) == ("Otrygghet vid Brunnsparken", ())
        assert lines(started, "district", Bucket.OURS, guard) == []
        assert stands(started, issue_id, guard) == {"partner_guards to_answer"}


def test_a_restricted_issue_is_in_nobody_elses_lists_or_counts(database_url: str) -> None:
    with a_started_samsyn(database_url, projections=NEEDED) as started:
        open_one = an_open_issue(started, "u-pol-01")
        secret = an_open_issue(started, "u-pol-01", category="extremism")
        both, one = {open_one, secret}, {open_one}
        for by, seen in (("u-pol-02", both), ("u-dis-01", one), ("u-aud-01", one)):
            for bucket in (Bucket.OURS, Bucket.UNASSIGNED):
                found = {
                    line.issue_id for line in lines(started, "police", bucket, viewer(started, by))
                }
                assert found == seen, by
        assert stands(started, secret, viewer(started, "u-dis-01")) == set()


def test_a_follow_up_laid_on_an_agency_that_may_not_see_the_issue_is_not_counted_there(
    database_url: str,
) -> None:
    with a_started_samsyn(database_url, projections=NEEDED) as started:
        secret = an_open_issue(started, "u-pol-01", category="extremism")
        due_at = local("2026-01-20 09:00")
        laid = ScheduleFollowUp(issue_id=secret, due_at=due_at, responsible_agency="social")
        started.execute(laid, "u-pol-01")
        started.clock.advance(days=30)
        started.catch_up()
        now, who = started.clock.now, viewer(started, "u-soc-01")
        wanted = Wanted(category="extremism")
        with started.samsyn.engine.connect() as db:
            for bucket in (Bucket.FOLLOW_UP, Bucket.OVERDUE):
                found = partial(
                    count_in_queue, db, agency_id="social", bucket=bucket, wanted=wanted
                )
                assert found(viewer=EVERYTHING, now=now) == 1
                assert found(viewer=who, now=now) == 0
                assert counters(db, who, "social", now)[bucket] == 0


@pytest.mark.parametrize("by", ["u-adm-01", "u-rep-01"])
def test_those_who_read_no_issue_see_empty_queues(sqlite_url: str, by: str) -> None:
    with a_started_samsyn(sqlite_url, projections=NEEDED) as started:
        issue_id, referral_id = a_sent_referral(started)
        started.execute(accept(issue_id, referral_id), "u-pol-01")
        for agency_id in ("district", "police", "partner_nordstan"):
            for bucket in Bucket:
                assert lines(started, agency_id, bucket, viewer(started, by)) == []
        assert stands(started, issue_id, viewer(started, by)) == set()


def test_another_agencys_queue_can_be_read(sqlite_url: str) -> None:
    with a_started_samsyn(sqlite_url, projections=NEEDED) as started:
        issue_id, _ = a_sent_referral(started)
        (line,) = lines(started, "police", Bucket.TO_ANSWER, viewer(started, "u-soc-01"))
        assert line.issue_id == issue_id


@pytest.mark.slow
def test_every_page_and_count_is_a_range_of_the_index(database_url: str) -> None:
    with a_started_samsyn(database_url, projections=NEEDED) as started:
        issues = [an_open_issue(started, priority=Priority.URGENT) for _ in range(40)]
        for issue_id in issues:
            started.execute(send_referral(issue_id))
        started.clock.advance(days=30)
        started.catch_up()
        multiply(started, issues)
        now = started.clock.now
        who = viewer(started, "u-coo-01")
        with started.samsyn.engine.connect() as db:
            for bucket in Bucket:
                first = partial(queue_of, db, who, "police", bucket, now=now)
                for query in (first, partial(first, after=first(limit=20).next)):
                    plans = plans_of(db, query)
                    assert plans
                    for plan in plans:
                        assert_range(plan, bucket)
            for agency_id in ("district", "police"):
                for plan in plans_of(db, partial(counters, db, who, agency_id, now)):
                    assert_range(plan, "counters", index="queue_items_")  # either is a range


def multiply(started: Started, issues: Sequence[UUID]) -> None:
    """Give the queues so many lines that only an index finds a page of them."""
    at = started.clock.now
    rows = [
        {
            "agency_id": agency_id,
            "bucket": bucket,
            "issue_id": issue_id,
            "item_id": new_id(),
            "urgency": n % 4,
            "number": f"TIC-2026-{n:05}",
            "category": ("other", "drug_dealing")[n % 2],
            "caseworker": ("", "u-pol-01")[n % 2],
            "marks": n % 16,
            "rank": rank,
            "sort_at": at - timedelta(minutes=n),
            "due_at": at - timedelta(minutes=n),
            "since_at": at - timedelta(minutes=n),
        }
        for agency_id in ("police", "social", EVERYONE)
        for bucket in (*Bucket, FOLLOW_UP_LATER)
        for issue_id in issues
        for rank in (ON_TOP, IN_ORDER)
        for n in range(20)
    ]
    with started.samsyn.engine.execution_options(writes=True).begin() as db:
        upsert(db, queue_items, rows)
    with started.samsyn.engine.execution_options(writes=True).begin() as db:
        db.execute(text("ANALYZE"))


def plans_of(db: Connection, query: Callable[[], object]) -> list[str]:
    """How the database finds what a query asks for."""
    sent: list[tuple[str, object]] = []

    def note(_db: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        sent.append((statement, parameters))

    event.listen(db, "before_cursor_execute", note)
    try:
        query()
    finally:
        event.remove(db, "before_cursor_execute", note)
    explain = "EXPLAIN " if db.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN "
    return [
        "\n".join(
            str(row[-1])
            for row in db.exec_driver_sql(explain + statement, parameters).all()  # type: ignore[arg-type]  # as they were sent
        )
        for statement, parameters in sent
        if "queue_items" in statement
    ]


def assert_range(plan: str, what: str, index: str = "queue_items_in_order") -> None:
    """A range of the index and no more: neither the whole table nor the whole bucket sorted."""
    assert index in plan, f"{what}: {plan}"
    for bad in ("Seq Scan on queue_items", "SCAN queue_items", "Sort", "TEMP B-TREE"):
        assert bad not in plan, f"{what}: {plan}"


def test_overdue_begins_at_the_due_time(database_url: str) -> None:
    with a_started_samsyn(database_url, projections=NEEDED) as started:
        issue_id, _ = a_sent_referral(started)
        started.clock.set("2026-01-13 08:14")
        assert lines(started, "police", Bucket.OVERDUE) == []
        started.clock.set("2026-01-13 08:15")
        (line,) = lines(started, "police", Bucket.OVERDUE)
        assert (line.issue_id, line.due_at) == (issue_id, local("2026-01-13 08:15"))


ORDERS = [Wanted(sort=sort, descending=down) for sort in Sort for down in (False, True)]


def test_pages_of_a_queue_in_any_order_have_no_gaps(database_url: str) -> None:
    with a_started_samsyn(database_url, projections=NEEDED) as started:
        fill(started, 13)
        started.catch_up()
        multiply(started, [an_open_issue(started, category="drug_dealing") for _ in range(2)])
        started.catch_up()
        now = started.clock.now
        narrowed = (Wanted(priority="high"), Wanted(category="drug_dealing"))
        cases = [("district", Bucket.OURS, wanted) for wanted in (*ORDERS, *narrowed)]
        # Two ranges: what is to be followed up by its status, and what time has brought in.
        cases += [("police", Bucket.FOLLOW_UP, wanted) for wanted in (*ORDERS, *narrowed)]
        with started.samsyn.engine.connect() as db:
            for agency_id, bucket, wanted in cases:
                ask = partial(select_from_queue, db, EVERYTHING, agency_id, bucket, wanted, now=now)
                whole = ask(limit=200).items
                found = [*(page := ask(limit=3)).items]
                while page.next:
                    found += (page := ask(limit=3, after=page.next)).items
                assert found == list(whole), wanted
                assert whole, wanted
                count = count_in_queue(db, EVERYTHING, agency_id, bucket, wanted, now)
                assert count == len(whole)
                issues = issues_in_queue(db, EVERYTHING, agency_id, bucket, wanted, now)
                assert issues == list(dict.fromkeys(line.issue_id for line in whole))
                with pytest.raises(ValueError, match="cursor"):
                    ask(after="x")


INDEX_OF = (
    (Wanted(sort=Sort.PRIORITY), "by_urgency"),
    (Wanted(sort=Sort.PRIORITY, descending=True), "by_urgency"),
    (Wanted(priority="high"), "by_urgency"),
    (Wanted(sort=Sort.NUMBER), "by_number"),
    (Wanted(sort=Sort.NUMBER, descending=True), "by_number"),
    (Wanted(sort=Sort.SINCE), "by_since"),
    (Wanted(sort=Sort.SINCE, descending=True), "by_since"),
    (Wanted(category="drug_dealing"), "by_category"),
    (Wanted(caseworker="u-pol-01"), "by_caseworker"),
    (Wanted(caseworker=NOBODY), "by_caseworker"),
    *((Wanted(badge=badge), badge.value) for badge in MARKS),
)


@pytest.mark.slow
def test_every_order_and_every_filter_is_a_range_of_an_index(database_url: str) -> None:
    with a_started_samsyn(database_url, projections=NEEDED) as started:
        issues = [an_open_issue(started, priority=Priority.URGENT) for _ in range(40)]
        started.catch_up()
        multiply(started, issues)
        now, who = started.clock.now, viewer(started, "u-coo-01")
        with started.samsyn.engine.connect() as db:
            for (wanted, index), bucket in product(INDEX_OF, (Bucket.OURS, Bucket.FOLLOW_UP)):
                if bucket is Bucket.FOLLOW_UP and wanted.sort is not Sort.DUE:
                    continue  # what time has brought in, in another order: sorted if it is little
                first = partial(
                    select_from_queue, db, who, "police", bucket, wanted, now=now, limit=20
                )
                for query in (first, partial(first, after=first().next)):
                    for plan in plans_of(db, query):
                        assert_range(plan, f"{bucket} {wanted}", index=f"queue_items_{index}")
