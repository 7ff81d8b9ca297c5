"""A period of an access log looked through: what is counted, drawn and striking."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import pytest
from sqlalchemy import Engine

from domain.access import AccessKind, AccessReason, NameSought
from domain.codes import AccessPattern
from infra.access import review
from infra.access.review import Looked, look_through
from tests.clock import START
from tests.infra.access_rows import add_rows, row

SEED = UUID(int=99)
NOON = START.replace(hour=11)
NIGHT = START.replace(hour=1)
END = NOON + timedelta(days=20)


def issue(number: int) -> UUID:
    return uuid5(SEED, str(number))


def looked(engine: Engine, size: int = 20, seed: UUID = SEED) -> Looked:
    with engine.connect() as db:
        return look_through(db, "district", START - timedelta(days=1), END, seed, size)


def test_an_empty_period_has_nothing(engine: Engine) -> None:
    found = looked(engine)
    assert (found.rows, found.readers, found.without_reason) == (0, 0, 0)
    assert (found.sample, found.striking, found.counts) == ([], {}, {})


def test_only_the_own_agency_and_the_period_are_counted(engine: Engine) -> None:
    add_rows(
        engine,
        [
            row("district", "u-1", NOON),
            row("district", "u-2", NOON, reason=AccessReason.NONE),
            row("district", "u-2", NOON, kind=AccessKind.SEARCH),
            row("police", "u-3", NOON, reason=AccessReason.NONE),
            row("district", "u-4", END),
            row("district", "u-5", START - timedelta(days=2)),
        ],
    )
    found = looked(engine)
    assert (found.rows, found.readers, found.without_reason) == (3, 2, 1)
    assert len(found.sample) == 3
    (nobody,) = found.striking[AccessPattern.WITHOUT_REASON]
    assert (nobody.user_id, nobody.count, nobody.since) == ("u-2", 1, NOON)


def test_the_sample_is_drawn_by_the_seed_alone(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [row("district", f"u-{n % 7}", NOON + timedelta(minutes=n // 3)) for n in range(90)]
    add_rows(engine, rows)
    first = looked(engine)
    assert len(set(first.sample)) == 20
    assert set(first.sample) <= {each["row_id"] for each in rows}
    monkeypatch.setattr(review, "_AT_ONCE", 7)
    assert looked(engine) == first
    assert looked(engine, size=5).sample == first.sample[:5]
    assert set(looked(engine, seed=UUID(int=98)).sample) != set(first.sample)


def test_rows_without_a_reason_are_drawn_besides(engine: Engine) -> None:
    add_rows(engine, [row("district", "u-1", NOON + timedelta(minutes=n)) for n in range(300)])
    none = [row("district", "u-2", NOON, reason=AccessReason.NONE) for _ in range(30)]
    add_rows(engine, none)
    found = looked(engine, size=10)
    unexplained = {each["row_id"] for each in none}
    assert len(set(found.sample)) == len(found.sample) > 10
    assert len(unexplained & set(found.sample)) >= 10
    assert len(found.sample) <= 20
    assert unexplained <= set(looked(engine, size=30).sample)


def test_reading_at_night_stands_out_unless_it_is_ones_work(engine: Engine) -> None:
    for user_id, role, times in (("u-1", "caseworker", 3), ("u-2", "caseworker", 2)):
        add_rows(engine, [row("district", user_id, NIGHT, role=role) for _ in range(times)])
    add_rows(engine, [row("district", "u-3", NIGHT, role="field_officer") for _ in range(9)])
    add_rows(engine, [row("district", "u-4", NIGHT, kind=AccessKind.SEARCH) for _ in range(9)])
    (night,) = looked(engine).striking[AccessPattern.NIGHT]
    assert (night.user_id, night.count) == ("u-1", 3)


def test_the_night_is_that_of_the_city(engine: Engine) -> None:
    # 23.30 UTC is 0.30 in Göteborg in winter; 4.30 UTC is 5.30 and morning.
    late, early = START.replace(hour=23, minute=30), START.replace(hour=4, minute=30)
    add_rows(engine, [row("district", "u-1", late) for _ in range(3)])
    add_rows(engine, [row("district", "u-2", early) for _ in range(3)])
    (night,) = looked(engine).striking[AccessPattern.NIGHT]
    assert night.user_id == "u-1"


def test_many_issues_in_an_hour_stand_out(engine: Engine) -> None:
    def reads(user_id: str, issues: int, step: timedelta) -> None:
        add_rows(
            engine,
            [row("district", user_id, NOON + n * step, issue_id=issue(n)) for n in range(issues)],
        )

    reads("u-fast", 31, timedelta(minutes=1))
    reads("u-slow", 40, timedelta(minutes=3))
    add_rows(engine, [row("district", "u-one", NOON, issue_id=issue(1)) for _ in range(50)])
    (many,) = looked(engine).striking[AccessPattern.MANY_ISSUES]
    assert (many.user_id, many.count, many.since) == ("u-fast", 31, NOON.replace(minute=0))


def test_an_issue_that_many_read_stands_out(engine: Engine) -> None:
    for n in range(12):
        times = [row("district", f"u-{n}", NOON, issue_id=issue(1)) for _ in range(2)]
        add_rows(engine, times)
    add_rows(engine, [row("district", f"u-{n}", NOON, issue_id=issue(2)) for n in range(9)])
    found = looked(engine)
    (one,) = found.striking[AccessPattern.MANY_READERS]
    assert (one.issue_id, one.user_id, one.count) == (issue(1), None, 12)
    assert found.counts == {AccessPattern.MANY_READERS: 1}


def test_the_most_striking_are_shown_and_all_are_counted(engine: Engine) -> None:
    none = AccessReason.NONE
    for n in range(13):
        add_rows(
            engine, [row("district", f"u-{n:02}", NOON, reason=none) for _ in range(n % 4 + 1)]
        )
    found = looked(engine)
    shown = found.striking[AccessPattern.WITHOUT_REASON]
    assert found.counts[AccessPattern.WITHOUT_REASON] == 13
    assert len(shown) == 10
    assert [each.count for each in shown] == sorted((each.count for each in shown), reverse=True)
    assert [each.user_id for each in shown][:3] == ["u-03", "u-07", "u-11"]


def test_who_searched_for_a_name_of_the_own_agency_stands_out(engine: Engine) -> None:
    def search(user_id: str, at: datetime, name: NameSought | None = None) -> dict[str, Any]:
        return row("district", user_id, at, kind=AccessKind.SEARCH, name_sought=name)

    add_rows(
        engine,
        [
            search("u-1", NOON + timedelta(hours=1), NameSought.OWN),
            search("u-1", NOON, NameSought.COLLEAGUE),
            search("u-2", NOON),
            search("u-3", NOON, NameSought.OWN),
        ],
    )
    found = looked(engine)
    (one, other) = found.striking[AccessPattern.NAMES_SOUGHT]
    assert (one.user_id, one.count, one.since) == ("u-1", 2, NOON)
    assert (other.user_id, other.count) == ("u-3", 1)
    assert found.counts == {AccessPattern.NAMES_SOUGHT: 2}
