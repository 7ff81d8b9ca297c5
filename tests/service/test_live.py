"""The stream of an open page: hints without content, to who is signed in, for as long as that."""

import asyncio
import threading
from collections.abc import Iterator

import httpx
import pytest
from litestar.types import Message

from infra.sessions import IDLE, Sessions
from service import metrics
from service.live import pace
from service.live import stream as streams
from service.live.hub import FOLLOWED, MOST_OF_A_SESSION
from service.live.stream import LiveResponse, Source, Stream
from tests.examples import a_report, an_open_issue
from tests.faults.waiting import PATIENCE_SECONDS, wait_until
from tests.service.served import NO_TLS
from tests.service.streaming import COOKIE, LiveSite, a_live_site


@pytest.fixture
def site(sqlite_url: str) -> Iterator[LiveSite]:
    with a_live_site(sqlite_url) as site:
        yield site


def newest(site: LiveSite) -> int:
    return site.started.samsyn.casework.head()


def open_now(site: LiveSite) -> int:
    return site.live.open_streams


def test_nobody_without_a_session_gets_a_stream(site: LiveSite) -> None:
    for token in ("", "x" * 43):
        headers = {"Cookie": f"{COOKIE}={token}"} if token else {}
        answer = httpx.get(f"{site.address}/live", headers=headers, verify=NO_TLS)
        assert (answer.status_code, answer.content) == (401, b"")


def test_a_change_is_told_by_its_position_and_nothing_else(site: LiveSite) -> None:
    page = site.open()
    a_report(site.started)
    page.hears_of(newest(site))
    assert {each.name for each in page.told} == {"changed"}
    # What is told of is there to be read.
    assert 'data-live="/inbox">1<' in site.get("/live/menu").text


def test_who_comes_back_after_a_change_is_told_at_once(site: LiveSite) -> None:
    before = newest(site)
    an_open_issue(site.started)
    here = newest(site)
    site.started.catch_up()
    for late in (
        site.open(last_event_id=str(before)),
        site.open(query=f"?after={before}"),
        site.open(query=f"?after={here}", last_event_id=str(before)),
    ):
        late.hears_of(here)
    current = site.open(query=f"?after={here}")
    an_open_issue(site.started)
    current.hears_of(newest(site))
    assert here not in current.positions()


def test_nobody_looks_for_changes_while_no_page_is_open(site: LiveSite) -> None:
    before = site.live.position
    a_report(site.started)
    samsyn = site.started.samsyn
    for name in FOLLOWED:
        assert samsyn.runner.wait_for(name, newest(site), PATIENCE_SECONDS)
    assert site.live.position == before
    site.open()
    wait_until(lambda: site.live.position == newest(site), "the page's first look")


def test_many_changes_become_one_hint(site: LiveSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "SETTLED_SECONDS", 3_600.0)
    monkeypatch.setattr(pace, "LEAST_SECONDS", 3_600.0)
    monkeypatch.setattr(pace, "MOST_SECONDS", 3_600.0)
    page = site.open()
    for _ in range(10):
        a_report(site.started)
    wait_until(lambda: site.live.look() == newest(site), "the last of them")
    assert page.positions() == []
    monkeypatch.setattr(pace, "SETTLED_SECONDS", 0.0)
    site.live.look()
    page.hears_of(newest(site))
    assert len(page.positions()) == 1


def test_a_stream_is_never_silent_for_long_and_ends_in_time(
    site: LiveSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "PING_SECONDS", 0.05)
    monkeypatch.setattr(streams, "LIFE_SECONDS", 1.0)
    page = site.open()
    wait_until(page.ended.is_set, "the end of the stream")
    assert ": still here" in page.lines
    assert page.whole
    wait_until(lambda: open_now(site) == 0, "no stream")


def test_streams_end_with_their_session(site: LiveSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.live.hub.CHECK_SECONDS", 0.0)
    monkeypatch.setattr("service.live.hub.POLL_SECONDS", 0.1)
    samsyn = site.started.samsyn
    stays, leaves = site.open("u-dis-01"), site.open("u-pol-01")
    Sessions(samsyn.engine, samsyn.clock, lambda _user: IDLE).revoke(leaves.token)
    wait_until(leaves.ended.is_set, "the end of the stream")
    assert not stays.ended.is_set()
    # Hints keep nobody signed in: who has been away for too long is signed out all the same.
    site.started.clock.advance(minutes=IDLE.total_seconds() / 60 - 1)
    headers = {"Cookie": f"{COOKIE}={stays.token}", "Accept": "text/html"}
    assert httpx.get(f"{site.address}/live/menu", headers=headers, verify=NO_TLS).status_code == 200
    site.started.clock.advance(minutes=1)
    wait_until(stays.ended.is_set, "the end of the other")
    assert httpx.get(f"{site.address}/live/menu", headers=headers, verify=NO_TLS).status_code == 204


def test_streams_hold_neither_threads_nor_connections(site: LiveSite) -> None:
    first = site.open()
    token = site.session("u-dis-01")
    a_report(site.started)
    first.hears_of(newest(site))
    named = {"live", "presence"}
    pages = [site.open(token=token) for _ in range(MOST_OF_A_SESSION)]
    assert open_now(site) == MOST_OF_A_SESSION + 1
    assert metrics.LIVE_STREAMS._value.get() == MOST_OF_A_SESSION + 1  # noqa: SLF001  no other way
    working = [each.name for each in threading.enumerate() if each.name in named]
    assert sorted(working) == sorted(named)
    a_report(site.started)
    for page in pages:
        page.hears_of(newest(site))
    refused = httpx.get(
        f"{site.address}/live", headers={"Cookie": f"{COOKIE}={token}"}, verify=NO_TLS
    )
    assert refused.status_code == 429


def test_who_does_not_read_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "SLOW_SECONDS", 0.05)
    sent: list[Message] = []
    closed: list[bool] = []

    async def send(message: Message) -> None:
        sent.append(message)
        if message["type"] == "http.response.body":
            await asyncio.Event().wait()

    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    async def answer() -> None:
        stream = Stream(token="t", user_id="u", told=0)
        source = Source(
            position=lambda: 1, open_streams=lambda: 1, close=lambda _: closed.append(True)
        )
        response = LiveResponse(stream, source)
        await response.to_asgi_response()({}, receive, send)  # type: ignore[arg-type]  # it reads nothing of them

    asyncio.run(answer())
    assert [each["type"] for each in sent] == ["http.response.start", "http.response.body"]
    assert closed == [True]
