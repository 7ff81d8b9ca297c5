"""Bad stories: everything that is wrong is said at once, with the file, the step and the field."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.stories.reading import read_stories, read_story, story_of
from service.stories.story import StoryError

OPENING: dict[str, Any] = {
    "when": "2026-01-12 09:00",
    "who": "u-dis-01",
    "command": "OpenIssue",
    "as": "ärendet",
    "data": {"public_title": "Otrygghet", "category": "litter", "place": "heden"},
}


def a_story(*steps: object, **more: object) -> bytes:
    return json.dumps({"title": "Prov", "step": [OPENING, *steps], **more}).encode()


def a_step(**changes: object) -> dict[str, object]:
    step: dict[str, object] = {
        "when": "2026-01-12 10:00",
        "who": "u-dis-01",
        "command": "AddNote",
        "data": {"text_sv": "En anteckning."},
    }
    return {key: value for key, value in (step | changes).items() if value is not None}


def an_expectation(**told: object) -> dict[str, object]:
    return {"when": "2026-01-12 11:00", "expect": told}


FILES = {
    "no_toml": (b"title = ", "prov.toml", "prov.toml: "),
    "no_utf8": (b"\xff\xfe", "prov.toml", "prov.toml: the file is not written in UTF-8"),
    "half_characters": (b'{"title": "\\ud800"}', "prov.json", "prov.json: the file is not written"),
    "deep": (b"[" * 100_000, "prov.json", "prov.json: "),
    "no_table": (b"[]", "prov.json", "prov.json: a story is a table"),
    "empty": (b"", "prov.toml", "prov.toml: the story has no steps; begin each with [[step]]"),
    "steps": (b'{"steps": []}', "prov.json", "unknown key 'steps'. Did you mean step"),
    "step_no_list": (b"step = 3", "prov.toml", "the story has no steps"),
    "title": (b"title = 3", "prov.toml", "title is text, not 3"),
    "agencies": (b'agencies = "police"', "prov.toml", "each beginning with [[agencies]]"),
}


@pytest.mark.parametrize(("content", "name", "says"), FILES.values(), ids=FILES)
def test_a_bad_file_is_named(content: bytes, name: str, says: str) -> None:
    with pytest.raises(StoryError) as refused:
        story_of(content, name)
    assert says in str(refused.value)


STEPS = {
    "no_table": ("x", "prov, step 2: a step is a table"),
    "no_when": (a_step(when=None), "prov, step 2: `when` is missing; write when = "),
    "empty_when": (a_step(when=[]), "prov, step 2: `when` has no time"),
    "bad_when": (
        a_step(when="klockan tio"),
        "prov, step 2, when: 'klockan tio' is no time; write 2026-01-12 08:15",
    ),
    "when_number": (a_step(when=2026), "prov, step 2, when: 2026 is no time"),
    "when_far": (a_step(when="9999-12-31 23:59"), "is no time"),
    "when_too_early": (a_step(when="0001-01-01T00:00:00+14:00"), "is no time"),
    "unknown_key": (
        a_step(comand="AddNote"),
        "prov, step 2: unknown key 'comand'. Did you mean command?",
    ),
    "nothing": ({"when": "2026-01-12"}, "a step needs a command, something to expect or waits_for"),
    "no_who": (a_step(who=None), 'prov, step 2: who gives AddNote? Write who = "u-dis-01"'),
    "who_number": (a_step(who=7), "prov, step 2: who is text, not 7"),
    "empty_command": (a_step(command=""), "prov, step 2: command is text, not ''"),
    "bad_name": (a_step(**{"as": "två ord"}), "as = 'två ord' is no name"),
    "name_without_command": (
        {"when": "2026-01-12", "as": "x", "expect": {"issue": True, "status": "new"}},
        "prov, step 2: as belongs to a command",
    ),
    "same_name": (
        a_step(**{"as": "ärendet"}),
        "prov, step 2 (2026-01-12 10:00): the name 'ärendet' is that of step 1 already",
    ),
    "data_text": (a_step(data="x"), "prov, step 2: data is a table of fields, not 'x'"),
    "expect_text": (a_step(expect="x"), "prov, step 2: expect is a table or a list of tables"),
    "refused_text": (a_step(refused="409"), "refused is true or a table"),
    "waits_for": (
        a_step(waits_for="layer-c"),
        "there is no feature 'layer-c' to wait for. Did you mean layer-b?",
    ),
    "unknown_command": (
        a_step(command="AddNotes"),
        "prov, step 2 (2026-01-12 10:00): there is no command 'AddNotes'. Did you mean AddNote",
    ),
    "unknown_field": (
        a_step(data={"text_sv": "En anteckning.", "text": "En till."}),
        "prov, step 2 (2026-01-12 10:00): text: AddNote has no such field. Did you mean text_sv?",
    ),
    "missing_field": (a_step(data={}), "prov, step 2 (2026-01-12 10:00): AddNote needs text_sv"),
    "nothing_to_act_on": (
        a_step(when="2026-01-12 08:00"),
        "AddNote needs issue_id; no step before creates one",
    ),
    "wrong_type": (a_step(data={"text_sv": 3}), "text_sv: Expected `str`, got `int` (it says 3)"),
    "wrong_choice": (
        a_step(command="PlanAction", data={"action_type": "cleening", "due_on": "2026-02-01"}),
        "action_type: 'cleening' is no choice. Did you mean cleaning",
    ),
    "wrong_choice_in_list": (
        a_step(
            command="ReceiveReport",
            data={"text": "x", "place": "heden", "context_flags": ["event_related", "drugs"]},
        ),
        "context_flags: 'drugs' is no choice.",
    ),
    "time_for_day": (
        a_step(command="PlanAction", data={"action_type": "other", "due_on": "2026-02-01T10:00"}),
        "due_on: ",
    ),
    "bad_time_in_data": (
        a_step(data={"text_sv": "x", "occurred_at": "i går"}),
        "occurred_at: 'i går' is no time",
    ),
    "bad_place": (
        a_step(command="CorrectPlace", data={"place": 7}),
        "place: a place is text or a table with name, lat and lon",
    ),
    "bad_place_key": (
        a_step(command="CorrectPlace", data={"place": {"namn": "Heden"}}),
        "place: unknown key 'namn'. Did you mean name?",
    ),
    "unknown_name": (
        a_step(data={"text_sv": "x", "issue_id": "ärende"}),
        "issue_id: no step before names 'ärende'. Did you mean ärendet?",
    ),
    "name_of_nothing": (
        a_step(data={"text_sv": "x", "issue_id": "ärendet.2"}),
        "issue_id: 'ärendet.2' is not there; the name has 1 to 1",
    ),
    "name_in_refused": (
        a_step(data={"text_sv": "x", "issue_id": "ärende"}, refused=True),
        "no step before names 'ärende'",
    ),
    "refused_key": (
        a_step(refused={"stauts": 409}),
        "prov, step 2 (2026-01-12 10:00), refused: refused has no 'stauts'. Did you mean status",
    ),
    "refused_type": (a_step(refused={"status": "409"}), "status is a number, not '409'"),
    "refused_status": (
        a_step(refused={"status": 400}),
        "a refusal has the status 403, 404, 409 or 422, not 400",
    ),
    "expect_nothing": (an_expectation(state="new"), "nothing is expected in {'state': 'new'}."),
    "expect_no_fact": (an_expectation(issue=True), "expect issue: say what is so"),
    "expect_key": (
        an_expectation(issue=True, state="new"),
        "expect issue has no 'state'. Did you mean status",
    ),
    "expect_name": (
        an_expectation(issue="annat", status="new"),
        "expect issue: no step before names 'annat'.",
    ),
    "expect_event": (an_expectation(event="IssueOpend"), "Did you mean IssueOpened"),
    "expect_event_key": (
        an_expectation(event="IssueOpened", nummer="1"),
        "expect event has no 'nummer'. Did you mean number?",
    ),
    "expect_queue": (
        an_expectation(queue="our", agency="district"),
        "there is no queue 'our'. Did you mean ours?",
    ),
    "expect_whose_queue": (an_expectation(queue="ours"), 'say whose queue: agency = "police"'),
    "expect_holds": (
        an_expectation(queue="ours", agency="district", holds="no"),
        "holds is true or false, not 'no'",
    ),
    "expect_count": (
        an_expectation(queue="ours", agency="district", count=1, overdue=True),
        "count goes with queue and agency only",
    ),
    "expect_times": (an_expectation(event="IssueOpened", times="2"), "times is a number, not '2'"),
    "expect_figure": (an_expectation(figure="K13.count", **{"is": 3}), "there is no figure 'K13'."),
    "expect_figure_value": (an_expectation(figure="K2", **{"is": 3}), "write K2.count"),
    "expect_figure_is": (an_expectation(figure="K2.count"), "say what it is: is = 3"),
    "expect_figure_duration": (
        an_expectation(figure="K2.median", **{"is": 3}),
        'median is a duration such as "3 h 38 min", not 3',
    ),
    "expect_figure_pair": (
        an_expectation(figure="K2.count", **{"is": 3}, to_agency="police"),
        "from_agency and to_agency go together",
    ),
    "expect_figure_part": (
        an_expectation(figure="K2.paused", **{"is": "none"}, from_agency="x", to_agency="police"),
        "paused is told of the whole figure only, not of one from_agency",
    ),
}


@pytest.mark.parametrize(("step", "says"), STEPS.values(), ids=STEPS)
def test_a_bad_step_is_named_with_how_to_mend_it(step: object, says: str) -> None:
    with pytest.raises(StoryError) as refused:
        story_of(a_story(step), "prov.json")
    assert says in str(refused.value)
    assert len(refused.value.problems) == 1


def test_several_names_for_one_thing_are_told_apart() -> None:
    reports = {
        "when": ["2026-01-12 07:00", "2026-01-12 08:00"],
        "who": "u-dis-01",
        "command": "ReceiveReport",
        "as": "rapport",
        "data": {"text": "Skräp vid planen.", "place": "heden"},
    }
    dismissal = {"report_id": "rapport", "reason": "test"}
    step = a_step(command="DismissReport", data=dismissal)
    with pytest.raises(StoryError, match=r"'rapport' names 2 things; write rapport.1 … rapport.2"):
        story_of(a_story(reports, step), "prov.json")


def test_everything_wrong_is_said_at_once() -> None:
    bad = a_story(
        a_step(command="AddNotes"),
        a_step(data={"txt": "x"}),
        an_expectation(issue=True, state="x"),
        users=[{"user_id": "u-ny-01", "agency": "district"}],
        agencies=[{"agency_id": "harbour", "kind": "port"}],
    )
    with pytest.raises(StoryError) as refused:
        story_of(bad, "prov.json")
    assert [problem.partition(" (")[0] for problem in refused.value.problems] == [
        "prov, agencies, step 1",
        "prov, users, step 1",
        "prov, users, step 1",
        "prov, step 2",
        "prov, step 3",
        "prov, step 3",
        "prov, step 4",
    ]


def test_every_bad_file_of_several_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("title = 1")
    with pytest.raises(StoryError) as refused:
        read_stories([tmp_path / "a.toml", tmp_path / "b.toml"])
    assert [problem[:6] for problem in refused.value.problems] == ["a.toml", "a.toml", "b.toml"]
    assert "b.toml: No such file or directory" in str(refused.value)


def test_a_story_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "prov.json"
    path.write_bytes(b"\xef\xbb\xbf" + a_story())
    assert read_story(path).title == "Prov"


def _reads_or_says_why(content: bytes, name: str) -> None:
    try:
        story = story_of(content, name)
    except StoryError as error:
        said = str(error)
    else:
        said = story.title
    assert said


@given(st.binary(max_size=300), st.sampled_from(["a.toml", "a.json", "a"]))
def test_any_bytes_are_a_story_or_a_story_error(content: bytes, name: str) -> None:
    _reads_or_says_why(content, name)


words = st.sampled_from(
    [
        "when", "who", "command", "as", "data", "refused", "expect", "waits_for", "note", "step",
        "OpenIssue", "SendReferral", "DeclineReferral", "PlanAction", "RecordCorrection", "x",
        "issue", "queue", "event", "figure", "referral", "report", "in", "is", "holds", "agency",
        "K2.median", "ours", "IssueOpened", "refers_to_event", "issue_id", "place", "due_on",
        "2026-01-12 09:00", "ärendet", "type", "status", "times", "u-dis-01", "report_ids",
    ]
)  # fmt: skip
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=4),
    max_leaves=12,
)


@given(st.lists(st.dictionaries(words, values, max_size=6), max_size=3), values)
def test_any_steps_are_a_story_or_a_story_error(steps: list[object], change: object) -> None:
    _reads_or_says_why(json.dumps({"step": [OPENING, *steps]}).encode(), "a.json")
    for key in ("data", "expect", "refused", "when"):
        _reads_or_says_why(a_story(a_step(**{key: change})), "a.json")
        _reads_or_says_why(a_story(a_step(expect=[{"issue": True, key: change}])), "a.json")


@given(st.dictionaries(words, values, max_size=5))
def test_any_expectation_is_a_story_or_a_story_error(told: dict[str, object]) -> None:
    for kind in ("issue", "queue", "event", "figure", "referral", "readable_by"):
        _reads_or_says_why(a_story(an_expectation(**{kind: True, **told})), "a.json")
