"""Where things are, to compare: distances in a city, and where an open issue lies in whole numbers.

A city is small enough for a flat map: a degree of longitude is as long as at the place asked about.
"""

from math import cos, hypot, radians
from typing import Final, NamedTuple

from domain.values import Place, PlacePrecision

METRES_A_DEGREE: Final = 111_320.0
STEPS: Final = 100_000
"""So many has a degree where it is stored: about a metre each, and the same on any database."""


class Spot(NamedTuple):
    """A position, WGS84 degrees."""

    lat: float
    lon: float


class Steps(NamedTuple):
    """A position in whole steps, as tables hold it."""

    north: int
    east: int


def spot_of(place: Place) -> Spot | None:
    """Where a place is, if that is known."""
    return None if place.lat is None or place.lon is None else Spot(place.lat, place.lon)


def steps_of(lat: float | None, lon: float | None, precision: str) -> Steps | None:
    """Where something happened, None for what is only known to lie in an area."""
    if lat is None or lon is None or precision == PlacePrecision.AREA:
        return None
    return Steps(round(lat * STEPS), round(lon * STEPS))


def east_scale(lat: float) -> float:
    """How long a degree of longitude is at this latitude, in degrees of latitude."""
    return cos(radians(lat))


def metres_between(one: Spot, other: Spot) -> float:
    """The distance as on a flat map."""
    north = (one.lat - other.lat) * METRES_A_DEGREE
    east = (one.lon - other.lon) * METRES_A_DEGREE * east_scale(one.lat)
    return hypot(north, east)
