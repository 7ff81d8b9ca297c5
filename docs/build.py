"""Write the generated pages of docs/ anew: `python -m docs.build [PAGE ...]`, or all of them."""

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from docs.commands_page import commands_page
from docs.events_page import events_page
from docs.faults_page import faults_page, performance_page

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page that is made from the source: where it lies and how its text comes about."""

    path: str
    text: Callable[[], str]


def adr_index() -> str:
    """The list of decisions, from the heading and status line of each record."""
    rows = [_adr_row(record) for record in sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))]
    return "\n".join(
        [
            "# Decisions",
            "",
            "One page for each decision that would be dear to change: why, what was rejected, and",
            "what would make us change it. Never edited once accepted, only superseded.",
            "Form: CONTRIBUTING.md. This list is generated (`make docs`).",
            "",
            "| no. | decision | status |",
            "| --- | --- | --- |",
            *rows,
            "",
        ]
    )


def _adr_row(record: Path) -> str:
    text = record.read_text(encoding="utf-8")
    title = re.search(r"^# (\d{4})\. (.+)$", text, re.MULTILINE)
    status = re.search(r"^Status: (.+)$", text, re.MULTILINE)
    if title is None or status is None:
        sentence = f"{record.name} needs a heading '# NNNN. Title' and a line 'Status: word, date'"
        raise ValueError(sentence)
    return f"| {title[1]} | [{title[2]}]({record.name}) | {status[1]} |"


PAGES = {
    "adr-index": Page(path="docs/adr/README.md", text=adr_index),
    "commands": Page(path="docs/commands.md", text=commands_page),
    "events": Page(path="docs/events.md", text=events_page),
    "faults": Page(path="docs/faults.md", text=faults_page),
    "performance": Page(path="docs/performance.md", text=performance_page),
}


def main(names: list[str]) -> None:
    """Write these pages and say which.

    Raises:
        SystemExit: a name that is no page, with the names there are.
    """
    unknown = set(names) - set(PAGES)
    if unknown:
        sys.exit(f"No such page: {', '.join(sorted(unknown))}. There are: {', '.join(PAGES)}.")
    for name in names or list(PAGES):
        page = PAGES[name]
        (ROOT / page.path).write_text(page.text(), encoding="utf-8")
        print(f"wrote {page.path}")


if __name__ == "__main__":
    main(sys.argv[1:])
