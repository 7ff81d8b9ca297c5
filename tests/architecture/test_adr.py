"""The decisions in docs/adr: numbered without gaps, of one form, short, and all in the index."""

import re
from pathlib import Path

import pytest

from tests.architecture.repository import ROOT

FOLDER = ROOT / "docs" / "adr"
RECORDS = sorted(FOLDER.glob("[0-9]*.md"))
SECTIONS = ["Context", "Decision", "Rejected", "Consequences"]
LONGEST = 60


def test_numbers_have_no_gap_and_no_double() -> None:
    assert [int(record.name[:4]) for record in RECORDS] == list(range(1, len(RECORDS) + 1))


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.stem)
def test_record_has_the_agreed_form(record: Path) -> None:
    text = record.read_text(encoding="utf-8")
    assert re.fullmatch(r"\d{4}(-[a-z0-9]+)+", record.stem)
    assert text.startswith(f"# {record.name[:4]}. ")
    assert re.search(r"^Status: \S.*, \d{4}-\d{2}-\d{2}$", text, re.MULTILINE)
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == SECTIONS
    assert len(text.splitlines()) <= LONGEST
