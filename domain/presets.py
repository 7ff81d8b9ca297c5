"""Two directory presets: central Göteborg as it was in 2018 and as it is since 2021.

The city was reorganised on 1 January 2021: the district administration and the social resources
administration ended and their work went to new ones. Each preset keeps the plain agency ids for
its own time and gives the other time's agencies and areas ids that end in a year, so that what
came before, or after, has a name. Names marked "unverified" were not confirmed by a source.
"""

from collections.abc import Mapping
from types import MappingProxyType

from domain.codes import AgencyKind, SecrecyDomain
from domain.preset import EARLIEST, FIRST_DAY_AFTER, LAST_DAY_BEFORE, AgencyPreset, Preset
from domain.preset_places import areas, places
from domain.preset_users import USERS

_UNCHANGED = (
    AgencyPreset(
        agency_id="police",
        name_sv="Polisen, lokalpolisområde Göteborg City",
        name_en="Police, local police area Göteborg City",
        short_sv="Polisen",
        short_en="Police",
        kind=AgencyKind.AUTHORITY_STATE,
        secrecy_domain=SecrecyDomain.POLICE,
        valid_from=EARLIEST,
    ),
    AgencyPreset(
        agency_id="contact_center",
        name_sv="Kontaktcenter",
        name_en="City contact centre",
        short_sv="Kontaktcenter",
        short_en="Contact centre",
        kind=AgencyKind.AUTHORITY_CITY,
        secrecy_domain=SecrecyDomain.CITY,
        valid_from=EARLIEST,
        intake_only=True,
    ),
    AgencyPreset(
        agency_id="education",
        name_sv="Skola",
        name_en="Schools",
        short_sv="Skola",
        short_en="Schools",
        kind=AgencyKind.AUTHORITY_CITY,
        secrecy_domain=SecrecyDomain.CITY,
        valid_from=EARLIEST,
    ),
    AgencyPreset(
        agency_id="rescue",
        name_sv="Räddningstjänsten Storgöteborg",
        name_en="Greater Göteborg Fire and Rescue",
        short_sv="Räddningstjänsten",
        short_en="Fire and Rescue",
        kind=AgencyKind.AUTHORITY_CITY,
        secrecy_domain=SecrecyDomain.CITY,
        valid_from=EARLIEST,
    ),
    AgencyPreset(
        agency_id="transit",
        name_sv="Västtrafik",
        name_en="Västtrafik, public transport",
        short_sv="Västtrafik",
        short_en="Västtrafik",
        kind=AgencyKind.PUBLIC_COMPANY,
        secrecy_domain=SecrecyDomain.CITY,
        valid_from=EARLIEST,
    ),
)


def _partner(agency_id: str, *, sv: str, en: str) -> AgencyPreset:
    return AgencyPreset(
        agency_id=agency_id,
        name_sv=sv,
        name_en=en,
        short_sv=sv,
        short_en=en,
        kind=AgencyKind.PARTNER,
        secrecy_domain=SecrecyDomain.NONE,
        valid_from=EARLIEST,
    )


_PARTNERS = (
    _partner("partner_nordstan", sv="Fastighetsägare i Nordstan", en="Property owners in Nordstan"),
    _partner("partner_guards", sv="Vaktbolag i centrum", en="Guard companies in the centre"),
    _partner("partner_associations", sv="Föreningar i centrum", en="Associations in the centre"),
)


def _of_2018(suffix: str, successor_suffix: str) -> tuple[AgencyPreset, ...]:
    return (
        AgencyPreset(
            agency_id=f"district{suffix}",
            name_sv="Stadsdelsförvaltningen Centrum",
            name_en="City district administration Centrum",
            short_sv="Stadsdelen",
            short_en="District",
            kind=AgencyKind.AUTHORITY_CITY,
            secrecy_domain=SecrecyDomain.CITY,
            valid_from=EARLIEST,
            valid_to=LAST_DAY_BEFORE,
            successor_id=f"district{successor_suffix}",
        ),
        AgencyPreset(
            agency_id=f"social{suffix}",
            name_sv="Social resursförvaltning",
            name_en="Social resources administration",
            short_sv="Social resurs",
            short_en="Social resources",
            kind=AgencyKind.AUTHORITY_CITY,
            secrecy_domain=SecrecyDomain.SOCIAL,
            valid_from=EARLIEST,
            valid_to=LAST_DAY_BEFORE,
            successor_id=f"social{successor_suffix}",
        ),
        AgencyPreset(
            agency_id=f"environment{suffix}",
            name_sv="Tillståndsenheten, social resursförvaltning",  # unverified
            name_en="Licensing unit, social resources administration",
            short_sv="Tillståndsenheten",
            short_en="Licensing",
            kind=AgencyKind.AUTHORITY_CITY,
            secrecy_domain=SecrecyDomain.CITY,
            valid_from=EARLIEST,
            valid_to=LAST_DAY_BEFORE,
            successor_id=f"environment{successor_suffix}",
        ),
        AgencyPreset(
            agency_id=f"city_env{suffix}",
            name_sv="Trafikkontoret och Park- och naturförvaltningen",
            name_en="Traffic office and parks administration",
            short_sv="Trafik och park",
            short_en="Traffic and parks",
            kind=AgencyKind.AUTHORITY_CITY,
            secrecy_domain=SecrecyDomain.CITY,
            valid_from=EARLIEST,
            valid_to=LAST_DAY_BEFORE,  # unverified
            successor_id=f"city_env{successor_suffix}",
        ),
    )


def _since_2021(suffix: str) -> tuple[AgencyPreset, ...]:
    return (
        AgencyPreset(
            agency_id=f"district{suffix}",
            name_sv="Socialförvaltningen Centrum, trygghetssamordning",
            name_en="Social administration Centrum, safety coordination",
            short_sv="Trygghetssamordningen",
            short_en="Safety coordination",
            kind=AgencyKind.AUTHORITY_CITY,
            secrecy_domain=SecrecyDomain.CITY,
            valid_from=FIRST_DAY_AFTER,
        ),
        AgencyPreset(
            agency_id=f"social{suffix}",
            name_sv="Socialförvaltningen Centrum, socialtjänst/fält",
            name_en="Social administration Centrum, social services and field work",
            short_sv="Socialtjänsten",
            short_en="Social services",
            kind=AgencyKind.AUTHORITY_CITY,
            secrecy_domain=SecrecyDomain.SOCIAL,
            valid_from=FIRST_DAY_AFTER,
        ),
        AgencyPreset(
            agency_id=f"environment{suffix}",
            name_sv="Miljöförvaltningen, tillståndsenheten",
            name_en="Environment administration, licensing unit",
            short_sv="Miljöförvaltningen",
            short_en="Environment",
            kind=AgencyKind.AUTHORITY_CITY,
            secrecy_domain=SecrecyDomain.CITY,
            valid_from=FIRST_DAY_AFTER,
        ),
        AgencyPreset(
            agency_id=f"city_env{suffix}",
            name_sv="Stadsmiljöförvaltningen",  # unverified
            name_en="City environment administration",
            short_sv="Stadsmiljö",
            short_en="City environment",
            kind=AgencyKind.AUTHORITY_CITY,
            secrecy_domain=SecrecyDomain.CITY,
            valid_from=FIRST_DAY_AFTER,  # unverified
        ),
    )


SEED_2018 = Preset(
    name="seed-2018",
    title_sv="Göteborg Centrum 2018",
    title_en="Central Göteborg in 2018",
    home_area_id="centrum",
    agencies=(*_of_2018("", "_2021"), *_since_2021("_2021"), *_UNCHANGED, *_PARTNERS),
    areas=areas("", "_2021"),
    places=places(centre_area_id="centrum", west_area_id="majorna_linne"),
    users=USERS,
)

TODAY = Preset(
    name="today",
    title_sv="Göteborg Centrum i dag",
    title_en="Central Göteborg today",
    home_area_id="centrum",
    agencies=(*_since_2021(""), *_of_2018("_2018", ""), *_UNCHANGED, *_PARTNERS),
    areas=areas("_2018", ""),
    places=places(centre_area_id="centrum", west_area_id="centrum"),
    users=USERS,
)

PRESETS: Mapping[str, Preset] = MappingProxyType({each.name: each for each in (TODAY, SEED_2018)})
"""Every preset by its name; the first is the default."""
