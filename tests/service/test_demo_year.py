"""The demo's year: the same by the same seed, in order of time, whole after a break, alive now."""

import re
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from importlib.resources import files
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest

from domain.action_types import ACTION_TYPES_OF
from domain.categories import CATEGORIES
from domain.codes import DeclineReason, Effect
from domain.log_entry import LogEntry
from domain.text_lint import lint
from projections.catalogue import PROJECTIONS
from service.assembly import Samsyn, assemble
from service.demo.loading import load_demo
from service.demo.plan import YEAR
from service.demo.playing import Year
from service.demo.texts import PRESET, demo_texts
from service.preset import load_preset
from service.stories.player import StoryClock

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
ISSUES = 120
KINDS = 30
"""Kinds of events of which a small year has some."""


class BrokenOff(Exception):
    """Somebody pressed Ctrl-C."""


@contextmanager
def opened(url: str) -> Generator[tuple[Samsyn, StoryClock]]:
    clock = StoryClock()
    samsyn = assemble(url, PROJECTIONS, clock)
    try:
        yield samsyn, clock
    finally:
        samsyn.close()


def told(url: str) -> list[LogEntry]:
    """What a year without stories leaves in the log."""
    with opened(url) as (samsyn, clock):
        clock.now = NOW - YEAR
        load_preset(samsyn.execution, PRESET)
        year = Year(samsyn, clock, NOW, ISSUES)
        year.until(NOW)
        assert year.given_up <= ISSUES / 50
        return everything(samsyn)


def everything(samsyn: Samsyn) -> list[LogEntry]:
    return samsyn.casework.read(0, 100_000)


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> list[LogEntry]:
    return told(f"sqlite:///{tmp_path_factory.mktemp('year') / 'demo.db'}")


def digest(entries: list[LogEntry]) -> str:
    """Of everything but the ids, which are new each time; they are told by their first place."""
    seen: dict[UUID, int] = {}
    hashed = sha256()
    for entry in entries:
        for value in (entry.topic, entry.recorded_at, *plain(entry.event, seen)):
            hashed.update(f"{value}\n".encode())
    return hashed.hexdigest()


def plain(value: Any, seen: dict[UUID, int]) -> Iterator[object]:
    match value:
        case UUID():
            yield seen.setdefault(value, len(seen))
        case str() | int() | float() | datetime() | date() | None:
            yield value
        case tuple() | list() | frozenset():
            for each in value:
                yield from plain(each, seen)
        case _ if is_dataclass(value):
            for field in fields(value):
                yield from plain(getattr(value, field.name), seen)
        case _:
            for name, each in sorted(vars(value).items()):
                if name != "_types":
                    yield name
                    yield from plain(each, seen)


def test_the_same_seed_tells_the_same_year(year: list[LogEntry], sqlite_url: str) -> None:
    assert digest(told(sqlite_url)) == digest(year)


def test_what_was_broken_off_is_told_to_its_end_around_the_stories(
    year: list[LogEntry], sqlite_url: str
) -> None:
    def break_off(what: str, done: int, _total: int) -> None:
        if what == "days of a year" and done > YEAR.days * 0.6:
            raise BrokenOff

    with opened(sqlite_url) as (samsyn, clock), pytest.raises(BrokenOff):
        load_demo(samsyn, clock, NOW, ISSUES, break_off)
    with opened(sqlite_url) as (samsyn, clock):
        loaded = load_demo(samsyn, clock, NOW + timedelta(hours=1), ISSUES)
        entries = everything(samsyn)
        again = load_demo(samsyn, clock, NOW + timedelta(hours=1), ISSUES)
    assert loaded.stories.failures == []
    assert (again.year_commands, again.stories.carried_out) == (0, 0), "nothing is written twice"
    of_stories = loaded.stories.carried_out + loaded.stories.already_there
    assert len(entries) >= len(year) + of_stories
    times = [each.recorded_at for each in entries]
    assert all(earlier <= later for earlier, later in pairwise(times)), "as one log of one year"


def test_a_year_has_some_of_everything_and_ends_now(year: list[LogEntry]) -> None:
    topics = Counter(each.topic for each in year)
    assert len(topics) >= KINDS, topics
    assert 5 * ISSUES < len(year) < 12 * ISSUES
    times = [each.recorded_at for each in year]
    assert (times[0], times[-1]) == (NOW - YEAR, NOW)
    assert times == sorted(times)


def test_work_waits_now(year: list[LogEntry]) -> None:
    topics = Counter(each.topic for each in year)
    assert topics["ReportReceived"] > topics["ReportLinked"] + topics["ReportDismissed"]
    ended = topics["IssueClosed"] + topics["IssueVoided"] + topics["IssuesMerged"]
    assert topics["IssueOpened"] + topics["IssueReopened"] > ended
    assert topics["ReferralEscalated"]
    assert topics["ReferralSent"] > topics["ReferralAccepted"] + topics["ReferralWithdrawn"]


def test_every_category_place_and_answer_has_its_texts() -> None:
    texts = demo_texts()
    assert {each.code for each in texts.subjects} == set(CATEGORIES)
    kinds = {kind for each in texts.spots for kind in each.kinds}
    assert all(set(each.places) <= kinds for each in texts.subjects)
    assert set(texts.referrals["decline"]) == {each.value for each in DeclineReason}
    assert set(texts.casework["evidence"]) == {each.value for each in Effect}
    actions = {action.value for group in ACTION_TYPES_OF.values() for action in group}
    assert set(texts.casework["result"]) == actions


def test_no_text_looks_like_personal_data() -> None:
    texts = demo_texts()
    said = [*strings(texts.reports), *strings(texts.referrals), *strings(texts.casework)]
    said += [line for each in texts.subjects for line in (*each.reports, *each.titles)]
    assert [line for line in said if lint(line)] == []


def strings(table: Any) -> Iterator[str]:
    if isinstance(table, str):
        yield table
    else:
        for each in table.values() if isinstance(table, dict) else table:
            yield from strings(each)


SEASONS = re.compile(
    r"(?i)\b(snö|halk|sommar|vinter|vintr|höst|våren|midsommar|påsk|jul(en)?\b|advent|tjäl|minus"
    r"|kyla|fryser|grill|raket|skolavslut|uteserver|badgäst|vecka \d)\w*"
)


def test_what_is_told_at_any_time_of_the_year_names_none() -> None:
    """The year begins anywhere, and what is going on now is moved to any week."""
    told = [*files("service.demo").joinpath("texts").iterdir()]
    told.append(files("service.stories").joinpath("ongoing", "ongoing.toml"))
    assert len(told) > 5
    for file in told:
        for line in file.read_text(encoding="utf-8").splitlines():
            words = "" if line.startswith(("#", "season =")) else line
            assert not SEASONS.search(words), f"{file.name}: {line}"
