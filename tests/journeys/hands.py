"""Two ways to work: with the keyboard alone, and by pointing where scripts are switched off."""

import re
from collections.abc import Callable, Mapping
from typing import Final, Protocol

from playwright.sync_api import expect

from tests.journeys.living import Person
from tests.journeys.looking import Focused, focused

MOST_STEPS: Final = 150
"""So often is Tab pressed in search of something; the longest page has fewer places to stop."""


class Hand(Protocol):
    """Somebody at work, in Swedish or in another language whose words are known."""

    person: Person

    def says(self, words: str) -> str:
        """The words as they stand on the person's screen."""
        ...

    def go_on(self, name: str) -> None:
        """Follow a link or press a button, whichever it is; a number beside its name may stand."""
        ...

    def open(self, name: str) -> None:
        """Press a button that shows something on the same page."""
        ...

    def write(self, label: str, text: str) -> None:
        """Fill in a field."""
        ...

    def choose(self, label: str, holding: str) -> None:
        """Choose the option of a list that holds these words."""
        ...

    def tick(self, name: str) -> None:
        """Choose one of several that are shown as a whole."""
        ...


class _Speaker:
    def __init__(self, person: Person, words: Mapping[str, str]) -> None:
        self.person = person
        self._words = words

    def says(self, words: str) -> str:
        return self._words[words] if self._words else words

    def _named(self, name: str) -> re.Pattern[str]:
        # Words that are only heard stand apart from those that are seen.
        plain = re.escape(name).replace(":", r"\s?:")
        return re.compile(rf"^{plain}( \d+| \(.*\))?$")


class Pointing(_Speaker):
    """Points and types; the pages have to do without scripts."""

    def go_on(self, name: str) -> None:
        page, named = self.person.page, self._named(name)
        both = page.get_by_role("link", name=named).or_(page.get_by_role("button", name=named))
        with page.expect_navigation():
            both.first.click()

    def open(self, name: str) -> None:
        self.person.press(name)

    def write(self, label: str, text: str) -> None:
        self.person.field(label).first.fill(text)

    def choose(self, label: str, holding: str) -> None:
        field = self.person.field(label).first
        value = field.locator("option", has_text=holding).first.get_attribute("value")
        field.select_option(value=value)

    def tick(self, name: str) -> None:
        self.person.tick(name)


class OnlyKeys(_Speaker):
    """Never touches anything but keys; at each stop it must be seen where one is."""

    def go_on(self, name: str) -> None:
        self._reach(name, lambda stop: stop.tag in ("a", "button"))
        with self.person.page.expect_navigation():
            self.person.page.keyboard.press("Enter")

    def open(self, name: str) -> None:
        self._reach(name, lambda stop: stop.tag == "button")
        self.person.page.keyboard.press("Enter")

    def write(self, label: str, text: str) -> None:
        self._reach(label, lambda stop: stop.tag in ("input", "textarea"))
        self.person.page.keyboard.press("Control+a")
        self.person.page.keyboard.type(text)

    def choose(self, label: str, holding: str) -> None:
        self._reach(label, lambda stop: stop.tag == "select")
        field = self.person.page.locator(":focus")
        wanted = field.locator("option", has_text=holding).first
        index = "option => option.index"
        for _ in range(wanted.evaluate(index)):
            self.person.page.keyboard.press("ArrowDown")
        expect(field).to_have_value(wanted.get_attribute("value") or "")

    def tick(self, name: str) -> None:
        """Tab stops once at a group of which one is chosen; the arrows go on from there."""
        keyboard = self.person.page.keyboard
        stop = self._reach(name, lambda stop: stop.kind in ("radio", "checkbox"), group=True)
        for _ in range(MOST_STEPS):
            if stop.name.startswith(name):
                break
            keyboard.press("ArrowDown")
            stop = focused(self.person.page)
        if not self.person.page.locator(":focus").is_checked():
            keyboard.press("Space")
        expect(self.person.page.locator(":focus")).to_be_checked()

    def _reach(self, name: str, fits: Callable[[Focused], bool], *, group: bool = False) -> Focused:
        """Go on from one thing to the next until one that fits has this name."""
        page, named = self.person.page, self._named(name)
        passed: list[str] = []
        for _ in range(MOST_STEPS):
            page.keyboard.press("Tab")
            stop = focused(page)
            if stop.tag == "body":
                continue  # past the last one: the browser's own, then from the top
            assert stop.is_seen, f"nobody sees that {stop} has the focus"
            if fits(stop) and (named.match(stop.name) or (group and self._in_group(stop, name))):
                return stop
            passed.append(stop.name)
        raise AssertionError(f"{name} cannot be reached, only {passed}")

    def _in_group(self, stop: Focused, name: str) -> bool:
        if stop.kind == "checkbox":
            return stop.name.startswith(name)
        group = self.person.page.locator(":focus").locator("xpath=ancestor::fieldset[1]")
        return any(
            text.strip().startswith(name) for text in group.locator("label").all_inner_texts()
        )
