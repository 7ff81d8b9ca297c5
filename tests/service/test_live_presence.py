"""Who else has an issue open: seen while they do, in Redis and without, and gone with them."""

from collections.abc import Iterator
from contextlib import ExitStack
from uuid import UUID, uuid4

import pytest

from infra import presence
from infra.presence import Presence, PresenceHere, PresenceInRedis
from tests import servers
from tests.examples import an_open_issue
from tests.faults.waiting import wait_until
from tests.service.streaming import LiveSite, OpenPage, a_live_site

ISSUE = UUID(int=1)


@pytest.fixture(params=["here", "redis"])
def kept(request: pytest.FixtureRequest) -> Iterator[Presence]:
    if request.param == "here":
        yield PresenceHere()
        return
    in_redis = PresenceInRedis(request.getfixturevalue("redis_url"))
    yield in_redis
    in_redis.close()


@pytest.fixture(params=["here", "redis"])
def site(request: pytest.FixtureRequest, sqlite_url: str) -> Iterator[LiveSite]:
    redis_url = request.getfixturevalue("redis_url") if request.param == "redis" else None
    with a_live_site(sqlite_url, redis_url) as site:
        yield site


def shown(site: LiveSite, issue_id: UUID, user_id: str) -> str:
    return site.get(f"/live/issues/{issue_id}/present", user_id).text


def test_whoever_is_noted_is_there_until_they_leave(kept: Presence) -> None:
    other = uuid4()
    kept.note({(ISSUE, "u-1"), (ISSUE, "u-2"), (other, "u-1")}, ())
    assert kept.of([ISSUE, other]) == {ISSUE: {"u-1", "u-2"}, other: {"u-1"}}
    kept.note({(ISSUE, "u-2")}, {(ISSUE, "u-1")})
    assert kept.of([ISSUE, other]) == {ISSUE: {"u-2"}, other: {"u-1"}}


def test_whoever_is_not_seen_again_is_forgotten(
    kept: Presence, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "KEPT_SECONDS", 0.2)
    kept.note({(ISSUE, "u-1")}, ())
    monkeypatch.setattr(presence, "KEPT_SECONDS", 3_600.0)
    kept.note({(ISSUE, "u-2")}, ())
    wait_until(lambda: set(kept.of([ISSUE])[ISSUE]) == {"u-2"}, "only the one who is kept")


def test_who_leaves_one_process_may_still_be_there_in_another(redis_url: str) -> None:
    one, other = PresenceInRedis(redis_url), PresenceInRedis(redis_url)
    one.note({(ISSUE, "u-1")}, ())
    other.note({(ISSUE, "u-1")}, ())
    one.note((), {(ISSUE, "u-1")})
    assert one.of([ISSUE]) == {ISSUE: {"u-1"}}
    other.note((), {(ISSUE, "u-1")})
    assert one.of([ISSUE]) == {ISSUE: frozenset()}
    one.close()
    other.close()


def test_others_come_and_go(site: LiveSite) -> None:
    issue_id = an_open_issue(site.started)
    site.started.catch_up()
    first = site.open("u-dis-01", f"?issue={issue_id}")
    second = site.open("u-pol-01", f"?issue={issue_id}")
    for page in (first, second):
        site.hears_of_others(page)
    assert "Har också ärendet öppet: Kommunpolis 1, Polisen" in shown(site, issue_id, "u-dis-01")
    assert "Handläggare Trygghet 1" in shown(site, issue_id, "u-pol-01")
    second.leave()
    site.hears_of_others(first, times=2)
    assert "Har också" not in shown(site, issue_id, "u-dis-01")


def test_hints_and_presence_go_on_after_redis_was_restarted(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with servers.own_redis() as redis, ExitStack() as stack:
        one, other = (
            stack.enter_context(a_live_site(postgresql_url, redis.address, another=another))
            for another in (False, True)
        )
        issue_id = an_open_issue(one.started)
        one.started.catch_up()
        first = one.open("u-dis-01", f"?issue={issue_id}")
        second = other.open("u-dis-02", f"?issue={issue_id}")
        for page in (first, second):
            one.hears_of_others(page)
        redis.process.kill()
        assert "Har också" not in shown(one, issue_id, "u-dis-01")
        redis.process.start_again()
        wait_until(
            lambda: "Trygghet 2" in shown(one, issue_id, "u-dis-01"), "who is there, once more"
        )
        # From here on nobody looks by themselves: only a hint from the other process tells.
        monkeypatch.setattr("service.live.hub.POLL_SECONDS", 3_600.0)
        _hears_of_a_change(one, second)
        _hears_of_a_change(one, second)


def _hears_of_a_change(site: LiveSite, page: OpenPage) -> None:
    an_open_issue(site.started)
    page.hears_of(site.started.samsyn.casework.head())
