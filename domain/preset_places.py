"""The areas and named places of the directory presets."""

from domain.preset import (
    EARLIEST,
    FIRST_DAY_AFTER,
    LAST_DAY_BEFORE,
    AreaPreset,
    Box,
    PlacePreset,
)

CENTRE_BOX = Box(south=57.685, west=11.935, north=57.715, east=11.995)
"""Around the named places of central Göteborg."""

# Its western edge lies between Haga and Kungsparken: west of it was another district until 2021.
_CENTRE_BOX_2018 = Box(south=57.685, west=11.960, north=57.715, east=11.995)

# (id, name, latitude, longitude): approximate, good to about 100 metres.
_INSIDE_BOTH = (
    ("brunnsparken", "Brunnsparken", 57.7071, 11.9672),
    ("nordstan", "Nordstan", 57.7086, 11.9690),
    ("drottningtorget", "Drottningtorget/Centralstationen", 57.7080, 11.9727),
    ("kungsportsplatsen", "Kungsportsplatsen", 57.7042, 11.9697),
    ("kungsparken", "Kungsparken", 57.7015, 11.9665),
    ("avenyn", "Kungsportsavenyn (Valand)", 57.7003, 11.9745),
    ("gotaplatsen", "Götaplatsen", 57.6972, 11.9794),
    ("heden", "Heden", 57.7022, 11.9795),
    ("vasaparken", "Vasaparken", 57.6983, 11.9712),
)
_ONLY_TODAY = (
    ("jarntorget", "Järntorget", 57.6998, 11.9527),
    ("andra_langgatan", "Andra Långgatan", 57.6990, 11.9480),
    ("linnegatan", "Linnégatan", 57.6944, 11.9520),
    ("haga", "Haga Nygata", 57.6985, 11.9572),
)


def places(*, centre_area_id: str, west_area_id: str) -> tuple[PlacePreset, ...]:
    """Return the named places; Järntorget and its neighbours changed area in 2021."""
    return tuple(
        PlacePreset(place_id=place_id, name=name, lat=lat, lon=lon, area_id=area_id)
        for rows, area_id in ((_INSIDE_BOTH, centre_area_id), (_ONLY_TODAY, west_area_id))
        for place_id, name, lat, lon in rows
    )


_NEIGHBOURHOODS = (
    "Krokslätt",
    "Guldheden",
    "Landala",
    "Vasastaden",
    "Johanneberg",
    "Lorensberg",
    "Heden",
    "Inom Vallgraven",
    "Stampen",
)


def areas(suffix_2018: str, suffix_2021: str) -> tuple[AreaPreset, ...]:
    """Return the districts of 2018 and the area that took their place, with these id endings."""
    successor = f"centrum{suffix_2021}"
    return (
        AreaPreset(
            area_id=f"centrum{suffix_2018}",
            name_sv="Stadsdel Centrum",
            name_en="City district Centrum",
            valid_from=EARLIEST,
            valid_to=LAST_DAY_BEFORE,
            successor_id=successor,
            parts=_NEIGHBOURHOODS,
            box=_CENTRE_BOX_2018,
        ),
        AreaPreset(
            area_id=f"majorna_linne{suffix_2018}",
            name_sv="Stadsdel Majorna-Linné",
            name_en="City district Majorna-Linné",
            valid_from=EARLIEST,
            valid_to=LAST_DAY_BEFORE,
            successor_id=successor,
        ),
        AreaPreset(
            area_id=f"orgryte_harlanda{suffix_2018}",
            name_sv="Stadsdel Örgryte-Härlanda",
            name_en="City district Örgryte-Härlanda",
            valid_from=EARLIEST,
            valid_to=LAST_DAY_BEFORE,
            successor_id=successor,
        ),
        AreaPreset(
            area_id=successor,
            name_sv="Stadsområde Centrum",
            name_en="City area Centrum",
            valid_from=FIRST_DAY_AFTER,
            parts=("Centrum", "Majorna-Linné", "Örgryte-Härlanda"),
            box=CENTRE_BOX,
        ),
    )
