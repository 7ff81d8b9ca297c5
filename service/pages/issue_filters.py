"""What the address of the list of issues says about filters and order, and the chips made of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs

from domain.categories import CATEGORIES
from domain.codes import IssueStatus
from domain.labels import Label, label
from projections.issue_search import ALL_ISSUES, IssueSort, IssuesWanted
from service.forms.choices import Choices
from service.language import Language
from service.pages.list_address import Chip, ListAddress, chips_of, read_sort

NAMES: Mapping[str, Label] = {
    "text": Label("Sök", "Search"),
    "status": Label("Status", "Status"),
    "agency": Label("Ansvarig", "Responsible"),
    "category": Label("Kategori", "Category"),
}
MOST_CHARACTERS = 200


@dataclass(frozen=True, kw_only=True)
class IssuesAddress(ListAddress):
    """The address of the list of issues, read."""

    PATH = "/issues"
    USUAL = f"-{IssueSort.OPENED.value}"

    wanted: IssuesWanted = ALL_ISSUES

    def told(self) -> dict[str, str]:
        """The parts of the query."""
        wanted = self.wanted
        return {
            "text": wanted.text,
            "status": wanted.status.value if wanted.status else "",
            "agency": wanted.agency,
            "category": wanted.category,
            "sort": self.sort,
        }


def read_issues_address(query: Mapping[str, Sequence[str]]) -> IssuesAddress:
    """What an address wants; what means nothing is left out."""

    def first(name: str) -> str:
        values = query.get(name, ())
        return values[0].strip()[:MOST_CHARACTERS] if values else ""

    status, category = first("status"), first("category")
    sort, descending = read_sort(first("sort"), IssueSort, IssuesAddress.USUAL)
    return IssuesAddress(
        wanted=IssuesWanted(
            text=first("text"),
            status=IssueStatus(status) if status in set(IssueStatus) else None,
            agency=first("agency"),
            category=category if category in CATEGORIES else "",
            sort=sort,
            descending=descending,
        )
    )


def issues_address_of(path: str) -> IssuesAddress | None:
    """The list of issues a path leads to, None if it leads elsewhere."""
    where, _, query = path.partition("?")
    return read_issues_address(parse_qs(query)) if where == IssuesAddress.PATH else None


def issue_chips(address: IssuesAddress, choices: Choices, language: Language) -> list[Chip]:
    """The filters in force, each with the way to be rid of it."""
    wanted = address.wanted
    found: list[tuple[str, str, IssuesAddress]] = []
    if wanted.text:
        found.append(("text", wanted.text, address.narrowed(text="")))
    if wanted.status:
        words = language.of(label(wanted.status))
        found.append(("status", words, address.narrowed(status=None)))
    if wanted.agency:
        names = {each.value: each.words for each in choices.authorities()}
        words = names.get(wanted.agency, wanted.agency)
        found.append(("agency", words, address.narrowed(agency="")))
    if wanted.category:
        words = language.of(CATEGORIES[wanted.category].label)
        found.append(("category", words, address.narrowed(category="")))
    return chips_of(((NAMES[name], words, to) for name, words, to in found), language)
