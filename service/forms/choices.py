"""What can be chosen in a form's fields: codes, agencies, places, users and reports, with words."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.agencies import Agencies
from domain.categories import CATEGORIES
from domain.codes import ReportKind
from domain.labels import UNSAFETY_LABELS, Label, label

Option = tuple[str, str]
"""What is sent and what is read."""


@dataclass(frozen=True, kw_only=True)
class Choices:
    """Where a form's options come from: the directory, the reader's language and the own agency."""

    agencies: Agencies
    own_agency: str
    language: str
    now: datetime
    reports: Sequence[Option] = ()
    planned_actions: Sequence[Option] = ()
    exclude: frozenset[str] = field(default_factory=frozenset)

    def word(self, words: Label) -> str:
        """A label in the reader's language."""
        return words.sv if self.language == "sv" else words.en

    def of_enum(self, members: type[StrEnum]) -> list[Option]:
        """Every code of a scale."""
        return [
            (member.value, self.word(label(member)))
            for member in members
            if not (isinstance(member, ReportKind) and member.value in self.exclude)
        ]

    def categories(self) -> list[Option]:
        """Every category of DOMAIN 3."""
        return [(code, self.word(category.label)) for code, category in CATEGORIES.items()]

    def other_agencies(self) -> list[Option]:
        """Agencies and partners in force, but for the own one."""
        return [
            (agency.agency_id, agency.name_sv if self.language == "sv" else agency.name_en)
            for agency in self.agencies.agencies.values()
            if agency.in_force(self.now) and agency.agency_id != self.own_agency
        ]

    def every_agency(self) -> list[Option]:
        """Agencies and partners in force."""
        return [
            (agency.agency_id, agency.name_sv if self.language == "sv" else agency.name_en)
            for agency in self.agencies.agencies.values()
            if agency.in_force(self.now)
        ]

    def colleagues(self) -> list[Option]:
        """Users of the own agency."""
        return [
            (grant.user_id, grant.user_id)
            for grant in self.agencies.grants.values()
            if grant.agency_id == self.own_agency
        ]

    def places(self) -> list[Option]:
        """Named places, by name in Swedish order."""
        named = sorted(self.agencies.places.values(), key=lambda place: swedish(place.name))
        return [(place.place_id, place.name) for place in named]

    def unsafety(self) -> list[Option]:
        """The steps from a little to a lot."""
        return [(str(step), self.word(words)) for step, words in UNSAFETY_LABELS.items()]


def swedish(text: str) -> str:
    """A key that sorts å, ä and ö after z."""
    return text.lower().translate({ord("å"): "{", ord("ä"): "|", ord("ö"): "}"})
