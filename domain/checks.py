"""Checks of single fields that several commands share: moments, places, categories, agencies."""

from datetime import UTC, date, datetime

from domain.categories import CATEGORIES
from domain.command import FUTURE_TOLERANCE
from domain.context import Context
from domain.values import Place
from domain.working_days import LOCAL_ZONE

MOST_NORTH = 90.0
MOST_EAST = 180.0


def check_moment(value: datetime | None, name: str, context: Context) -> datetime | None:
    """A past moment in UTC; without time zone or in the future (R14) it is noted as bad."""
    if value is None:
        return None
    moment = check_aware(value, name, context)
    context.problems.need(
        moment <= context.now + FUTURE_TOLERANCE,
        name,
        "in_the_future",
        "Tiden ligger i framtiden. Ange när det hände.",
        "The time lies in the future. State when it happened.",
    )
    return moment


def check_aware(value: datetime, name: str, context: Context) -> datetime:
    """Any moment, in UTC; one without time zone is noted as bad."""
    if value.tzinfo is None:
        context.problems.add(
            name,
            "no_time_zone",
            "Tiden saknar tidszon. Skriv till exempel 2026-01-12T08:15:00+01:00.",
            "The time has no time zone. Write for example 2026-01-12T08:15:00+01:00.",
        )
        return value.replace(tzinfo=UTC)
    return value.astimezone(UTC)


def local_day(moment: datetime) -> date:
    """The day in Göteborg."""
    return moment.astimezone(LOCAL_ZONE).date()


def check_day_ahead(day: date | None, name: str, context: Context) -> None:
    """A day on which something will be: the local day on which the command was given, or later."""
    context.problems.need(
        day is None or day >= local_day(context.occurred_at),
        name,
        "in_the_past",
        "Ange i dag eller en senare dag.",
        "State today or a later day.",
    )


def check_authority(agency_id: str, name: str, context: Context) -> None:
    """An authority that exists and is in force now; partners are responsible for nothing."""
    check_agency(agency_id, name, context)
    context.problems.need(
        context.agencies.is_authority(agency_id) or context.agencies.get(agency_id) is None,
        name,
        "not_an_authority",
        "Bara en myndighet kan vara ansvarig.",
        "Only an authority can be responsible.",
    )
    check_handles_issues(agency_id, name, context)


def check_handles_issues(agency_id: str, name: str, context: Context) -> None:
    """Not one that only takes in reports: it opens no issue and cannot be handed one either."""
    agency = context.agencies.get(agency_id)
    if agency is not None and agency.intake_only:
        context.problems.add(
            name,
            "intake_only",
            f"{agency.name_sv} tar emot rapporter men ansvarar inte för ärenden.",
            f"{agency.name_en} takes in reports but is not responsible for issues.",
        )


def check_position(lat: float | None, lon: float | None, name: str, context: Context) -> None:
    """WGS84 degrees, as far as they are given."""
    context.problems.need(
        (lat is None or abs(lat) <= MOST_NORTH) and (lon is None or abs(lon) <= MOST_EAST),
        name,
        "not_on_earth",
        "Latitud går från -90 till 90 och longitud från -180 till 180.",
        "Latitude runs from -90 to 90 and longitude from -180 to 180.",
    )


def check_place(place: Place, context: Context) -> None:
    """A place has a name; coordinates come in pairs and on Earth."""
    problems = context.problems
    problems.need(
        place.name.strip(),
        "place",
        "no_name",
        "Skriv platsens namn eller adress.",
        "Write the name or address of the place.",
    )
    problems.need(
        (place.lat is None) == (place.lon is None),
        "place",
        "half_a_position",
        "Ange både latitud och longitud, eller ingen av dem.",
        "Give both latitude and longitude, or neither.",
    )
    check_position(place.lat, place.lon, "place", context)
    problems.need(
        place.place_id is None
        or place.place_id in context.agencies.places
        or not context.agencies.places,
        "place",
        "unknown_place",
        "Platsen finns inte i registret.",
        "The place is not in the directory.",
    )


def check_category(category: str, context: Context) -> None:
    """A category from the list of DOMAIN 3."""
    context.problems.need(
        category in CATEGORIES,
        "category",
        "unknown_category",
        "Okänd kategori. Välj en ur listan.",
        "Unknown category. Choose one from the list.",
    )


def check_agency(agency_id: str, name: str, context: Context) -> None:
    """An agency that exists and is in force now (R9)."""
    agency = context.agencies.get(agency_id)
    if agency is None:
        context.problems.add(
            name,
            "unknown_agency",
            f"Aktören {agency_id} finns inte i registret.",
            f"The agency {agency_id} is not in the directory.",
        )
    elif not agency.in_force(context.now):
        heir = agency.successor_id
        context.problems.add(
            name,
            "agency_closed",
            f"{agency.name_sv} finns inte längre."
            + (f" Välj {context.agencies.name_sv(heir)}." if heir else ""),
            f"{agency.name_en} no longer exists."
            + (f" Choose {context.agencies.name_en(heir)}." if heir else ""),
        )
