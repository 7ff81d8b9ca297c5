"""The glossary and the code use the same words."""

import ast
import importlib
import re
from enum import StrEnum
from typing import NamedTuple

import pytest

from domain import codes, values
from domain.labels import label
from tests.architecture.repository import ROOT

KINDS = {"class", "event", "code", "field", "later", "avoid"}
LINE = re.compile(r"^\|(?! Svenska|---)(.+)\|$", re.MULTILINE)


class Row(NamedTuple):
    """One line of the glossary."""

    svenska: str
    english: str
    identifier: str
    kind: str
    note: str


def _rows() -> list[Row]:
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    return [Row(*(cell.strip(" `") for cell in line.split("|"))) for line in LINE.findall(text)]


ROWS = _rows()


def _of(*kinds: str) -> list[Row]:
    return [row for row in ROWS if row.kind in kinds]


def _member(identifier: str) -> StrEnum:
    enum_name, _, member_name = identifier.partition(".")
    home = codes if hasattr(codes, enum_name) else values
    member = getattr(getattr(home, enum_name), member_name)
    assert isinstance(member, StrEnum)
    return member


def _domain() -> list[ast.Module]:
    return [ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / "domain").glob("*.py")]


CLASSES = {
    node.name for tree in _domain() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)
}
FIELDS = {
    target.id if isinstance(target, ast.Name) else target.attr
    for tree in _domain()
    for node in ast.walk(tree)
    if isinstance(node, ast.AnnAssign)
    for target in [node.target]
    if isinstance(target, ast.Name | ast.Attribute)
}


def test_every_line_says_what_it_is() -> None:
    assert len(ROWS) > 60
    assert {row.kind for row in ROWS} == KINDS
    assert [row.svenska for row in ROWS if not (row.svenska and row.english)] == []


def test_no_word_has_two_lines() -> None:
    for words in ([row.svenska for row in ROWS], [row.identifier for row in ROWS]):
        named = [word for word in words if word != "–"]
        assert sorted(set(named)) == sorted(named)


@pytest.mark.parametrize("row", _of("event"), ids=lambda row: row.identifier)
def test_an_event_is_in_the_list_of_events(row: Row) -> None:
    assert row.identifier in importlib.import_module("domain.events").EVENTS


@pytest.mark.parametrize("row", _of("class"), ids=lambda row: row.identifier)
def test_a_class_is_in_the_domain(row: Row) -> None:
    assert row.identifier in CLASSES


@pytest.mark.parametrize("row", _of("field"), ids=lambda row: row.identifier)
def test_a_field_is_in_the_domain(row: Row) -> None:
    assert row.identifier in FIELDS


@pytest.mark.parametrize("row", _of("code"), ids=lambda row: row.identifier)
def test_a_code_has_the_same_word_on_the_screen(row: Row) -> None:
    on_screen = label(_member(row.identifier)).sv.casefold()
    assert on_screen in row.svenska.casefold().split(", ")


@pytest.mark.parametrize("row", _of("later"), ids=lambda row: row.identifier)
def test_what_is_marked_later_is_not_built_yet(row: Row) -> None:
    assert row.identifier not in CLASSES


@pytest.mark.parametrize("row", _of("avoid"), ids=lambda row: row.svenska)
def test_a_word_to_avoid_says_what_it_means_and_names_nothing(row: Row) -> None:
    assert (row.english, row.identifier) == ("–", "–")
    assert row.note
