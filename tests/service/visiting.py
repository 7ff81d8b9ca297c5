"""Visits pages as a browser without scripts does: cookies, hidden fields, forms by their names."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from argon2 import PasswordHasher
from litestar.testing import TestClient

from domain.preset_users import USERS
from infra.accounts import Accounts
from infra.sessions import FIELD_IDLE, Sessions
from projections.catalogue import PROJECTIONS
from projections.projection import Projection
from service.app import Application, create_app
from service.settings import Settings
from service.worker import Worker
from tests.examples import Clock, Started, a_started_samsyn, policies_at_rest

PASSWORD = "hemligt-och-långt"
HTML = {"Accept": "text/html,application/xhtml+xml"}


@dataclass
class Form:
    """A form as it stands in a page: where it sends what, and every field with its values."""

    action: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)


class _Forms(HTMLParser):
    """Collects the forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._area: str | None = None
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(Form(action=told.get("action", "")))
            return
        if not self.found:
            return
        form, name = self.found[-1], told.get("name", "")
        if name and name not in form.names:
            form.names.append(name)
        if tag == "input" and name:
            ticked = told.get("type") not in ("checkbox", "radio") or "checked" in told
            if ticked:
                form.fields.setdefault(name, []).append(told.get("value", ""))
        elif tag == "textarea":
            self._area = name
            form.fields.setdefault(name, []).append("")
        elif tag == "select":
            self._select = name
        elif tag == "option" and "selected" in told and self._select:
            form.fields.setdefault(self._select, []).append(told.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = None
        elif tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            # A line break right after the tag is not part of the text (HTML 13.1.2.5).
            self.found[-1].fields[self._area][-1] += data.removeprefix("\n")


def forms_of(html: str) -> list[Form]:
    """The forms of a page in their order."""
    parser = _Forms()
    parser.feed(html)
    return parser.found


@dataclass(frozen=True)
class Visit:
    """One browser: a client with cookies of its own."""

    client: TestClient[Application]
    started: Started

    def get(self, path: str, **headers: str) -> Any:
        """Ask for a page; redirects are not followed."""
        return self.client.get(path, headers=HTML | headers, follow_redirects=False)

    def post(self, path: str, data: Mapping[str, object], **headers: str) -> Any:
        """Send a form with the token that one of our pages would have given."""
        token = self.client.cookies.get("csrftoken")
        if token is None:
            self.get("/sign-in")
            token = self.client.cookies.get("csrftoken")
        return self.client.post(
            path,
            data={"_csrf_token": token or "", **data},
            headers=HTML | headers,
            follow_redirects=False,
        )

    def form(self, path: str) -> Form:
        """The main form of a page: the last one."""
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return forms_of(answer.text)[-1]

    def fill(self, path: str, **typed: object) -> Any:
        """Open a form, fill in fields, and send it with everything that stood there."""
        form = self.form(path)
        unknown = set(typed) - set(form.names)
        assert not unknown, f"{path} has no {unknown}, only {form.names}"
        return self.post(form.action, {**form.fields, **typed})

    def sign_in(self, user_id: str, password: str = PASSWORD) -> Any:
        """Sign in by user name and password."""
        return self.post("/sign-in", {"login": user_id, "password": password})

    def as_user(self, user_id: str) -> "Visit":
        """Be signed in as somebody, without the time that checking a password takes."""
        samsyn = self.started.samsyn
        sessions = Sessions(samsyn.engine, samsyn.clock, lambda _user: FIELD_IDLE)
        self.client.cookies.set("samsyn_session", sessions.start(user_id))
        return self


@dataclass
class Site:
    """The application, with an account for every user of the presets."""

    app: Application
    client: TestClient[Application]
    started: Started

    @property
    def clock(self) -> Clock:
        return self.started.clock

    def visit(self, user_id: str | None = None) -> Visit:
        """A browser of its own; signed in as somebody, or a stranger's."""
        self.client.cookies.clear()
        visit = Visit(self.client, self.started)
        return visit if user_id is None else visit.as_user(user_id)

    def path(self, issue_id: UUID, referral_id: UUID | None = None) -> str:
        """Where an issue, or a referral of it, is."""
        here = f"/issues/{issue_id}"
        return here if referral_id is None else f"{here}/referrals/{referral_id}"


@contextmanager
def a_site(
    database_url: str,
    *,
    demo: bool = True,
    secure: bool = False,
    projections: Sequence[Projection] = PROJECTIONS,
) -> Generator[Site]:
    """The application on an empty database with the preset `today` and the accounts of the demo.

    Its policies rest: see `policies_at_rest`.
    """
    with (
        TemporaryDirectory() as data_dir,
        a_started_samsyn(database_url, projections=projections) as started,
    ):
        open_accounts(started)
        settings = Settings.from_environment(
            {
                "DATABASE_URL": database_url,
                "SAMSYN_DATA_DIR": data_dir,
                "SAMSYN_DEMO": "yes" if demo else "no",
                "SAMSYN_SECURE_COOKIES": "yes" if secure else "no",
            }
        )
        app = create_app(started.samsyn, settings, run_policies=policies_at_rest)
        address = "https://testserver.local" if secure else "http://testserver.local"
        with (
            a_worker_beside(started, settings),
            TestClient(app, base_url=address, raise_server_exceptions=False) as client,
        ):
            yield Site(app, client, started)


@contextmanager
def a_worker_beside(started: Started, settings: Settings) -> Generator[None]:
    """What folds while pages wait for their own writes, where the web process does not itself."""
    if settings.embedded:
        yield
        return
    worker = Worker(started.samsyn, policies_at_rest)
    worker.start()
    try:
        yield
    finally:
        worker.stop()


def open_accounts(started: Started) -> None:
    """An account for every user of the presets, named as on the cards, with one cheap password."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    accounts = Accounts(started.samsyn.engine, started.clock, quick)
    for user in USERS:
        accounts.add(
            user.user_id,
            user_id=user.user_id,
            display_name=user.display_name,
            password=PASSWORD,
        )
