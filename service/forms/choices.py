"""What can be chosen in a form's fields: codes, agencies, places, users and reports, with words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from domain.action_types import offered_to
from domain.agencies import Agencies
from domain.categories import CATEGORIES
from domain.codes import ActionType, IssueStatus, ReportChannel, ReportKind
from domain.hints import hint
from domain.labels import UNSAFETY_LABELS, Label, label
from domain.values import Role
from service.language import Language


class Option(NamedTuple):
    """What is sent, what is read, and a sentence that helps to choose it."""

    value: str
    words: str
    hint: str = ""


NOT_BY_HAND = frozenset(
    {ReportKind.POLICE_LOG, ReportKind.EST, ReportChannel.POLICE_LOG, ReportChannel.IMPORT}
)
"""Codes that only imports use."""
HANDLES = frozenset({Role.CASEWORKER, Role.COORDINATOR, Role.FIELD_OFFICER, Role.MANAGER})


@dataclass(frozen=True, kw_only=True)
class Choices:
    """Where a form's options come from: the directory, the reader's language and the own agency.

    `users` are display names by user id; the other options are those of one issue or report.
    """

    agencies: Agencies
    own_agency: str
    language: Language
    now: datetime
    users: Mapping[str, str] = field(default_factory=dict[str, str])
    reports: Sequence[Option] = ()
    planned_actions: Sequence[Option] = ()
    events: Sequence[Option] = ()

    def word(self, words: Label) -> str:
        """A label in the reader's language."""
        return self.language.of(words)

    def of_enum(self, members: type[StrEnum]) -> list[Option]:
        """The codes of a scale that people choose from; own action types come first."""
        chosen: Iterable[StrEnum] = (each for each in members if each not in NOT_BY_HAND)
        if members is ActionType:
            chosen = dict.fromkeys((*self.own_action_types(), *members))
        return [self._coded(each) for each in chosen]

    def own_action_types(self) -> tuple[ActionType, ...]:
        """What an agency of this kind usually does."""
        own = self.agencies.get(self.own_agency)
        return offered_to(own.secrecy_domain) if own else ()

    def statuses(self) -> list[Option]:
        """Every status of an issue."""
        return [self._coded(each) for each in IssueStatus]

    def categories(self) -> list[Option]:
        """Every category of DOMAIN 3."""
        return [Option(code, self.word(each.label)) for code, each in CATEGORIES.items()]

    def other_agencies(self) -> list[Option]:
        """Agencies and partners in force, but for the own one."""
        return [each for each in self.every_agency() if each.value != self.own_agency]

    def every_agency(self) -> list[Option]:
        """Agencies and partners in force."""
        return [
            Option(agency.agency_id, self.language.pick(agency.name_sv, agency.name_en))
            for agency in self.agencies.agencies.values()
            if agency.in_force(self.now)
        ]

    def authorities(self) -> list[Option]:
        """Agencies in force that can be responsible for an issue."""
        return [each for each in self.every_agency() if self.agencies.is_authority(each.value)]

    def colleagues(self) -> list[Option]:
        """Users of the own agency who handle issues, by name in Swedish order."""
        found = [
            Option(grant.user_id, self.users.get(grant.user_id, grant.user_id))
            for grant in self.agencies.grants.values()
            if grant.agency_id == self.own_agency and grant.role in HANDLES
        ]
        return sorted(found, key=lambda each: swedish(each.words))

    def places(self) -> list[Option]:
        """Named places, by name in Swedish order."""
        named = sorted(self.agencies.places.values(), key=lambda place: swedish(place.name))
        return [Option(place.place_id, place.name) for place in named]

    def unsafety(self) -> list[Option]:
        """The steps from a little to a lot."""
        return [Option(str(step), self.word(words)) for step, words in UNSAFETY_LABELS.items()]

    def _coded(self, member: StrEnum) -> Option:
        helps = hint(member)
        return Option(member.value, self.word(label(member)), self.word(helps) if helps else "")


def swedish(text: str) -> str:
    """A key that sorts å, ä and ö after z."""
    return text.lower().translate({ord("å"): "{", ord("ä"): "|", ord("ö"): "}"})
