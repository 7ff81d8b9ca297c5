"""The agencies, areas, places and users of a day, as decisions and pages see them."""

from dataclasses import dataclass, field
from datetime import date, datetime

from domain.codes import AgencyKind, SecrecyDomain
from domain.refusals import NotAllowed
from domain.values import Actor, Role
from domain.working_days import LOCAL_ZONE


@dataclass(frozen=True, kw_only=True)
class Agency:
    """One agency or partner; in force from `valid_from` to `valid_to`, both inclusive."""

    agency_id: str
    name_sv: str
    name_en: str
    kind: AgencyKind
    secrecy_domain: SecrecyDomain
    valid_from: date
    valid_to: date | None = None
    successor_id: str | None = None
    intake_only: bool = False

    @property
    def is_authority(self) -> bool:
        """Municipal companies count as authorities (OSL 2:3); private partners do not."""
        return self.kind is not AgencyKind.PARTNER

    def in_force(self, at: datetime) -> bool:
        """Whether the agency exists on the local day of `at`."""
        day = at.astimezone(LOCAL_ZONE).date()
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, kw_only=True)
class Area:
    """A city area with validity dates."""

    area_id: str
    name_sv: str
    valid_from: date
    valid_to: date | None = None
    successor_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class NamedPlace:
    """A place people know by name; WGS84 degrees."""

    place_id: str
    name: str
    lat: float
    lon: float
    area_id: str | None


@dataclass(frozen=True, kw_only=True)
class Grant:
    """A user's one agency and role."""

    user_id: str
    agency_id: str
    role: Role


@dataclass
class Agencies:
    """The directory's content: any number of agencies works."""

    agencies: dict[str, Agency] = field(default_factory=dict)
    areas: dict[str, Area] = field(default_factory=dict)
    places: dict[str, NamedPlace] = field(default_factory=dict)
    grants: dict[str, Grant] = field(default_factory=dict)

    def get(self, agency_id: str) -> Agency | None:
        """The agency with this id, in force or not."""
        return self.agencies.get(agency_id)

    def in_force(self, agency_id: str, at: datetime) -> bool:
        """Whether an agency with this id exists on the day of `at`."""
        agency = self.agencies.get(agency_id)
        return agency is not None and agency.in_force(at)

    def heir(self, agency_id: str, at: datetime) -> str | None:
        """The agency itself while it is in force, then whoever succeeded it; None if nobody."""
        wanted: str | None = agency_id
        for _ in self.agencies:  # a chain of successors cannot be longer than the directory
            agency = self.agencies.get(wanted or "")
            if agency is None or agency.in_force(at):
                return agency.agency_id if agency else None
            wanted = agency.successor_id
        return None

    def acts_for(self, actor_agency: str, agency_id: str, at: datetime) -> bool:
        """Whether an agency acts for another: for itself, or for one that it succeeded."""
        return self.heir(agency_id, at) == actor_agency

    def is_authority(self, agency_id: str) -> bool:
        """Whether this is a known authority (not a partner)."""
        agency = self.agencies.get(agency_id)
        return agency is not None and agency.is_authority

    @property
    def authorities(self) -> list[str]:
        """The ids of all authorities, in force or not, in their order."""
        return sorted(each for each in self.agencies if self.is_authority(each))

    def name_sv(self, agency_id: str) -> str:
        """The agency's Swedish name, or its id if it is not in the directory."""
        agency = self.agencies.get(agency_id)
        return agency.name_sv if agency else agency_id

    def name_en(self, agency_id: str) -> str:
        """The agency's English name, or its id if it is not in the directory."""
        agency = self.agencies.get(agency_id)
        return agency.name_en if agency else agency_id

    def require_authority(self, actor: Actor, at: datetime) -> None:
        """Refuse actors whose agency is no authority in force; the system may always act.

        Raises:
            NotAllowed: for partners, unknown agencies and agencies that no longer exist.
        """
        if actor.role is Role.SYSTEM:
            return
        if not self.is_authority(actor.agency_id) or not self.in_force(actor.agency_id, at):
            raise NotAllowed(
                "not_an_authority",
                "Bara en myndighet som finns i registret och är i kraft kan göra detta.",
                "Only an authority that is in the directory and in force can do this.",
                who_may=("authority",),
            )
