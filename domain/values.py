"""Small values that commands, events and read models share: who acts, where, from which system."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a user may do inside the one agency the user belongs to (DOMAIN 1.2)."""

    REPORTER = "reporter"
    REGISTRAR = "registrar"
    CASEWORKER = "caseworker"
    FIELD_OFFICER = "field_officer"
    COORDINATOR = "coordinator"
    MANAGER = "manager"
    AUDITOR = "auditor"
    ADMIN = "admin"
    SYSTEM = "system"


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who does something, for which agency and in which role."""

    user_id: str
    agency_id: str
    role: Role


OPERATIONS_ID = "operations"
"""Under it stands in the access log what whoever runs the program takes out of it."""
SYSTEM = Actor(user_id="system", agency_id="system", role=Role.SYSTEM)
"""The actor of policies: reminders, escalations, resuming."""


class PlacePrecision(StrEnum):
    """How far a place may be trusted as the spot where something happened."""

    EXACT = "exact"
    NAMED = "named"
    AREA = "area"  # the centre of an area: never drawn as the place of an incident


@dataclass(frozen=True, kw_only=True)
class Place:
    """A place in words, and in WGS84 degrees where known."""

    name: str
    place_id: str | None = None
    lat: float | None = None
    lon: float | None = None
    precision: PlacePrecision = PlacePrecision.NAMED


@dataclass(frozen=True, kw_only=True)
class ExternalRef:
    """Where something imported stands in the system it came from."""

    system: str
    id: str
