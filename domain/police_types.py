"""From the police's published event types to our categories; tolerant of types not seen before.

The type is a name in the police's open list of events. It says little, so the mapping claims no
more than the name does: accidents, checks, alarms, summaries and updates are ``other``, and a
plain narcotics offence is use at a place, not open dealing.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

_NAMES: Mapping[str, tuple[str, ...]] = {
    "theft_shop": ("Stöld", "Stöld, försök"),  # half of the short texts speak of a shop
    "theft_vehicle": ("Motorfordon, anträffat stulet", "Motorfordon, stöld"),
    "burglary": ("Inbrott", "Inbrott, försök", "Stöld/inbrott"),
    "robbery": ("Rån", "Rån väpnat", "Rån övrigt", "Rån, försök"),
    "violence_public": (
        "Misshandel",
        "Misshandel, grov",
        "Mord/dråp",
        "Mord/dråp, försök",
        "Olaga frihetsberövande/människorov",
    ),
    "threat": ("Bombhot", "Olaga hot"),
    "threat_official": ("Sabotage mot blåljusverksamhet", "Våld/hot mot tjänsteman"),
    "weapon_knife": ("Knivlagen", "Skottlossning", "Skottlossning, misstänkt", "Vapenlagen"),
    "sexual_offence": ("Sedlighetsbrott", "Våldtäkt", "Våldtäkt, försök"),
    "vandalism": ("Skadegörelse",),
    "fire": ("Brand",),
    "drug_use": ("Narkotikabrott",),
    "alcohol_intoxication": ("Fylleri/LOB",),
    "alcohol_selling": ("Alkohollagen",),
    "disorder": ("Bråk", "Ofredande/förargelse", "Olaga intrång", "Ordningslagen"),
    "traffic_reckless": ("Olovlig körning", "Rattfylleri", "Trafikbrott"),
    "hate_incident": ("Hets mot folkgrupp",),
    "other": (
        "Anträffad död",
        "Anträffat gods",
        "Arbetsplatsolycka",
        "Bedrägeri",
        "Brand automatlarm",
        "Detonation",
        "Djur",
        "Efterlyst person",
        "Ekobrott",
        "Explosion",
        "Farligt föremål, misstänkt",
        "Fjällräddning",
        "Försvunnen person",
        "Hemfridsbrott",
        "Häleri",
        "Kontroll person/fordon",
        "Lagen om hundar och katter",
        "Larm Inbrott",
        "Larm Överfall",
        "Luftfartslagen",
        "Miljöbrott",
        "Missbruk av urkund",
        "Polisinsats/kommendering",
        "Räddningsinsats",
        "Sammanfattning dag",
        "Sammanfattning dygn",
        "Sammanfattning eftermiddag",
        "Sammanfattning kväll",
        "Sammanfattning kväll och natt",
        "Sammanfattning natt",
        "Sammanfattning vecka",
        "Sjukdom/olycksfall",
        "Sjölagen",
        "Skyddslagen",
        "Spridning smitta/kemikalier",
        "Trafikhinder",
        "Trafikkontroll",
        "Trafikolycka",
        "Trafikolycka, personskada",
        "Trafikolycka, singel",
        "Trafikolycka, smitning från",
        "Trafikolycka, vilt",
        "Uppdatering",
        "Utlänningslagen",
        "Varningslarm/haveri",
        "Vållande till kroppsskada",
        "Åldringsbrott",
        "Övrigt",
    ),
}

POLICE_TYPES: Mapping[str, str] = MappingProxyType(
    {name: code for code, names in _NAMES.items() for name in names}
)
"""The category code of every event type the police used 2022 to 2024, by its exact name."""

# For names not in the list: the first pattern that is found decides. What is no offence comes
# first, then the narrow before the wide. "rån" must not be found in "från" or "intrång", nor
# "hot" in "hotell".
_KEYWORDS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), code)
    for pattern, code in (
        (r"sammanfattning|uppdatering|olycka|olycksfall|larm|kontroll|hinder|försvunn", "other"),
        (r"cykelstöld|stöld.*cykel", "theft_bicycle"),
        (r"fickstöld|väskryckning", "theft_pickpocket"),
        (r"bilstöld|stöld.*(?:bil|fordon)|fordon.*(?:stöld|stulet)", "theft_vehicle"),
        (r"inbrott", "burglary"),
        (r"stöld|snatteri", "theft_shop"),
        (r"ungdomsrån|\brån\b.*ungdom", "robbery_youth"),
        (r"\brån|(?<!f)rån\b", "robbery"),
        (r"mordbrand", "fire"),
        (r"tjänsteman|blåljus|ordningsvakt", "threat_official"),
        (r"nära relation|kvinnofrid", "violence_close"),
        (r"misshandel|mord|dråp|människorov|frihetsberövande", "violence_public"),
        (r"sexuellt ofredande|blottning|blottare", "sexual_harassment"),
        (r"köp av sexuell|sexköp|prostitution", "prostitution"),
        (r"våldtäkt|sexual|sexuell|sedlighet", "sexual_offence"),
        (r"kniv|vapen|skottlossning|skjutning", "weapon_knife"),
        (r"folkgrupp|hatbrott", "hate_incident"),
        (r"\w*hot\b", "threat"),
        (r"våld\b", "violence_public"),
        (r"klotter", "graffiti"),
        (r"skadegörelse", "vandalism"),
        (r"brand|bränn", "fire"),
        (r"narkotika.*(?:försäljning|överlåtelse)|langning av narkotika", "drug_dealing"),
        (r"narkotika|droger", "drug_use"),
        (r"rattfylleri|drograttfylleri|trafik|olovlig körning|vårdslöshet", "traffic_reckless"),
        (r"fylleri|\blob\b|berusa", "alcohol_intoxication"),
        (r"langning|alkohollag", "alcohol_selling"),
        (r"bråk|ordning|förargelse|ofredande|intrång|upplopp", "disorder"),
    )
)

_BY_NAME = {name.casefold(): code for name, code in POLICE_TYPES.items()}


def category_of_police_type(name: str) -> str:
    """Return the category code for a police event type, whatever its case or spacing.

    A name not in ``POLICE_TYPES`` is judged by keyword; what matches nothing is ``other``.
    """
    known = " ".join(name.casefold().split())
    if known in _BY_NAME:
        return _BY_NAME[known]
    return next((code for pattern, code in _KEYWORDS if pattern.search(known)), "other")
