"""Takes the pictures of docs/screens anew: `python -m tests.journeys.screens`."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, ViewportSize, sync_playwright

from tests.conftest import chromium_path
from tests.journeys.living import PHONE, Person, Site, a_live_site, a_person
from tests.journeys.scene import SceneClock, play_scene

FOLDER = Path(__file__).parents[2] / "docs" / "screens"
MOST_BYTES = 200_000
_DATES_IN_THE_PAGES_LANGUAGE = "--enable-blink-features=LangAttributeAwareFormControlUI"
"""As a Swedish browser writes them, also where Chromium has no Swedish installed."""
WIDE: ViewportSize = {"width": 1280, "height": 800}


def _queue(person: Person) -> None:
    person.go("/queue?bucket=ours")


def _issue(person: Person) -> None:
    person.go("/trail?issue=TIC-2026-00084")
    person.page.locator('main p a[href^="/issues/"]').first.click()


def _referral(person: Person) -> None:
    _queue(person)
    found = person.page.locator('main a[href^="/issues/"]').first.get_attribute("href") or ""
    person.go(f"{found.split('?')[0]}/do/SendReferral")
    person.tick("Överlämning")
    person.choose("Mottagare", "Polisen, lokalpolisområde Göteborg City")
    person.write(
        "Varför vänder ni er till mottagaren?", "Det säljs öppet vid bänkarna varje kväll."
    )
    person.page.locator("#preview").get_by_text("Det säljs öppet").first.wait_for()


SCREENS: dict[str, tuple[str | None, ViewportSize, Callable[[Person], None]]] = {
    "sign-in": (None, WIDE, lambda person: person.go("/sign-in")),
    "my-day": ("u-dis-01", WIDE, lambda person: person.go("/")),
    "queue": ("u-dis-01", WIDE, _queue),
    "inbox": ("u-dis-01", WIDE, lambda person: person.go("/inbox")),
    "issue": ("u-dis-01", WIDE, _issue),
    "referral": ("u-dis-01", WIDE, _referral),
    "focus": ("u-pol-02", PHONE, lambda person: person.go("/focus")),
    "log-action": ("u-pol-02", PHONE, lambda person: person.go("/log-action")),
    "trail": ("u-man-01", WIDE, lambda person: person.go("/trail?issue=TIC-2026-00042")),
    "figures": ("u-man-01", WIDE, lambda person: person.go("/figures")),
}


def take(browser: Browser, site: Site, name: str) -> Path:
    """One picture, as the screen shows it before anybody scrolls."""
    user_id, size, lead = SCREENS[name]
    person = a_person(browser, site.address, phone=size is PHONE)
    if user_id is not None:
        site.enter(person, user_id)
    person.page.set_viewport_size(size)
    lead(person)
    path = FOLDER / f"{name}.png"
    person.page.screenshot(path=str(path))
    person.page.context.close()
    return path


def main() -> None:
    """Take all of them and say how large they are."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    clock = SceneClock()
    with (
        tempfile.TemporaryDirectory() as folder,
        a_live_site(f"sqlite:///{folder}/samsyn.db", clock) as site,
        sync_playwright() as playwright,
    ):
        play_scene(site.started, clock)
        browser = playwright.chromium.launch(
            executable_path=chromium_path(),
            args=["--headless", "--no-sandbox", "--disable-gpu", _DATES_IN_THE_PAGES_LANGUAGE],
        )
        for name in SCREENS:
            path = take(browser, site, name)
            size = path.stat().st_size
            print(f"{path.name}: {size / 1000:.0f} kB{' TOO LARGE' * (size > MOST_BYTES)}")  # noqa: T201  its result
        browser.close()


if __name__ == "__main__":
    main()
