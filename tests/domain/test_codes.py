"""Every code has its words in both languages, and every action type is offered to someone."""

import inspect
from enum import StrEnum

import pytest

from domain import codes, values
from domain.action_types import ACTION_TYPES_OF, group_of, offered_to
from domain.codes import (
    UNSAFETY_HIGHEST,
    UNSAFETY_LOWEST,
    ActionGroup,
    ActionType,
    DeclineReason,
    IssueStatus,
    SecrecyDomain,
)
from domain.hints import HINTS, hint
from domain.labels import LABELS, UNSAFETY_LABELS, label

ENUMS = [
    each
    for module in (codes, values)
    for _, each in inspect.getmembers(module, inspect.isclass)
    if issubclass(each, StrEnum) and each is not StrEnum
]


@pytest.mark.parametrize("enum", ENUMS)
def test_every_member_has_words_in_both_languages(enum: type[StrEnum]) -> None:
    assert set(LABELS[enum]) == set(enum)
    for member in enum:
        words = label(member)
        assert words.sv == words.sv.strip() != ""
        assert words.en == words.en.strip() != ""


@pytest.mark.parametrize("enum", ENUMS)
def test_no_two_members_look_the_same_on_screen(enum: type[StrEnum]) -> None:
    swedish = [label(member).sv for member in enum]
    english = [label(member).en for member in enum]
    assert len(set(swedish)) == len(swedish)
    assert len(set(english)) == len(english)


def test_labels_hold_nothing_else() -> None:
    assert set(LABELS) == set(ENUMS)


def test_a_code_of_another_list_has_no_words_here() -> None:
    with pytest.raises(KeyError):
        _ = LABELS[IssueStatus][DeclineReason.WRONG_AREA]


def test_hints_belong_to_real_codes_in_both_languages() -> None:
    for enum, members in HINTS.items():
        assert set(members) <= set(enum)
        for member in members:
            words = hint(member)
            assert words is not None
            assert words.sv.endswith(".")
            assert words.en.endswith(".")


def test_a_code_that_explains_itself_has_no_hint() -> None:
    assert hint(IssueStatus.NEW) is None


def test_urgent_is_never_mistaken_for_an_emergency() -> None:
    words = hint(codes.Priority.URGENT)
    assert words is not None
    assert "112" in words.sv
    assert "114 14" in words.sv


def test_unsafety_has_a_word_for_every_step() -> None:
    assert sorted(UNSAFETY_LABELS) == list(range(UNSAFETY_LOWEST, UNSAFETY_HIGHEST + 1))


@pytest.mark.parametrize(
    ("enum", "stored"),
    [
        (codes.Priority, "low medium high urgent"),
        (codes.Certainty, "certain likely uncertain"),
        (codes.EstimatedPeople, "0 1-4 5-14 15+"),
        (codes.ReferralType, "transfer assist consult inform"),
        (
            codes.ReferralStatus,
            "sent info_requested accepted declined withdrawn completed returned",
        ),
        (
            codes.DeclineReason,
            """not_our_mandate wrong_area insufficient_information already_handled
            no_capacity_now secrecy_prevents other_agency_right other""",
        ),
        (codes.IssueStatus, "new active follow_up closed parked merged voided"),
        (codes.Effect, "resolved improved unchanged worsened too_early"),
        (codes.Implementation, "done partly not_done"),
        (
            codes.CloseOutcome,
            "resolved moved_to_plan handled_elsewhere no_action_possible duplicate",
        ),
        (codes.SecrecyDomain, "police city social none"),
    ],
)
def test_stored_values_stay_as_they_are(enum: type[StrEnum], stored: str) -> None:
    assert [member.value for member in enum] == stored.split()


def test_every_action_type_is_in_exactly_one_group() -> None:
    listed = [each for members in ACTION_TYPES_OF.values() for each in members]
    assert sorted(listed) == sorted(ActionType)
    assert group_of(ActionType.OUTREACH) is ActionGroup.SOCIAL


@pytest.mark.parametrize("domain", list(SecrecyDomain))
def test_offered_action_types_are_unique_and_end_with_the_general_ones(
    domain: SecrecyDomain,
) -> None:
    offered = offered_to(domain)
    assert len(set(offered)) == len(offered)
    assert offered[-2:] == (ActionType.INFORMATION, ActionType.OTHER)


@pytest.mark.parametrize(
    ("domain", "action_type"),
    [
        (SecrecyDomain.POLICE, ActionType.LICENCE_CHECK_JOINT),
        (SecrecyDomain.CITY, ActionType.LICENCE_CHECK_JOINT),
        (SecrecyDomain.CITY, ActionType.CONCERN_REPORT_MADE),
        (SecrecyDomain.SOCIAL, ActionType.SHELTER_GUIDANCE),
        (SecrecyDomain.NONE, ActionType.GUARDS),
    ],
)
def test_agencies_are_offered_what_they_do_in_the_stories(
    domain: SecrecyDomain, action_type: ActionType
) -> None:
    assert action_type in offered_to(domain)


def test_partners_are_not_offered_the_work_of_authorities() -> None:
    offered = set(offered_to(SecrecyDomain.NONE))
    assert not offered & set(ACTION_TYPES_OF[ActionGroup.POLICE])
    assert not offered & set(ACTION_TYPES_OF[ActionGroup.SOCIAL])
