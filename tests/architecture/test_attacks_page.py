"""Every attack that the page of attacks tells of has its test, and every such test its row."""

import ast
import re
from typing import Final

import pytest

from infra.audit.sequencer import POINTS
from tests.architecture.repository import ROOT
from tests.infra.audit.test_sealing_unanswered import STEPS
from tests.service.attacks_page import PAGE, rows

TESTS: Final = ROOT / "tests"
DESIGN: Final = (
    "an old entry is changed",
    "an entry is removed",
    "a back-dated entry is put in",
    "an older copy of the database is put in place",
    "casework goes on past what was signed",
    "another history of the same size",
    "one branch is shown to the police",
    "changed by chance",
    "two more seal beside the worker",
    "`UPDATE`, `DELETE`, `TRUNCATE`",
    "events are altered, removed, back-dated",
    "an event is never logged",
    "records what is false",
)
"""The attacks of the design, in its order."""


@pytest.mark.parametrize("attack", DESIGN)
def test_each_attack_of_the_design_has_a_row_with_its_test_and_its_sentence(attack: str) -> None:
    found = [row for row in rows(PAGE.read_text(encoding="utf-8")).values() if attack in row.done]
    assert found
    assert all(row.sentences for row in found)


def test_what_the_page_names_is_a_test_and_each_test_of_attacks_is_named() -> None:
    page = PAGE.read_text(encoding="utf-8")
    named = set(rows(page))
    files = {ROOT / each for each in re.findall(r"`(tests/\S+\.py)`", page)}
    written = {name for file in files for name in _tests_in(file.read_text(encoding="utf-8"))}
    assert {each.partition("[")[0] for each in named} <= written
    for name in ("test_tampering.py", "test_cli_verify_beside.py"):
        attacks = (TESTS / "service" / name).read_text(encoding="utf-8")
        assert set(_tests_in(attacks)) <= {each.partition("[")[0] for each in named}


def test_each_point_where_a_sealing_is_killed_stands_there() -> None:
    page = PAGE.read_text(encoding="utf-8").partition("## Where a sealing can break off")[2]
    assert set(POINTS) <= set(re.findall(r"`([^`]+)`", page))
    assert {step.decode() for step in STEPS} <= set(re.findall(r"`([^`]+)`", page))


def _tests_in(source: str) -> list[str]:
    return [
        node.name
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]
