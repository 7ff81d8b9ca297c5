"""What every page must pass as it stands: axe, narrow windows, seen focus, nothing kept."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import axe_playwright_python
from playwright.sync_api import Page, Route, ViewportSize

from tests.journeys.living import Person

NARROW: Final = 320
"""WCAG 1.4.10: nothing is read by scrolling both ways at this width."""
MAGNIFIED: Final = 720
"""What is left of a window of 1440 at 200 % (WCAG 1.4.4)."""
OWN_DATABASE: Final = "samsyn-unsent"
_AXE: Final = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
_FOCUS: Final = """(each) => {
  const read = (element) => {
    const copy = element.cloneNode(true);
    copy.querySelectorAll("[aria-hidden=true], select, textarea").forEach((part) => part.remove());
    return copy.textContent.replace(/\\s+/g, " ").trim();
  };
  const label = each.labels?.[0] ?? each.closest("label");
  const rings = [each, each.closest("label")].filter(Boolean).map(getComputedStyle);
  const box = each.getClientRects()[0] ?? each.getBoundingClientRect();
  const inside = (from, to, most) => (Math.max(from, 0) + Math.min(to, most)) / 2;
  const middle = inside(box.left, box.right, innerWidth);
  const heights = [box.top + 3, inside(box.top, box.bottom, innerHeight), box.bottom - 3];
  const over = heights.map((height) => document.elementFromPoint(middle, height));
  const own = (at) => at && [each, label].some(
    (part) => part && (part.contains(at) || at.contains(part)));
  return {
    tag: each.localName,
    kind: each.type ?? "",
    name: each.getAttribute("aria-label") ?? read(label ?? each),
    ringed: rings.some((ring) => ring.outlineStyle !== "none" && parseFloat(ring.outlineWidth) > 0),
    covered_by: over.some(own) ? "" : `${over[1]?.localName}.${over[1]?.className}`,
  };
}"""
"""What has the focus, as a reader hears it; its ring, and what covers it (WCAG 2.4.7, 2.4.11)."""


@dataclass(frozen=True, kw_only=True)
class Focused:
    """What has the focus: its name, whether a ring is drawn, and what lies over it, if anything."""

    tag: str
    kind: str
    name: str
    ringed: bool
    covered_by: str

    @property
    def is_seen(self) -> bool:
        """Whether somebody who only looks finds it."""
        return self.ringed and not self.covered_by


def focused(page: Page) -> Focused:
    """What has the focus now."""
    return Focused(**page.evaluate(f"() => ({_FOCUS})(document.activeElement)"))


def look(person: Person, what: str) -> None:
    """Nothing is wrong with the page that the person has before them, however narrow it gets."""
    size = person.page.viewport_size
    assert size is not None
    with _open_to_checks(person) as page:
        found = violations(page) + unseen(page)
        found += [f"scrolls sideways at {width}" for width in sideways(page, NARROW, MAGNIFIED)]
        page.set_viewport_size(size)
        found += [f"scrolls sideways at {width}" for width in sideways(page, size["width"])]
        found += kept(page)
    assert found + person.faults == [], f"{what} ({size['width']})"


@contextmanager
def _open_to_checks(person: Person) -> Generator[Page]:
    """The page itself; where scripts are off, which the checks are too, a twin without its own."""
    page = person.page
    if person.scripts:
        yield page
        return
    html, address = page.content(), page.url

    def give(route: Route) -> None:
        if route.request.resource_type == "document":
            route.fulfill(content_type="text/html; charset=utf-8", body=html)
        elif route.request.resource_type == "script":
            route.abort()
        else:
            route.continue_()

    dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    browser = page.context.browser
    assert browser is not None
    context = browser.new_context(
        viewport=page.viewport_size, color_scheme="dark" if dark else "light"
    )
    twin = context.new_page()
    twin.route("**/*", give)
    twin.goto(address)
    yield twin
    context.close()


def violations(page: Page) -> list[str]:
    """What axe finds against WCAG and its own best practices."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(_AXE)
    answer = page.evaluate("axe.run({ resultTypes: ['violations'] })")
    return [
        f"{violation['id']}: {node['html']} ({node['failureSummary']})"
        for violation in answer["violations"]
        for node in violation["nodes"]
    ]


def unseen(page: Page) -> list[str]:
    """What can get the focus without anybody seeing that it has it."""
    page.keyboard.press("Tab")  # from here on the browser draws rings, as for whoever uses keys
    told = page.evaluate(
        f"""() => {{
          const told = [];
          const all = "a[href], button, input, select, textarea, summary, [tabindex]";
          const shown = document.querySelector(":popover-open") ?? document;
          for (const each of shown.querySelectorAll(all)) {{
            if (each.tabIndex < 0 || each.disabled || !each.checkVisibility()) continue;
            each.focus();
            if (document.activeElement === each) told.push(({_FOCUS})(each));
          }}
          document.activeElement?.blur();
          scrollTo(0, 0);
          return told;
        }}"""
    )
    all_told = [Focused(**each) for each in told]
    assert all_told, "a page on which nothing can be reached"
    return [f"nobody sees the focus on {each}" for each in all_told if not each.is_seen]


def sideways(page: Page, *widths: int) -> list[int]:
    """The widths at which the page is wider than the window."""
    found: list[int] = []
    height = page.viewport_size["height"] if page.viewport_size else 0
    for width in widths:
        size: ViewportSize = {"width": width, "height": height}
        if size != page.viewport_size:
            page.set_viewport_size(size)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(width)
    return found


def kept(page: Page) -> list[str]:
    """What the device keeps of the site besides the actions that wait to be sent."""
    told = page.evaluate(
        """async () => [
          ...Object.keys(localStorage), ...Object.keys(sessionStorage),
          ...(await indexedDB.databases()).map(({ name }) => name),
        ]"""
    )
    return [f"kept on the device: {name}" for name in told if name != OWN_DATABASE]
