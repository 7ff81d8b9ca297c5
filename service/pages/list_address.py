"""What lists to work in have: all of it in the address, filters as chips, headings that sort."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, ClassVar, NamedTuple, Self, TypeVar
from urllib.parse import urlencode

from domain.labels import Label
from service.language import Language

S = TypeVar("S", bound=StrEnum)
LIST = "list"
"""In the address of what belongs to an issue: the list in which somebody came upon the issue."""


class Chip(NamedTuple):
    """One filter in words, and the address without it."""

    words: str
    without: str


@dataclass(frozen=True, kw_only=True)
class ListAddress(ABC):
    """A list's address, read; `wanted` says what of it in which order, by `sort`, `descending`."""

    PATH: ClassVar[str]
    USUAL: ClassVar[str]
    """The order that the address does not name."""

    wanted: Any

    @abstractmethod
    def told(self) -> dict[str, str]:
        """The parts of the query, empty ones among them."""

    @property
    def query(self) -> str:
        """The query of the address, without what goes without saying and without the cursor."""
        return urlencode({name: value for name, value in self.told().items() if value})

    @property
    def path(self) -> str:
        """The address."""
        return f"{self.PATH}?{self.query}" if self.query else self.PATH

    @property
    def sort(self) -> str:
        """The order as the address names it; nothing for the usual one."""
        sort = ("-" if self.wanted.descending else "") + str(self.wanted.sort.value)
        return "" if sort == self.USUAL else sort

    def narrowed(self, **changed: object) -> Self:
        """The same list, wanted otherwise, from its first page."""
        return replace(self, wanted=replace(self.wanted, **changed))

    def sorted_by(self, sort: StrEnum) -> Self:
        """By this; if it is by this already, the other way round."""
        again = sort is self.wanted.sort and not self.wanted.descending
        return self.narrowed(sort=sort, descending=again)


def read_sort(text: str, kinds: type[S], usual: str) -> tuple[S, bool]:
    """What an address says of the order, and whether the other way round; else the usual one."""
    if text.removeprefix("-") not in set(kinds):
        text = usual
    return kinds(text.removeprefix("-")), text.startswith("-")


def chips_of(found: Iterable[tuple[Label, str, ListAddress]], language: Language) -> list[Chip]:
    """A chip for each filter: its name, what it is set to, and the list without it."""
    return [Chip(f"{language.of(name)}: {words}", to.path) for name, words, to in found]


def in_list(path: str, list_path: str | None) -> str:
    """A page's address that keeps the list from which somebody came, if they came from one."""
    kept = urlencode({LIST: list_path}) if list_path else ""
    return f"{path}{'&' if '?' in path else '?'}{kept}" if kept else path
