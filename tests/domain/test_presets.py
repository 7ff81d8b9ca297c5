"""The two directory presets hold together: ids, dates, successors, places and users."""

from collections import Counter
from datetime import timedelta

import pytest

from domain.categories import CATEGORIES
from domain.codes import AgencyKind, SecrecyDomain
from domain.preset import FIRST_DAY_AFTER, LAST_DAY_BEFORE, AgencyPreset, AreaPreset, Preset
from domain.preset_places import CENTRE_BOX
from domain.presets import PRESETS, SEED_2018, TODAY
from domain.values import Role

BOTH = pytest.mark.parametrize("preset", list(PRESETS.values()), ids=list(PRESETS))
WEST = {"jarntorget", "andra_langgatan", "linnegatan", "haga"}


def test_today_is_the_first_of_the_two() -> None:
    assert list(PRESETS) == ["today", "seed-2018"]


@BOTH
def test_ids_are_unique(preset: Preset) -> None:
    for ids in (
        [each.agency_id for each in preset.agencies],
        [each.area_id for each in preset.areas],
        [each.place_id for each in preset.places],
        [each.user_id for each in preset.users],
    ):
        assert max(Counter(ids).values()) == 1


@BOTH
def test_agencies_have_names_in_both_languages_and_none_twice_in_force(preset: Preset) -> None:
    for each in preset.agencies:
        assert all((each.name_sv, each.name_en, each.short_sv, each.short_en))
    for names in (
        [each.name_sv for each in preset.agencies],
        [each.short_sv for each in preset.agencies],
    ):
        assert max(Counter(names).values()) == 1


@BOTH
def test_what_ends_is_followed_the_next_day_by_its_successor(preset: Preset) -> None:
    dated: list[dict[str, AgencyPreset | AreaPreset]] = [
        {each.agency_id: each for each in preset.agencies},
        {each.area_id: each for each in preset.areas},
    ]
    for rows in dated:
        assert {each.valid_to for each in rows.values()} == {LAST_DAY_BEFORE, None}
        for each in rows.values():
            if each.valid_to:
                assert each.valid_from <= each.valid_to
                successor = rows[each.successor_id or ""]
                assert successor.valid_from == each.valid_to + timedelta(days=1)


@BOTH
def test_places_lie_in_a_known_area_and_inside_its_box(preset: Preset) -> None:
    areas = {each.area_id: each for each in preset.areas}
    for place in preset.places:
        box = areas[place.area_id].box
        assert box is None or box.contains(place.lat, place.lon)
    assert areas[preset.home_area_id].box is not None


def test_jarntorget_was_outside_the_district_and_is_inside_the_area() -> None:
    assert {each.place_id for each in TODAY.places if each.area_id != "centrum"} == set()
    outside = [each for each in SEED_2018.places if each.area_id != "centrum"]
    assert {each.place_id for each in outside} == WEST
    district = next(each for each in SEED_2018.areas if each.area_id == "centrum")
    assert district.box is not None
    assert not any(district.box.contains(each.lat, each.lon) for each in outside)
    assert "Inom Vallgraven" in district.parts
    assert len(district.parts) == 9


def test_an_area_is_shown_at_the_middle_of_its_box() -> None:
    centre = CENTRE_BOX.centre
    assert centre == pytest.approx((57.7, 11.965))
    assert CENTRE_BOX.contains(*centre)


def test_the_same_id_has_the_name_of_its_time() -> None:
    now = {each.agency_id: each for each in TODAY.agencies}
    then = {each.agency_id: each for each in SEED_2018.agencies}
    assert now["district"].name_sv == "Socialförvaltningen Centrum, trygghetssamordning"
    assert now["district"].valid_from == FIRST_DAY_AFTER
    assert now["district"].valid_to is None
    assert then["district"].name_sv == "Stadsdelsförvaltningen Centrum"
    assert then["district"].valid_to == LAST_DAY_BEFORE
    assert then["social"].name_sv == "Social resursförvaltning"
    assert now["police"] == then["police"]


@BOTH
def test_every_usual_lead_of_a_category_is_an_agency(preset: Preset) -> None:
    ids = {each.agency_id for each in preset.agencies}
    assert {each.lead_agency for each in CATEGORIES.values()} <= ids


@BOTH
def test_partners_are_outside_all_secrecy_and_nobody_else_is(preset: Preset) -> None:
    for each in preset.agencies:
        is_partner = each.kind is AgencyKind.PARTNER
        assert (each.secrecy_domain is SecrecyDomain.NONE) == is_partner
        assert each.agency_id.startswith("partner_") == is_partner


@BOTH
def test_only_the_contact_center_is_for_intake_only(preset: Preset) -> None:
    assert [each.agency_id for each in preset.agencies if each.intake_only] == ["contact_center"]


@BOTH
def test_users_belong_to_agencies_and_none_is_the_system(preset: Preset) -> None:
    ids = {each.agency_id for each in preset.agencies}
    for user in preset.users:
        assert user.agency_id in ids
        assert user.role is not Role.SYSTEM


@BOTH
def test_every_role_of_people_has_a_user(preset: Preset) -> None:
    assert {each.role for each in preset.users} == set(Role) - {Role.SYSTEM}


def test_display_names_are_functions_with_a_number() -> None:
    names = [each.display_name for each in TODAY.users]
    assert len(set(names)) == len(names)
    assert all(name.rsplit(" ", 1)[1].isdigit() for name in names)


@pytest.mark.parametrize(
    ("user_id", "agency_id", "role"),
    [
        ("u-con-01", "contact_center", Role.CASEWORKER),
        ("u-dis-03", "district", Role.CASEWORKER),
        ("u-soc-02", "social", Role.CASEWORKER),
        ("u-pol-01", "police", Role.CASEWORKER),
        ("u-pol-04", "police", Role.FIELD_OFFICER),
        ("u-env-01", "environment", Role.CASEWORKER),
        ("u-cit-01", "city_env", Role.CASEWORKER),
        ("u-reg-01", "district", Role.REGISTRAR),
        ("u-man-01", "district", Role.MANAGER),
        ("u-coo-01", "district", Role.COORDINATOR),
        ("u-rep-01", "partner_nordstan", Role.REPORTER),
        ("u-par-01", "partner_nordstan", Role.CASEWORKER),
    ],
)
def test_the_users_of_the_stories_have_their_agency_and_role(
    user_id: str, agency_id: str, role: Role
) -> None:
    user = next(each for each in TODAY.users if each.user_id == user_id)
    assert (user.agency_id, user.role) == (agency_id, role)
