"""What a queue's address says about filters and order, and the chips and links made of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs

from domain.categories import CATEGORIES
from domain.codes import Badge, Priority
from domain.labels import Label, label
from projections.queue_selection import NOBODY, Sort, Wanted
from projections.queues import Bucket
from service.forms.choices import Option, swedish
from service.language import Language
from service.pages.list_address import Chip, ListAddress, chips_of, read_sort

BADGES = (Badge.AWAITING_ANSWER, Badge.PING_PONG, Badge.ESCALATED, Badge.SECRECY_MARKED)
"""Those that an issue carries whatever the time is."""
SORTS = (Sort.NUMBER, Sort.PRIORITY, Sort.SINCE, Sort.DUE)
FILTERS = ("priority", "category", "badge", "who", "due")
THIS_WEEK = "week"
ME = "me"
"""As caseworker in an address: whoever reads it, so that a colleague's list holds their own."""

NAMES: Mapping[str, Label] = {
    "priority": Label("Prioritet", "Priority"),
    "category": Label("Kategori", "Category"),
    "badge": Label("Märkt", "Marked"),
    "who": Label("Handläggare", "Caseworker"),
    "due": Label("Senast", "Due"),
}
DUE_WORDS = Label("denna vecka", "this week")

ALL = Wanted()


@dataclass(frozen=True, kw_only=True)
class QueueAddress(ListAddress):
    """A queue's address, read: which bucket, what of it, and in which order.

    `reader` is the user who reads it.
    """

    PATH = "/queue"
    USUAL = Sort.DUE.value

    reader: str
    bucket: Bucket = Bucket.TO_ANSWER
    wanted: Wanted = ALL

    def told(self) -> dict[str, str]:
        """The parts of the query."""
        wanted = self.wanted
        return {
            "bucket": self.bucket.value,
            "priority": wanted.priority,
            "category": wanted.category,
            "badge": wanted.badge.value if wanted.badge else "",
            "who": self.who,
            "due": THIS_WEEK if wanted.this_week else "",
            "sort": self.sort,
        }

    @property
    def who(self) -> str:
        """The caseworker as the address names them."""
        who = self.wanted.caseworker
        return ME if who == self.reader else who


def read_address(query: Mapping[str, Sequence[str]], user_id: str) -> QueueAddress:
    """What an address wants; what means nothing is left out. `me` is whoever reads."""

    def first(name: str) -> str:
        values = query.get(name, ())
        return values[0] if values else ""

    bucket, badge, who = first("bucket"), first("badge"), first("who")
    sort, descending = read_sort(first("sort"), Sort, QueueAddress.USUAL)
    return QueueAddress(
        reader=user_id,
        bucket=Bucket(bucket) if bucket in set(Bucket) else Bucket.TO_ANSWER,
        wanted=Wanted(
            priority=first("priority") if first("priority") in set(Priority) else "",
            category=first("category") if first("category") in CATEGORIES else "",
            badge=Badge(badge) if badge in BADGES else None,
            caseworker=user_id if who == ME else who[:100],
            this_week=first("due") == THIS_WEEK,
            sort=sort,
            descending=descending,
        ),
    )


def address_of(path: str, user_id: str) -> QueueAddress | None:
    """The queue a path leads to, None if it leads elsewhere."""
    where, _, query = path.partition("?")
    return read_address(parse_qs(query), user_id) if where == "/queue" else None


def chips(address: QueueAddress, language: Language, users: Mapping[str, str]) -> list[Chip]:
    """The filters in force, each with the way to be rid of it."""
    wanted = address.wanted
    found: list[tuple[str, str, QueueAddress]] = []
    if wanted.priority:
        words = language.of(label(Priority(wanted.priority)))
        found.append(("priority", words, address.narrowed(priority="")))
    if wanted.category:
        words = language.of(CATEGORIES[wanted.category].label)
        found.append(("category", words, address.narrowed(category="")))
    if wanted.badge:
        found.append(("badge", language.of(label(wanted.badge)), address.narrowed(badge=None)))
    if wanted.caseworker:
        nobody = language.pick("ingen", "nobody")
        who = nobody if wanted.caseworker == NOBODY else users.get(wanted.caseworker, "?")
        found.append(("who", who, address.narrowed(caseworker="")))
    if wanted.this_week:
        found.append(("due", language.of(DUE_WORDS), address.narrowed(this_week=False)))
    return chips_of(((NAMES[name], words, to) for name, words, to in found), language)


def badge_options(language: Language) -> list[Option]:
    """The marks to filter by."""
    return [Option(each.value, language.of(label(each))) for each in BADGES]


def due_options(language: Language) -> list[Option]:
    """The times to filter by."""
    return [Option(THIS_WEEK, language.of(DUE_WORDS))]


def who_options(language: Language, user_id: str, users: Mapping[str, str]) -> list[Option]:
    """Me, nobody, and each colleague."""
    others = sorted(
        ((name, user) for user, name in users.items() if user != user_id),
        key=lambda other: swedish(other[0]),
    )
    return [
        Option(ME, language.pick("Jag", "Me")),
        Option(NOBODY, language.pick("Ingen", "Nobody")),
        *(Option(user, name) for name, user in others),
    ]
