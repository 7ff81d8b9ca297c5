"""The shape of a directory preset: plain rows from which a directory can be filled."""

from dataclasses import dataclass
from datetime import date

from domain.codes import AgencyKind, SecrecyDomain
from domain.values import Role

EARLIEST = date(2000, 1, 1)
"""In force before anything we record; not the day something was founded."""
LAST_DAY_BEFORE = date(2020, 12, 31)
"""The last day of the organisation of 2018."""
FIRST_DAY_AFTER = date(2021, 1, 1)
"""The first day of the organisation of today."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AgencyPreset:
    """One agency; in force from ``valid_from`` to ``valid_to``, both days included."""

    agency_id: str
    name_sv: str
    name_en: str
    short_sv: str
    """For columns and sentences: "togs över av Polisen"."""
    short_en: str
    kind: AgencyKind
    secrecy_domain: SecrecyDomain
    valid_from: date
    valid_to: date | None = None
    successor_id: str | None = None
    intake_only: bool = False
    """Takes in reports and passes them on; never responsible for an issue."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Box:
    """A rectangle in WGS84 degrees, edges included."""

    south: float
    west: float
    north: float
    east: float

    def contains(self, lat: float, lon: float) -> bool:
        """Whether the point lies in the rectangle."""
        return self.south <= lat <= self.north and self.west <= lon <= self.east

    @property
    def centre(self) -> tuple[float, float]:
        """Latitude and longitude of the middle: where an area is shown, never an incident."""
        return (self.south + self.north) / 2, (self.west + self.east) / 2


@dataclass(frozen=True, kw_only=True, slots=True)
class AreaPreset:
    """One city area; in force from ``valid_from`` to ``valid_to``, both days included."""

    area_id: str
    name_sv: str
    name_en: str
    valid_from: date
    valid_to: date | None = None
    successor_id: str | None = None
    parts: tuple[str, ...] = ()
    """Names of the neighbourhoods, or of the former areas, it is made of."""
    box: Box | None = None
    """Where a point is taken without a warning; unknown areas have none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PlacePreset:
    """One named place; WGS84 degrees, good to about 100 metres."""

    place_id: str
    name: str
    lat: float
    lon: float
    area_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class UserPreset:
    """One invented user, known by function and number: no name of a person."""

    user_id: str
    agency_id: str
    role: Role
    display_name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Preset:
    """One organisation at one time."""

    name: str
    title_sv: str
    title_en: str
    home_area_id: str
    """The area the installation is for."""
    agencies: tuple[AgencyPreset, ...]
    areas: tuple[AreaPreset, ...]
    places: tuple[PlacePreset, ...]
    users: tuple[UserPreset, ...]
