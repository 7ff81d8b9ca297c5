"""What playing tells: what failed and why, in the words of the story."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from domain.codes import AgencyKind, SecrecyDomain
from domain.directory import RegisterAgency
from domain.values import SYSTEM
from projections.catalogue import PROJECTIONS
from service.assembly import assemble
from service.stories.player import Played, Player, StoryClock
from service.stories.reading import story_of
from service.stories.story import Story, StoryError

OPENING: dict[str, Any] = {
    "when": "2026-01-12 09:00",
    "who": "u-dis-01",
    "command": "OpenIssue",
    "as": "ärendet",
    "data": {"public_title": "Otrygghet", "category": "litter", "place": "heden"},
}
SENDING: dict[str, Any] = {
    "when": "2026-01-12 10:00",
    "who": "u-dis-01",
    "command": "SendReferral",
    "as": "r1",
    "data": {"type": "assist", "to_agency": "city_env"},
}


def a_story(*steps: object, name: str = "prov", **more: object) -> Story:
    told = {"title": "Prov", "step": [OPENING, *steps], **more}
    return story_of(json.dumps(told).encode(), f"{name}.json")


def note(**changes: object) -> dict[str, object]:
    return {
        "when": "2026-01-12 10:00",
        "who": "u-dis-01",
        "command": "AddNote",
        "data": {"text_sv": "En anteckning."},
        **changes,
    }


def expect(**told: object) -> dict[str, object]:
    return {"when": "2026-01-12 12:00", "expect": told}


def play(database_url: str, *stories: Story) -> Played:
    clock = StoryClock()
    samsyn = assemble(database_url, PROJECTIONS, clock)
    try:
        return Player(samsyn, clock).play(stories)
    finally:
        samsyn.close()


FAILING: dict[str, tuple[Sequence[object], str]] = {
    "refused": (
        [note(who="u-aud-01")],
        "prov, step 2 (2026-01-12 10:00): AddNote was refused (status 403, code role_not_allowed",
    ),
    "refused_otherwise": (
        [note(who="u-aud-01", refused={"status": 409, "code": "x", "says": "yyy"})],
        "Told otherwise: status is 403; code is 'role_not_allowed'; it does not say 'yyy'.",
    ),
    "refused_fields": (
        [note(data={"text_sv": ""}, refused={"fields": ["text"], "code": "too_long"})],
        "Told otherwise: fields is ['text_sv']; the codes are invalid, too_short.",
    ),
    "carried_out": ([note(refused=True)], "step 2 (2026-01-12 10:00): AddNote was carried out"),
    "name_of_refused": (
        [
            {**SENDING, "who": "u-aud-01", "refused": {"status": 403}},
            note(command="AcceptReferral", who="u-cit-01", data={"referral_id": "r1"}),
        ],
        "referral_id: 'r1' does not exist, its step was refused",
    ),
    "number_of_nothing": (
        [note(data={"issue_id": "TIC-2026-12345", "text_sv": "En anteckning."})],
        "issue_id: there is no issue with the number TIC-2026-12345",
    ),
    "issue": (
        [expect(issue=True, status="closed", priority="high")],
        (
            "prov, step 2 (2026-01-12 12:00): issue: status is 'new', not 'closed'; "
            "priority is 'low', not 'high'"
        ),
    ),
    "referral": ([SENDING, expect(referral="r1", reminded=True)], "reminded is False, not True"),
    "not_a_referral": (
        [SENDING, expect(referral="ärendet", reminded=True)],
        "'ärendet' is no referral of TIC-2026-00001",
    ),
    "time": (
        [SENDING, expect(referral="r1", respond_by="2026-01-12 10:00")],
        "respond_by is '2026-01-19 10:00:00', not '2026-01-12 10:00'",
    ),
    "time_of_a_row": (
        [SENDING, expect(queue="to_answer", agency="city_env", due_at="2026-01-12 10:00")],
        "in to_answer of city_env: due_at is '2026-01-19 10:00:00'",
    ),
    "something": (
        [SENDING, expect(referral="r1", respond_by="none")],
        "respond_by is '2026-01-19 10:00:00', not 'none'",
    ),
    "no_time": ([SENDING, expect(referral="r1", respond_by="x")], "'x' is no time"),
    "event": (
        [SENDING, expect(event="ReferralSent", times=2)],
        "ReferralSent is recorded so 1 times, not 2 times",
    ),
    "event_at": (
        [SENDING, expect(event="ReferralSent", at="2026-01-12 11:00")],
        "ReferralSent is recorded so 0 times, not at least once (there is one in which at is ",
    ),
    "queue": (
        [SENDING, expect(queue="ours", agency="police")],
        (
            "the issue does not stand in ours of police; it stands in city_env: to_answer, "
            "district: ours, district: unassigned, district: waiting"
        ),
    ),
    "queue_not": (
        [SENDING, expect(queue="waiting", agency="district", holds=False)],
        "the issue stands in waiting of district; it stands in ",
    ),
    "queue_row": (
        [SENDING, expect(queue="to_answer", agency="city_env", overdue=True)],
        "in to_answer of city_env: overdue is False",
    ),
    "count": (
        [expect(queue="ours", agency="district", count=2)],
        "queue ours of district holds 1, not 2",
    ),
    "figure": (
        [SENDING, expect(figure="K5.count", **{"is": 0})],
        "figure K5.count is 1, not 0",
    ),
    "duration": (
        [
            SENDING,
            note(command="AcceptReferral", who="u-cit-01", when="2026-01-12 11:30", data={}),
            expect(figure="K2.median", **{"is": "1 h"}),
        ],
        "figure K2.median is 1 h 30 min, not 1 h",
    ),
    "no_number": ([expect(figure="K5.count", **{"is": "x"})], "'x' is no number"),
    "reader": ([expect(readable_by="u-adm-01")], "u-adm-01 does not read the issue"),
    "reader_not": ([expect(readable_by="u-pol-01", holds=False)], "u-pol-01 reads the issue"),
    "nobody": ([expect(readable_by="u-pol-99")], "there is no user 'u-pol-99'. Did you mean u-pol"),
}


@pytest.mark.parametrize(("steps", "says"), FAILING.values(), ids=FAILING)
def test_what_is_not_as_told_is_a_failure(
    steps: Sequence[object], says: str, sqlite_url: str
) -> None:
    played = play(sqlite_url, a_story(*steps))
    assert len(played.failures) == 1
    assert says in played.failures[0]


def test_none_is_what_is_not_there(sqlite_url: str) -> None:
    story = a_story(
        expect(issue=True, parked_until="none"),
        expect(queue="ours", agency="district", due_at="none", caseworker="none"),
    )
    assert play(sqlite_url, story).failures == []


UNPLAYABLE: dict[str, tuple[list[Story], str]] = {
    "nobody": (
        [a_story(note(who="u-dis-1"))],
        "prov, step 2 (2026-01-12 10:00): nobody is 'u-dis-1'. Did you mean u-dis-01",
    ),
    "agency_without_users": (
        [a_story(note(who="partner_associations"))],
        "The agency has no users; declare one with [[users]], agency_id = 'partner_associations'.",
    ),
    "place": (
        [a_story(note(command="CorrectPlace", data={"place": "brunsparken"}))],
        (
            "place: 'brunsparken' looks like the id of a place, but the directory has none such. "
            "Did you mean brunnsparken"
        ),
    ),
    "preset": ([a_story(preset="tomorrow")], "there is no preset 'tomorrow'. There are: seed-2018"),
    "presets": (
        [a_story(preset="today"), a_story(name="annan", preset="seed-2018")],
        "The stories are told in different presets: annan in seed-2018 and prov in today.",
    ),
    "same_name": ([a_story(), a_story()], "Several stories are called prov; rename their files."),
    "agency_of_preset": (
        [a_story(agencies=[{"agency_id": "police"}])],
        "police is in the directory already, with another name_sv, name_en",
    ),
    "agency_refused": (
        [
            a_story(
                agencies=[{"agency_id": "x", "valid_from": "2026-02-01", "valid_to": "2026-01-01"}]
            )
        ],
        "prov, agencies, step 1 (2026-01-12 09:00): valid_to: ",
    ),
    "user_of_two": (
        [
            a_story(users=[{"user_id": "u-x", "agency_id": "police"}]),
            a_story(name="annan", users=[{"user_id": "u-x", "agency_id": "social"}]),
        ],
        "prov and annan say that u-x belongs to police and to social.",
    ),
    "user_of_nothing": (
        [a_story(users=[{"user_id": "u-x", "agency_id": "nobody"}])],
        "prov, users, step 1 (2026-01-12 09:00): agency_id: ",
    ),
}


@pytest.mark.parametrize(("stories", "says"), UNPLAYABLE.values(), ids=UNPLAYABLE)
def test_nothing_is_played_of_a_story_that_does_not_fit(
    stories: list[Story], says: str, sqlite_url: str
) -> None:
    with pytest.raises(StoryError) as refused:
        play(sqlite_url, *stories)
    assert says in str(refused.value)
    assert play(sqlite_url, a_story(name="efter")).carried_out == 1


def test_no_story_is_nothing_to_play(sqlite_url: str) -> None:
    assert play(sqlite_url) == Played()


def test_a_story_of_another_preset_wants_another_database(sqlite_url: str) -> None:
    play(sqlite_url, a_story())
    with pytest.raises(StoryError, match="but this database holds today"):
        play(sqlite_url, a_story(name="annan", preset="seed-2018"))


def test_a_database_with_agencies_of_its_own_is_told(sqlite_url: str) -> None:
    samsyn = assemble(sqlite_url, ())
    samsyn.execution.execute(
        RegisterAgency(
            agency_id="police",
            name_sv="Polis",
            name_en="Police",
            kind=AgencyKind.AUTHORITY_STATE,
            secrecy_domain=SecrecyDomain.POLICE,
            valid_from=date(2000, 1, 1),
        ),
        SYSTEM,
    )
    samsyn.close()
    with pytest.raises(StoryError, match="this database has agencies of its own"):
        play(sqlite_url, a_story())


def test_a_changed_story_is_not_played_on_top_of_itself(sqlite_url: str) -> None:
    play(sqlite_url, a_story(note(), note(data={"text_sv": "Sist."})))
    changed = play(
        sqlite_url, a_story(note(data={"text_sv": "Annat."}), note(data={"text_sv": "Sist."}))
    )
    assert changed.carried_out == 0
    assert changed.failures == [
        (
            "prov, step 2 (2026-01-12 10:00): AddNote was not carried out when the story was "
            "played before. If the story has been changed since, play it on another database."
        )
    ]


def test_a_story_may_be_told_further(sqlite_url: str) -> None:
    play(sqlite_url, a_story(note()))
    longer = play(sqlite_url, a_story(note(), note(when="2026-01-13 10:00")))
    assert (longer.already_there, longer.carried_out, longer.failures) == (2, 1, [])


def test_an_agency_stands_for_its_first_user_who_may(sqlite_url: str) -> None:
    field_officer = {"user_id": "a-field", "agency_id": "police", "role": "field_officer"}
    story = a_story(
        {**SENDING, "data": {"type": "assist", "to_agency": "police"}},
        note(command="AcceptReferral", who="police", data={}),
        {"when": "2026-01-12 11:00", "expect": {"event": "ReferralAccepted", "by": "u-pol-01"}},
        note(who="police", when="2026-01-12 12:00"),
        {"when": "2026-01-12 12:00", "expect": {"event": "NoteAdded", "by": "a-field"}},
        users=[field_officer],
    )
    assert play(sqlite_url, story).failures == []
    assert play(sqlite_url, story).already_there == 4


def test_a_user_of_the_preset_may_be_told_otherwise(sqlite_url: str) -> None:
    users = [{"user_id": "u-dis-02", "agency_id": "rescue"}]
    story = a_story(
        note(who="u-dis-02"), expect(issue=True, involved=["district", "rescue"]), users=users
    )
    assert play(sqlite_url, story).failures == []
    assert play(sqlite_url, a_story(name="annan")).failures == []


def test_users_and_places_may_come_with_the_story(sqlite_url: str) -> None:
    story = a_story(
        note(
            command="RegisterPlace",
            who="u-adm-01",
            data={"place_id": "torget", "name": "Torget", "lat": 57.7, "lon": 11.9},
        ),
        note(
            command="GrantUser",
            who="u-adm-01",
            data={"user_id": "u-ny", "agency_id": "district", "role": "caseworker"},
        ),
        note(command="CorrectPlace", who="u-ny", data={"place": "torget"}),
        expect(issue=True, place="torget"),
    )
    assert play(sqlite_url, story).failures == []


def test_a_number_names_an_issue_of_another_story(sqlite_url: str) -> None:
    other = a_story(note(data={"issue_id": "TIC-2026-00001", "text_sv": "Härifrån."}), name="b")
    first = a_story()
    assert play(sqlite_url, first).failures == []
    assert play(sqlite_url, other).failures == []
    assert play(sqlite_url, other).carried_out == 0


def test_refusals_are_told_in_the_languages_of_the_screen(sqlite_url: str) -> None:
    story = a_story(note(who="u-aud-01", refused={"says": "Din roll"}))
    assert play(sqlite_url, story).refused_as_told == 1
    story = a_story(note(who="u-aud-01", refused={"says": "Your role"}), name="engelska")
    assert play(sqlite_url, story).refused_as_told == 1
