"""A server that really listens, and people who visit it with Chromium."""

import re
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from tempfile import TemporaryDirectory
from typing import Literal
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    ViewportSize,
    expect,
)

from infra.sessions import FIELD_IDLE, Sessions
from service.app import create_app
from service.settings import Settings
from tests.examples import Clock, Started, a_started_samsyn
from tests.service.served import listening
from tests.service.visiting import open_accounts

DESK: ViewportSize = {"width": 1280, "height": 900}
BROWSER_MILLISECONDS = 120_000
PHONE: ViewportSize = {"width": 390, "height": 844}


@dataclass
class Site:
    """A running server on a clock of ours."""

    address: str
    started: Started

    @property
    def clock(self) -> Clock:
        return self.started.clock

    def enter(self, person: "Person", user_id: str) -> None:
        """Let somebody be signed in, without going by the sign-in page."""
        samsyn = self.started.samsyn
        token = Sessions(samsyn.engine, samsyn.clock, lambda _user: FIELD_IDLE).start(user_id)
        person.page.context.add_cookies(
            [{"name": "samsyn_session", "value": token, "url": self.address}]
        )


@contextmanager
def a_live_site(database_url: str, clock: Clock | None = None) -> Generator[Site]:
    """The application behind uvicorn on a free port, with the preset's users as demo cards."""
    with TemporaryDirectory() as data_dir, a_started_samsyn(database_url, clock) as started:
        open_accounts(started)
        settings = Settings.from_environment(
            {"DATABASE_URL": database_url, "SAMSYN_DATA_DIR": data_dir, "SAMSYN_DEMO": "yes"}
        )
        with listening(create_app(started.samsyn, settings)) as address:
            yield Site(address, started)


@dataclass
class Person:
    """Somebody at a browser of their own; `faults` is what the browser complained about."""

    page: Page
    scripts: bool = True
    faults: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        """Open a page by its address."""
        self.page.goto(path)

    def sign_in(self, card: str) -> None:
        """Sign in by one of the demo's cards."""
        self.go("/")
        self.press(f"Logga in som {card}")
        expect(self.page.get_by_role("heading", name="Logga in i Samsyn")).to_be_hidden()

    def press(self, name: str) -> None:
        """Press a button."""
        self.page.get_by_role("button", name=name, exact=True).click()

    def follow(self, name: str) -> None:
        """Follow a link; a number beside its words does not matter."""
        self.page.get_by_role("main").get_by_role("link", name=name).first.click()

    def menu(self, name: str) -> None:
        """Follow a link of the main menu."""
        self.page.get_by_role("banner").get_by_role("link", name=name, exact=True).click()

    def write(self, label: str, text: str) -> None:
        """Fill in a field by what is written above it."""
        self.field(label).fill(text)

    def choose(self, label: str, option: str) -> None:
        """Choose from a list."""
        self.field(label).select_option(label=option)

    def tick(self, name: str) -> None:
        """Choose one of several that are shown as a whole."""
        self.page.get_by_label(name).first.check()

    def field(self, label: str) -> Locator:
        """A field by what is written above it, whether it is optional or not."""
        exactly = re.compile(rf"^{re.escape(label)}( \(.+\))?$")
        return self.page.get_by_label(exactly)

    def reads(self, text: str) -> None:
        """The page says this."""
        expect(self.page.get_by_role("main")).to_contain_text(text)

    def heading(self, text: str) -> None:
        """The page is about this."""
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(text)

    def queue(self, bucket: str) -> list[str]:
        """The numbers of the issues in one list of the agency's queue, from the top."""
        self.menu("Min kö")
        self.page.get_by_role("navigation", name="Köer").get_by_role("link", name=bucket).click()
        expect(self.page.get_by_role("heading", level=2, name=bucket)).to_be_visible()
        return self.page.locator("main tbody td.id a").all_inner_texts()

    def sends(self, name: str) -> None:
        """Send the form of the page by its button."""
        self.page.locator("form.fields").get_by_role("button", name=name, exact=True).click()


def a_person(
    browser: Browser,
    site: str,
    *,
    scripts: bool = True,
    phone: bool = False,
    size: ViewportSize | None = None,
    scheme: Literal["light", "dark"] = "light",
) -> Person:
    """A browser of its own; without scripts the pages have to do."""
    context = browser.new_context(
        base_url=site,
        java_script_enabled=scripts,
        locale="sv-SE",
        viewport=size or (PHONE if phone else DESK),
        color_scheme=scheme,
    )
    context.set_default_timeout(BROWSER_MILLISECONDS)
    person = Person(context.new_page(), scripts)
    watch(person, site)
    return person


def watch(person: Person, site: str) -> None:
    """Note what the browser says is wrong, and every request that goes elsewhere."""
    host = urlsplit(site).netloc

    def on_console(message: ConsoleMessage) -> None:
        # A page that answers 409 or 422 is no fault: its words are checked where it is expected.
        if (
            message.type == "error"
            and "the server responded with a status of 4" not in message.text
        ):
            person.faults.append(message.text)

    def on_request(request: Request) -> None:
        if urlsplit(request.url).netloc != host and not request.url.startswith("data:"):
            person.faults.append(f"request to {request.url}")

    person.page.on("console", on_console)
    person.page.on("request", on_request)
    person.page.on("pageerror", lambda error: person.faults.append(str(error)))
