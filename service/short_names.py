"""Short names of agencies for narrow places on the screen: "Polisen" beside the full name."""

from collections.abc import Mapping
from functools import cache

from domain.agencies import Agency
from domain.labels import Label
from domain.presets import PRESETS


@cache
def _known() -> Mapping[tuple[str, str], Label]:
    """What the presets call their agencies in short, by id and full name."""
    return {
        (agency.agency_id, agency.name_sv): Label(agency.short_sv, agency.short_en)
        for preset in PRESETS.values()
        for agency in preset.agencies
    }


def short_name(agency: Agency) -> Label:
    """The short name of an agency that still has its preset's name; else its full name."""
    known = _known().get((agency.agency_id, agency.name_sv))
    return known or Label(agency.name_sv, agency.name_en)
