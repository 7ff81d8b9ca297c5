"""The category list is whole, and every police event type finds a category."""

import pytest

from domain.categories import CATEGORIES, OTHER, categories_in
from domain.codes import CategoryGroup, Priority
from domain.police_types import POLICE_TYPES, category_of_police_type


def test_there_are_thirty_nine_categories_under_their_own_code() -> None:
    assert len(CATEGORIES) == 39
    assert all(code == each.code for code, each in CATEGORIES.items())


def test_every_category_has_words_in_both_languages_and_none_twice() -> None:
    for each in CATEGORIES.values():
        assert each.label.sv
        assert each.label.en
    assert len({each.label.sv for each in CATEGORIES.values()}) == 39
    assert len({each.label.en for each in CATEGORIES.values()}) == 39


@pytest.mark.parametrize("group", list(CategoryGroup))
def test_every_group_has_categories(group: CategoryGroup) -> None:
    assert categories_in(group)


def test_groups_follow_each_other_in_the_order_of_forms() -> None:
    seen = list(dict.fromkeys(each.group for each in CATEGORIES.values()))
    assert seen == list(CategoryGroup)
    assert list(CATEGORIES.values())[-1] is OTHER


def test_small_numbers_are_protected_where_people_could_be_traced() -> None:
    protected = {code for code, each in CATEGORIES.items() if each.small_numbers}
    assert protected == {"violence_close", "sexual_harassment", "sexual_offence", "youth_risk"}


def test_only_extremism_is_restricted() -> None:
    assert [code for code, each in CATEGORIES.items() if each.restricted] == ["extremism"]


@pytest.mark.parametrize(
    ("code", "severity", "lead"),
    [
        ("drug_dealing", Priority.HIGH, "police"),
        ("robbery_youth", Priority.URGENT, "police"),
        ("licensed_premises", Priority.MEDIUM, "environment"),
        ("needles", Priority.HIGH, "city_env"),
        ("homelessness", Priority.MEDIUM, "social"),
        ("disorder_group", Priority.MEDIUM, "district"),
        ("lighting", Priority.LOW, "city_env"),
    ],
)
def test_severity_and_lead_are_those_of_the_domain(
    code: str, severity: Priority, lead: str
) -> None:
    assert CATEGORIES[code].severity is severity
    assert CATEGORIES[code].lead_agency == lead


def test_police_numbers_are_shared_by_categories_that_the_police_count_together() -> None:
    sharing = {code for code, each in CATEGORIES.items() if 71 in each.police_type_numbers}
    assert sharing == {"drug_dealing", "drug_use"}
    assert CATEGORIES["theft_vehicle"].police_type_numbers == (55, 56, 57)


def test_every_known_police_type_leads_to_a_category() -> None:
    assert len(POLICE_TYPES) == 88
    assert set(POLICE_TYPES.values()) <= set(CATEGORIES)


@pytest.mark.parametrize("name", sorted(POLICE_TYPES))
def test_known_police_types_are_found_whatever_case_and_spacing(name: str) -> None:
    assert category_of_police_type(f" {name.upper()}  ") == POLICE_TYPES[name]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Stöld, ringa", "theft_shop"),
        ("Cykelstöld", "theft_bicycle"),
        ("Fickstöld", "theft_pickpocket"),
        ("Stöld från fordon", "theft_vehicle"),
        ("Bostadsinbrott", "burglary"),
        ("Rån butik", "robbery"),
        ("Personrån", "robbery"),
        ("Ungdomsrån", "robbery_youth"),
        ("Misshandel, ringa", "violence_public"),
        ("Mordbrand", "fire"),
        ("Skogsbrand", "fire"),
        ("Narkotikabrott, grovt", "drug_use"),
        ("Narkotika, försäljning", "drug_dealing"),
        ("Skadegörelse, grov", "vandalism"),
        ("Klotter", "graffiti"),
        ("Trafikbrott, grovt", "traffic_reckless"),
        ("Drograttfylleri", "traffic_reckless"),
        ("Fylleri", "alcohol_intoxication"),
        ("Köp av sexuell tjänst", "prostitution"),
        ("Sexuellt ofredande", "sexual_harassment"),
        ("Hot mot tjänsteman", "threat_official"),
        ("Hot", "threat"),
        ("Knivbrott", "weapon_knife"),
        ("Intrång", "disorder"),
    ],
)
def test_new_police_types_are_judged_by_keyword(name: str, code: str) -> None:
    assert category_of_police_type(name) == code


@pytest.mark.parametrize(
    "name",
    [
        "Sammanfattning förmiddag",
        "Trafikolycka, spårvagn",
        "Smitning från olycksplats",
        "Hotellgäst borttappad",
        "Ballonguppstigning",
        "",
    ],
)
def test_what_is_no_offence_or_unknown_is_other(name: str) -> None:
    assert category_of_police_type(name) == "other"
