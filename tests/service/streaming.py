"""Open pages as the server sees them: each holds a stream and keeps what it is told."""

import threading
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from socket import SHUT_RDWR
from tempfile import TemporaryDirectory

import httpx

from infra.sessions import FIELD_IDLE, Sessions
from service.app import Application, create_app
from service.live.hub import Live
from service.settings import Settings
from tests.examples import Started, a_started_samsyn, policies_at_rest
from tests.faults.waiting import PATIENCE_SECONDS, wait_until
from tests.service.served import NO_TLS, listening
from tests.service.visiting import a_worker_beside, open_accounts

COOKIE = "samsyn_session"


@dataclass
class Told:
    """One event of a stream."""

    name: str
    event_id: str | None


@dataclass
class OpenPage:
    """A stream that is being read; `ended` when the server has ended it."""

    address: str
    token: str
    query: str = ""
    last_event_id: str | None = None
    told: list[Told] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    whole: bool = False
    """Whether the server ended it in order, and did not just cut it."""
    opened: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)
    _leave: threading.Event = field(default_factory=threading.Event)
    _answer: httpx.Response | None = None

    def positions(self) -> list[int]:
        """The positions of the hints so far."""
        return [int(each.event_id or 0) for each in self.told if each.name == "changed"]

    def hints_of(self, name: str) -> int:
        """How many hints of a kind there were so far."""
        return sum(each.name == name for each in self.told)

    def hears_of(self, position: int) -> None:
        """Wait for a hint of a position."""
        wait_until(lambda: position in self.positions(), f"a hint of {position}")

    def leave(self) -> None:
        """Close the page."""
        self._leave.set()
        if self._answer is not None:
            # From another thread: a read that waits for the next line ends.
            self._answer.extensions["network_stream"].get_extra_info("socket").shutdown(SHUT_RDWR)

    def begin(self) -> None:
        """Open the page and go on when the stream has begun."""
        threading.Thread(target=self.read, daemon=True).start()
        assert self.opened.wait(PATIENCE_SECONDS)

    def read(self) -> None:
        """Read until the server ends the stream or the page is closed."""
        headers = {"Cookie": f"{COOKIE}={self.token}"}
        if self.last_event_id is not None:
            headers["Last-Event-ID"] = self.last_event_id
        name, event_id = "", None
        try:
            with httpx.stream(
                "GET",
                f"{self.address}/live{self.query}",
                headers=headers,
                timeout=PATIENCE_SECONDS,
                verify=NO_TLS,
            ) as answer:
                self._answer = answer
                assert answer.status_code == 200
                assert answer.headers["content-type"].startswith("text/event-stream")
                for line in answer.iter_lines():
                    self.opened.set()
                    self.lines.append(line)
                    word, _, value = line.partition(": ")
                    if word == "event":
                        name = value
                    elif word == "id":
                        event_id = value
                    elif word == "data":
                        self.told.append(Told(name, event_id))
                        name, event_id = "", None
                self.whole = True
        except (httpx.TransportError, OSError):
            self.whole = False  # cut, by us when we leave or by a server that just went away
        finally:
            self.ended.set()


@dataclass(frozen=True)
class LiveSite:
    """The application behind a real server, whose streams can be counted."""

    address: str
    app: Application
    started: Started

    @property
    def live(self) -> Live:
        live: Live = self.app.state.live
        return live

    def session(self, user_id: str) -> str:
        """A new session's token."""
        samsyn = self.started.samsyn
        return Sessions(samsyn.engine, samsyn.clock, lambda _user: FIELD_IDLE).start(user_id)

    def open(
        self,
        user_id: str = "u-dis-01",
        query: str = "",
        *,
        token: str | None = None,
        last_event_id: str | None = None,
    ) -> OpenPage:
        """A page that is open and listens."""
        page = OpenPage(self.address, token or self.session(user_id), query, last_event_id)
        page.begin()
        return page

    def hears_of_others(self, page: OpenPage, times: int = 1) -> None:
        """Wait until an issue's page was told so often that others have come or gone."""
        wait_until(lambda: page.hints_of("present") >= times, "a hint of others")

    def get(self, path: str, user_id: str = "u-dis-01") -> httpx.Response:
        """A page or a part of one."""
        headers = {"Cookie": f"{COOKIE}={self.session(user_id)}", "Accept": "text/html"}
        return httpx.get(
            f"{self.address}{path}", headers=headers, timeout=PATIENCE_SECONDS, verify=NO_TLS
        )


@contextmanager
def a_live_site(
    database_url: str, redis_url: str | None = None, *, another: bool = False
) -> Generator[LiveSite]:
    """The application with its worker; streams end with it.

    `another` is one more web process of a site that runs already.
    """
    with (
        TemporaryDirectory() as data_dir,
        a_started_samsyn(database_url, redis_url=redis_url) as started,
    ):
        settings = Settings.from_environment(
            {
                "DATABASE_URL": database_url,
                "REDIS_URL": redis_url or "",
                "SAMSYN_DATA_DIR": data_dir,
                "SAMSYN_SECURE_COOKIES": "no",
            }
        )
        app = create_app(started.samsyn, settings, run_policies=policies_at_rest)
        with ExitStack() as stack:
            if not another:
                open_accounts(started)
                stack.enter_context(a_worker_beside(started, settings))
            site = LiveSite(stack.enter_context(listening(app)), app, started)
            stack.callback(site.live.end_all)
            yield site
