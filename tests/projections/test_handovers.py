"""Hand-overs: the figures of an event log by the public definitions, and who held what when."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from domain.codes import ReferralType
from domain.lifecycle import IssuesMerged, IssueVoided
from domain.log_entry import LogEntry
from domain.values import Actor, Role
from infra.database import connect
from projections.content_hash import content_hash
from projections.handovers import HANDOVERS
from projections.handovers_queries import handover_figures, holders_at, sources
from projections.rebuild import rebuild
from projections.store import Store
from projections.viewer import Viewer
from projections.visibility import VISIBILITY
from tests.projections.written_log import EVERYTHING, WrittenLog, fold_all
from tests.reference_figures import Row, figures
from tests.reference_figures import holders_at as reference_holders_at

START = datetime(2011, 3, 7, 8, 0, tzinfo=UTC)
NAMES = {"log-a": "Group 1", "log-b": "Group 10", "log-c": "Ärendeenheten"}

Told = tuple[int, int, str | None]
"""An action of an imported log: case, minutes after the start, group."""


def written(told: Sequence[Told], log: str = "receipt") -> WrittenLog:
    """The log as an import leaves it: each change of group a transfer, in the order of time."""
    result = WrittenLog()
    for agency_id, name in NAMES.items():
        result.agency(agency_id, name, START)
    cases: dict[int, list[Told]] = {}
    for action in told:
        cases.setdefault(action[0], []).append(action)
    for case, actions in cases.items():
        actions.sort(key=lambda action: action[1])
        groups = [group for _, _, group in actions if group]
        holder = groups[0] if groups else "log-a"
        issue_id = result.issue(case, at(actions[0][1]), holder, log=log)
        for _, minutes, group in actions:
            if group and group != holder:
                result.transfer(issue_id, at(minutes), holder, group)
                holder = group
            result.action(issue_id, at(minutes), group)
    return result


def at(minutes: int) -> datetime:
    return START + timedelta(minutes=minutes)


def expected(told: Sequence[Told]) -> list[Row]:
    return [
        Row(case=str(case), time=at(minutes), group=NAMES[group] if group else "", activity="x")
        for case, minutes, group in told
    ]


def figures_of(engine: Engine, log: WrittenLog, **asked: Any) -> dict[str, Any]:
    fold_all(engine, log, VISIBILITY, HANDOVERS)
    with engine.connect() as db:
        return handover_figures(db, EVERYTHING, **asked)


def test_an_empty_log_has_no_throughput(engine: Engine) -> None:
    assert figures_of(engine, WrittenLog()) == figures([])


def test_every_figure_of_a_small_log(engine: Engine) -> None:
    told: list[Told] = [
        (1, 0, "log-a"), (1, 10, "log-b"), (1, 20, "log-b"), (1, 30, "log-a"), (1, 40, "log-b"),
        (2, 0, None), (2, 5, "log-c"), (2, 6, None), (2, 8, "log-a"),
        (3, 7, None),
    ]  # fmt: skip
    found = figures_of(engine, written(told))
    assert found == {
        "cases": 3,
        "events": 10,
        "events_without_group": 3,
        "events_per_group": {"Group 1": 3, "Group 10": 3, "Ärendeenheten": 1},
        "handovers": {
            "total": 4,
            "matrix": [
                {"from": "Group 1", "to": "Group 10", "count": 2},
                {"from": "Group 10", "to": "Group 1", "count": 1},
                {"from": "Ärendeenheten", "to": "Group 1", "count": 1},
            ],
        },
        "ping_pong": {"cases": 1, "occurrences": 2},
        "throughput_seconds": {
            "min": 0.0, "p10": 96.0, "p25": 240.0, "median": 480.0, "p75": 1440.0, "p90": 2016.0,
            "p95": 2208.0, "max": 2400.0, "mean": 960.0,
        },
    }  # fmt: skip
    assert found == figures(expected(told))


def test_actions_told_late_are_counted_when_they_happened(engine: Engine) -> None:
    log = WrittenLog()
    issue_id = log.issue(1, at(0), "police")
    for minutes, agency in ((0, "police"), (30, "social"), (10, "police"), (20, "police")):
        log.action(issue_id, at(minutes), agency)
    found = figures_of(engine, log)
    assert found["handovers"]["matrix"] == [{"from": "police", "to": "social", "count": 1}]
    assert found["ping_pong"] == {"cases": 0, "occurrences": 0}
    assert found["throughput_seconds"]["max"] == 30 * 60


def test_equal_times_stay_in_the_order_of_the_stream(engine: Engine) -> None:
    told: list[Told] = [(1, 5, "log-b"), (1, 5, "log-a"), (1, 5, "log-b"), (1, 5, "log-b")]
    found = figures_of(engine, written(told))
    assert found["handovers"]["total"] == 2
    assert found["ping_pong"] == {"cases": 1, "occurrences": 1}


def test_an_action_without_a_group_does_not_part_two_of_the_same(engine: Engine) -> None:
    told: list[Told] = [(1, 0, "log-a"), (1, 1, None), (1, 2, "log-a"), (1, 3, None)]
    found = figures_of(engine, written(told))
    assert (found["handovers"]["total"], found["events_without_group"]) == (0, 2)


def test_one_source_is_told_from_another_and_from_our_own(engine: Engine) -> None:
    log = written([(1, 0, "log-a"), (1, 9, "log-b")], log="receipt")
    other = log.issue(2, at(0), "log-a", log="helpdesk")
    log.action(other, at(3), "log-a")
    log.action(log.issue(3, at(0), "police"), at(1), "police")
    assert figures_of(engine, log, source="receipt")["events"] == 2
    with engine.connect() as db:
        assert handover_figures(db, EVERYTHING, source="helpdesk")["events"] == 1
        assert handover_figures(db, EVERYTHING)["events"] == 4
        assert handover_figures(db, EVERYTHING, source="receip")["events"] == 0
        assert sources(db, EVERYTHING) == ["helpdesk", "receipt"]


def test_merged_and_voided_issues_do_not_count(engine: Engine) -> None:
    log = WrittenLog()
    kept, merged, voided = (log.issue(n, at(0), "police") for n in (1, 2, 3))
    for issue_id in (kept, merged, voided):
        log.action(issue_id, at(1), "police")
    for stream_id in (merged, kept):
        log.append(IssuesMerged, stream_id, at(2), merged_id=merged, into_id=kept, report_ids=())
    log.append(IssueVoided, voided, at(2))
    assert figures_of(engine, log)["cases"] == 1


@pytest.mark.parametrize("role", [Role.ADMIN, Role.REPORTER, Role.CASEWORKER])
def test_partners_reporters_and_administrators_get_no_number(engine: Engine, role: Role) -> None:
    log = written([(1, 0, "log-a"), (1, 9, "log-b")])
    log.refer(UUID(int=1), at(0), at(9), "partner_guards", type=ReferralType.ASSIST)
    fold_all(engine, log, VISIBILITY, HANDOVERS)
    stranger = Viewer(Actor(user_id="u", agency_id="partner_guards", role=role), authority=False)
    with engine.connect() as db:
        assert handover_figures(db, stranger)["events"] == 0
        assert sources(db, stranger) == []
        assert holders_at(db, stranger, at(5)) == {}


@contextmanager
def a_sqlite_file() -> Generator[Engine]:
    with TemporaryDirectory() as folder:
        engine = connect(f"sqlite:///{Path(folder) / 'figures.db'}")
        try:
            yield engine
        finally:
            engine.dispose()


told_actions = st.lists(
    st.tuples(
        st.integers(1, 4), st.integers(0, 12), st.sampled_from([None, "log-a", "log-b", "log-c"])
    ),
    max_size=40,
)


@settings(max_examples=40)
@given(told=told_actions, step=st.integers(1, 30), minutes=st.integers(-1, 13))
def test_any_log_has_the_figures_of_the_independent_reader(
    told: list[Told], step: int, minutes: int
) -> None:
    with a_sqlite_file() as engine:
        log = written(told)
        fold_all(engine, log, VISIBILITY, HANDOVERS, step=step)
        with engine.connect() as db:
            assert handover_figures(db, EVERYTHING, source="receipt") == figures(expected(told))
            held = holders_at(db, EVERYTHING, at(minutes), source="receipt")
            assert held == reference_holders_at(expected(told), at(minutes))


@settings(max_examples=40)
@given(told=told_actions)
def test_the_transfers_of_an_import_give_the_same_matrix(told: list[Told]) -> None:
    with a_sqlite_file() as engine:
        log = written(told)
        found = figures_of(engine, log)["handovers"]["matrix"]
    transfers = [e.event for e in log.entries if e.topic == "ResponsibilityTransferred"]
    pairs = [(NAMES[t.from_agency], NAMES[t.to_agency]) for t in transfers]
    assert found == [
        {"from": giver, "to": taker, "count": pairs.count((giver, taker))}
        for giver, taker in sorted(set(pairs))
    ]


def test_rebuild_equals_the_rows_folded_step_by_step(engine: Engine) -> None:
    told: list[Told] = [
        (n % 7, n * 37 % 50, [None, "log-a", "log-b", "log-c"][n * n % 4]) for n in range(200)
    ]
    log = written(told)
    fold_all(engine, log, HANDOVERS, step=7)
    result = rebuild(engine, HANDOVERS, log.read, log.head)
    assert result.same
    assert result.hash_live is not None


def test_a_batch_of_one_and_a_batch_of_all_write_the_same_rows(engine: Engine) -> None:
    log = written([(n % 5, n, ["log-a", "log-b", None][n % 3]) for n in range(60)])
    hashes: list[str] = []
    for chunks in ([log.entries], [[entry] for entry in log.entries]):
        HANDOVERS.metadata.drop_all(engine)
        HANDOVERS.metadata.create_all(engine)
        fold_chunks(engine, chunks)
        with engine.connect() as db:
            hashes.append(content_hash(db, HANDOVERS.tables))
    assert hashes[0] == hashes[1]


def fold_chunks(engine: Engine, chunks: Sequence[Sequence[LogEntry]]) -> None:
    with engine.execution_options(writes=True).begin() as db:
        for chunk in chunks:
            store = Store.within(db, HANDOVERS.tables)
            HANDOVERS.fold(HANDOVERS.wanted(chunk), store)
            store.flush(db)
