"""The directory of agencies, areas, places and users: commands, events and rules."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Self
from uuid import UUID

from eventsourcing.domain import Aggregate
from eventsourcing.utils import register_topic

from domain.agencies import Agencies, Agency, Area, Grant, NamedPlace
from domain.checks import check_position
from domain.codes import AgencyKind, SecrecyDomain
from domain.command import Command, Id, Line
from domain.context import Context
from domain.envelope import Recorded, RecordedEvent
from domain.refusals import Conflict, Invalid
from domain.values import Role

DIRECTORY_ID = UUID("00000000-0000-7000-8000-00000000d1ec")
"""The one directory's stream: a fixed id, so that every process finds it."""


class Directory(Recorded):
    """Which agencies, areas, places and users exist, and when."""

    class Event(RecordedEvent):
        """An event of the directory."""

    def __init__(self) -> None:
        self.event_agencies: dict[UUID, str] = {}
        self.content = Agencies()

    @classmethod
    def started_by(cls, context: Context) -> Self:
        """The directory's first event, recorded when the first entry is made."""
        return cls.begin(
            DirectoryStarted,
            context,
            aggregate_id=DIRECTORY_ID,
            registering_agency=context.actor.agency_id,
        )


register_topic("Directory", Directory)


class DirectoryStarted(Directory.Event, Aggregate.Created):
    """The directory exists from now on."""

    TOPIC = "DirectoryStarted"


class AgencyRegistered(Directory.Event):
    """An agency or partner is in force from a day on."""

    TOPIC = "AgencyRegistered"
    agency_id: str
    name_sv: str
    name_en: str
    kind: AgencyKind
    secrecy_domain: SecrecyDomain
    valid_from: date
    valid_to: date | None
    successor_id: str | None
    intake_only: bool

    def apply(self, aggregate: Directory) -> None:
        aggregate.content.agencies[self.agency_id] = Agency(
            agency_id=self.agency_id,
            name_sv=self.name_sv,
            name_en=self.name_en,
            kind=self.kind,
            secrecy_domain=self.secrecy_domain,
            valid_from=self.valid_from,
            valid_to=self.valid_to,
            successor_id=self.successor_id,
            intake_only=self.intake_only,
        )


class AgencySucceeded(Directory.Event):
    """An agency ends; another takes its place, or none."""

    TOPIC = "AgencySucceeded"
    agency_id: str
    valid_to: date
    successor_id: str | None

    def apply(self, aggregate: Directory) -> None:
        agencies = aggregate.content.agencies
        agencies[self.agency_id] = replace(
            agencies[self.agency_id], valid_to=self.valid_to, successor_id=self.successor_id
        )


class AreaRegistered(Directory.Event):
    """A city area is in force from a day on."""

    TOPIC = "AreaRegistered"
    area_id: str
    name_sv: str
    valid_from: date
    valid_to: date | None
    successor_id: str | None

    def apply(self, aggregate: Directory) -> None:
        aggregate.content.areas[self.area_id] = Area(
            area_id=self.area_id,
            name_sv=self.name_sv,
            valid_from=self.valid_from,
            valid_to=self.valid_to,
            successor_id=self.successor_id,
        )


class PlaceRegistered(Directory.Event):
    """A named place can be chosen in forms."""

    TOPIC = "PlaceRegistered"
    place_id: str
    name: str
    lat: float
    lon: float
    area_id: str | None

    def apply(self, aggregate: Directory) -> None:
        aggregate.content.places[self.place_id] = NamedPlace(
            place_id=self.place_id,
            name=self.name,
            lat=self.lat,
            lon=self.lon,
            area_id=self.area_id,
        )


class UserGranted(Directory.Event):
    """A user acts for one agency in one role from now on."""

    TOPIC = "UserGranted"
    user_id: str
    agency_id: str
    role: Role

    def apply(self, aggregate: Directory) -> None:
        aggregate.content.grants[self.user_id] = Grant(
            user_id=self.user_id, agency_id=self.agency_id, role=self.role
        )


class UserRevoked(Directory.Event):
    """A user may do nothing from now on."""

    TOPIC = "UserRevoked"
    user_id: str

    def apply(self, aggregate: Directory) -> None:
        aggregate.content.grants.pop(self.user_id, None)


@dataclass(frozen=True, kw_only=True)
class RegisterAgency(Command):
    """Enter an agency or partner into the directory."""

    agency_id: Id
    name_sv: Line
    name_en: Line
    kind: AgencyKind
    secrecy_domain: SecrecyDomain
    valid_from: date
    valid_to: date | None = None
    successor_id: str | None = None
    intake_only: bool = False


@dataclass(frozen=True, kw_only=True)
class SucceedAgency(Command):
    """End an agency on a day, with or without a successor."""

    agency_id: str
    valid_to: date
    successor_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class RegisterArea(Command):
    """Enter a city area."""

    area_id: Id
    name_sv: Line
    valid_from: date
    valid_to: date | None = None
    successor_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class RegisterPlace(Command):
    """Enter a named place; WGS84 degrees."""

    place_id: Id
    name: Line
    lat: float
    lon: float
    area_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class GrantUser(Command):
    """Let a user act for one agency in one role."""

    user_id: Id
    agency_id: str
    role: Role


@dataclass(frozen=True, kw_only=True)
class RevokeUser(Command):
    """Take a user's agency and role away."""

    user_id: str


def register_agency(directory: Directory, command: RegisterAgency, context: Context) -> None:
    """An agency id is used once; a new name means a new agency that succeeds the old one."""
    if command.agency_id in directory.content.agencies:
        raise Conflict(
            "agency_exists",
            f"Aktören {command.agency_id} finns redan i registret.",
            f"The agency {command.agency_id} is in the directory already.",
            happened="AgencyRegistered",
        )
    _check_days(command.valid_from, command.valid_to, context)
    directory.record(
        AgencyRegistered,
        context,
        agency_id=command.agency_id,
        name_sv=command.name_sv,
        name_en=command.name_en,
        kind=command.kind,
        secrecy_domain=command.secrecy_domain,
        valid_from=command.valid_from,
        valid_to=command.valid_to,
        successor_id=command.successor_id,
        intake_only=command.intake_only,
    )


def succeed_agency(directory: Directory, command: SucceedAgency, context: Context) -> None:
    """Ends an agency; referrals to it are rejected from then on (R9)."""
    _known_agency(directory, command.agency_id, "agency_id", context)
    if command.successor_id is not None:
        _known_agency(directory, command.successor_id, "successor_id", context)
    context.problems.need(
        command.successor_id != command.agency_id,
        "successor_id",
        "self_succession",
        "En aktör kan inte efterträda sig själv.",
        "An agency cannot succeed itself.",
    )
    _check_days(directory.content.agencies[command.agency_id].valid_from, command.valid_to, context)
    directory.record(
        AgencySucceeded,
        context,
        agency_id=command.agency_id,
        valid_to=command.valid_to,
        successor_id=command.successor_id,
    )


def register_area(directory: Directory, command: RegisterArea, context: Context) -> None:
    """Enter or re-enter an area."""
    _check_days(command.valid_from, command.valid_to, context)
    directory.record(
        AreaRegistered,
        context,
        area_id=command.area_id,
        name_sv=command.name_sv,
        valid_from=command.valid_from,
        valid_to=command.valid_to,
        successor_id=command.successor_id,
    )


def register_place(directory: Directory, command: RegisterPlace, context: Context) -> None:
    """Enter or re-enter a named place."""
    check_position(command.lat, command.lon, "lat", context)
    directory.record(
        PlaceRegistered,
        context,
        place_id=command.place_id,
        name=command.name,
        lat=command.lat,
        lon=command.lon,
        area_id=command.area_id,
    )


def grant_user(directory: Directory, command: GrantUser, context: Context) -> None:
    """A user belongs to exactly one agency: a new grant replaces the old one."""
    _known_agency(directory, command.agency_id, "agency_id", context)
    context.problems.need(
        command.role is not Role.SYSTEM,
        "role",
        "not_for_users",
        "Rollen system ges inte till användare.",
        "The role system is not given to users.",
    )
    directory.record(
        UserGranted,
        context,
        user_id=command.user_id,
        agency_id=command.agency_id,
        role=command.role,
    )


def revoke_user(directory: Directory, command: RevokeUser, context: Context) -> None:
    """Take away what was granted; unknown users are bad input."""
    context.problems.need(
        command.user_id in directory.content.grants,
        "user_id",
        "unknown_user",
        "Användaren finns inte i registret.",
        "The user is not in the directory.",
    )
    directory.record(UserRevoked, context, user_id=command.user_id)


def _check_days(valid_from: date, valid_to: date | None, context: Context) -> None:
    context.problems.need(
        valid_to is None or valid_from <= valid_to,
        "valid_to",
        "before_valid_from",
        "Sista dagen kan inte ligga före första dagen.",
        "The last day cannot lie before the first day.",
    )


def _known_agency(directory: Directory, agency_id: str, name: str, context: Context) -> None:
    context.problems.need(
        agency_id in directory.content.agencies,
        name,
        "unknown_agency",
        f"Aktören {agency_id} finns inte i registret.",
        f"The agency {agency_id} is not in the directory.",
    )
    if context.problems.errors:
        raise Invalid(tuple(context.problems.errors))
