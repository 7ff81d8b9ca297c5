"""What `docs/attacks.md` says of each attack: the test that does it, and what it makes one say."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PAGE: Final = Path(__file__).parents[2] / "docs" / "attacks.md"
_TEST: Final = re.compile(r"`(test_\w+(?:\[[^\]]+\])?)`$")


@dataclass(frozen=True)
class Row:
    """A row of a table: what is done, the sentences for it with … for what varies, its test."""

    done: str
    sentences: tuple[str, ...]
    test: str

    def says(self, *words: str) -> bool:
        """Whether each sentence is said somewhere, in so many words."""
        forms = [".*".join(map(re.escape, each.split("…"))) for each in self.sentences]
        return all(any(re.search(form, said) for said in words) for form in forms)


def rows(page: str) -> dict[str, Row]:
    """The rows of a page's tables that name a test last, by that test."""
    found: dict[str, Row] = {}
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        if (test := _TEST.search(cells[-1])) and len(cells) > 2:
            sentences = tuple(re.findall(r"”([^”]+)”", cells[-2]))
            assert test[1] not in found, f"{test[1]} has two rows"
            found[test[1]] = Row(cells[0], sentences, test[1])
    return found
