"""The generated pages are current, whole, and lead to one another."""

import re

import pytest

from docs.build import PAGES
from docs.causes import CATALOGUE, causes_of, events_of
from domain.events import EVENTS
from service.commands import COMMANDS
from tests.architecture.repository import ROOT


def headings(page: str) -> set[str]:
    return set(re.findall(r"^### (\w+)$", PAGES[page].text(), re.MULTILINE))


@pytest.mark.parametrize("name", PAGES)
def test_page_is_current(name: str) -> None:
    page = PAGES[name]
    assert (ROOT / page.path).read_text(encoding="utf-8") == page.text(), "run make docs"


def test_every_command_has_its_section() -> None:
    assert headings("commands") == COMMANDS.keys()


def test_every_event_has_its_section() -> None:
    assert headings("events") == EVENTS.keys()
    assert {event.__name__ for event in CATALOGUE} == EVENTS.keys()


@pytest.mark.parametrize("topic", EVENTS)
def test_every_event_has_a_command_that_causes_it(topic: str) -> None:
    assert causes_of(EVENTS[topic])


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_records_something(name: str) -> None:
    assert events_of(COMMANDS[name])


@pytest.mark.parametrize("page", ["commands", "events"])
def test_links_lead_to_a_section(page: str) -> None:
    targets = {
        "": {each.lower() for each in headings(page)},
        "commands.md": {each.lower() for each in headings("commands")},
        "events.md": {each.lower() for each in headings("events")},
    }
    for file, section in re.findall(r"\]\(([\w.]*)#(\w+)\)", PAGES[page].text()):
        assert section in targets[file]
