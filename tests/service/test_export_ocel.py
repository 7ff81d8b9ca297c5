"""The log as an object-centric event log: whole, valid, and silent about people and restricted."""

import json
import stat
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # it comes without types
import pytest

from domain.events import EVENTS
from domain.preset_users import USERS
from domain.values import Actor, Role
from projections.audit_trail import AUDIT_TRAIL
from projections.audit_trail_queries import export
from projections.narration import texts
from projections.viewer import Viewer
from projections.visibility import VISIBILITY
from service.exports.ocel import OcelExport, event_types
from service.exports.ocel_fields import CODED, attributes_of
from service.exports.pseudonyms import Pseudonyms
from service.exports.snapshot import snapshot
from tests.examples import Started, a_started_samsyn, an_open_issue
from tests.projections.event_examples import WRITTEN, an_event
from tests.projections.story_examples import Life, a_whole_life
from tests.service.command_line import CommandLine

KEY = b"the key of a test"
ANY = ""
"""The agency of a reader with a part in nothing."""

Ocel = dict[str, Any]


@pytest.fixture
def started(database_url: str) -> Iterator[Started]:
    with a_started_samsyn(database_url, projections=[VISIBILITY, AUDIT_TRAIL]) as started:
        yield started


@pytest.fixture
def life(started: Started) -> Life:
    return a_whole_life(started)


def reader(agency: str) -> Viewer:
    actor = Actor(user_id="export", agency_id=agency, role=Role.AUDITOR)
    return Viewer(actor, authority=True)


def exported(started: Started, agency: str = ANY, key: bytes = KEY, at_once: int = 1_000) -> bytes:
    started.catch_up()
    agencies = started.samsyn.execution.agencies()
    with snapshot(started.samsyn.engine) as db:
        whole = OcelExport(db, reader(agency), agencies, Pseudonyms(key), at_once)
        return b"".join(whole.chunks())


def ocel(started: Started, agency: str = ANY) -> Ocel:
    found: Ocel = json.loads(exported(started, agency))
    return found


def attributes(thing: dict[str, Any], name: str) -> list[str]:
    return [each["value"] for each in thing["attributes"] if each["name"] == name]


def related(thing: dict[str, Any]) -> set[tuple[str, str]]:
    return {(each["qualifier"], each["objectId"]) for each in thing["relationships"]}


def one(log: Ocel, what: str, type_: str) -> dict[str, Any]:
    return next(each for each in log[what] if each["type"] == type_)


def test_it_holds_together(started: Started, life: Life) -> None:
    log = ocel(started)
    objects = {each["id"]: each for each in log["objects"]}
    assert len(objects) == len(log["objects"]), "ids are used once"
    assert len({each["id"] for each in log["events"]}) == len(log["events"])
    declared = {
        what: {
            each["name"]: {attribute["name"]: attribute["type"] for attribute in each["attributes"]}
            for each in log[f"{what}Types"]
        }
        for what in ("event", "object")
    }
    for what in ("event", "object"):
        for each in log[f"{what}s"]:
            known = declared[what][each["type"]]
            assert {attribute["name"] for attribute in each["attributes"]} <= known.keys()
            assert all(relation["objectId"] in objects for relation in each["relationships"])
            for attribute in each["attributes"]:
                value = attribute["value"]
                match known[attribute["name"]]:
                    case "integer":
                        assert value == str(int(value))
                    case "boolean":
                        assert value in {"true", "false"}
                    case "time":
                        assert value.endswith("Z")
                        assert len(value) == len("2026-01-12T08:15:00.000000Z")
                    case kind:
                        assert kind == "string"
                        assert value
    kinds = Counter(each["type"] for each in log["objects"])
    assert kinds.keys() == declared["object"].keys()
    assert (kinds["issue"], kinds["referral"], kinds["action"], kinds["follow_up"]) == (3, 7, 3, 1)


def test_every_event_that_may_be_read_is_there_in_the_order_of_the_log(
    started: Started, life: Life
) -> None:
    log = ocel(started)
    with started.samsyn.engine.connect() as db:
        lines = list(export(db, reader(ANY)))
    assert [each["id"] for each in log["events"]] == [str(line.event_id) for line in lines]
    assert [each["type"] for each in log["events"]] == [line.topic for line in lines]
    positions = [int(*attributes(each, "position")) for each in log["events"]]
    assert positions == [line.position for line in lines]
    of_work = [each for each, line in zip(log["events"], lines, strict=True) if line.issue_id]
    assert len(of_work) > 60
    assert all(len(each["relationships"]) > 1 for each in of_work)


def test_an_event_names_its_objects_and_how_each_takes_part(started: Started, life: Life) -> None:
    log = ocel(started)
    declined = one(log, "events", "ReferralDeclined")
    by = Pseudonyms(KEY).of("u-soc-01")
    assert related(declined) == {
        ("issue", f"issue:{life.issue_id}"),
        ("referral", f"referral:{life.declined_id}"),
        ("by", "agency:social"),
        ("by", f"user:{by}"),
    }
    assert attributes(declined, "actor_role") == ["caseworker"]
    assert attributes(declined, "reason_code") == ["not_our_mandate"]
    merged = [each for each in log["events"] if each["type"] == "IssuesMerged"]
    assert len(merged) == 2
    both = {("merged", f"issue:{life.merged_id}"), ("into", f"issue:{life.issue_id}")}
    assert all(both <= related(each) for each in merged)


def test_an_object_tells_how_it_changed_and_where_it_belongs(started: Started, life: Life) -> None:
    log = ocel(started)
    objects = {each["id"]: each for each in log["objects"]}
    issue = objects[f"issue:{life.issue_id}"]
    assert attributes(issue, "number") == ["TIC-2026-00001"]
    assert attributes(issue, "category") == ["drug_dealing", "drug_use"]
    assert attributes(issue, "responsible_agency") == ["district", "police"]
    times = [each["time"] for each in issue["attributes"] if each["name"] == "category"]
    assert times == sorted(times)
    transfer = objects[f"referral:{life.transfer_id}"]
    assert related(transfer) == {
        ("part_of", f"issue:{life.issue_id}"),
        ("from", "agency:district"),
        ("to", "agency:police"),
    }
    assert len(attributes(transfer, "respond_by")) == 2, "the clock stood still for a question"
    merged = objects[f"issue:{life.merged_id}"]
    assert ("merged_into", f"issue:{life.issue_id}") in related(merged)
    report = objects[f"report:{life.report_id}"]
    assert ("part_of", f"issue:{life.issue_id}") in related(report)
    assert "name_sv" not in str(objects["agency:partner_nordstan"])
    assert attributes(objects["agency:police"], "kind") == ["authority_state"]


def test_nobody_is_named_and_no_word_that_somebody_wrote_is_told(
    started: Started, life: Life
) -> None:
    whole = exported(started).decode()
    for user in USERS:
        assert user.user_id not in whole
        assert user.display_name not in whole
    with started.samsyn.engine.connect() as db:
        lines = list(export(db, reader(ANY)))
    written = {each.text for line in lines for each in texts(line.occurrence)}
    assert len(written) > 20
    assert [text for text in written if json.dumps(text, ensure_ascii=False) in whole] == []
    assert "Brunnsparken" not in whole
    assert "OSL 26:1" not in whole
    assert "SFC-2026-00031" not in whole


@pytest.mark.parametrize("topic", EVENTS)
def test_no_text_of_any_event_gets_out_but_codes(topic: str) -> None:
    names = [each.name for each in attributes_of(EVENTS[topic])]
    assert len(names) == len(set(names))
    event: Any = an_event(topic)
    for attribute in attributes_of(EVENTS[topic]):
        value = event
        for name in attribute.path:
            value = getattr(value, name)
        if WRITTEN in str(value):
            assert attribute.coded in CODED, "only what the directory knows is let out"
        assert attribute.path[-1] != "external_ref"


def test_what_stands_in_the_place_of_a_code_but_is_none_stays(started: Started) -> None:
    an_open_issue(started, area_id="hos Kalle Karlsson")
    whole = exported(started).decode()
    assert "Karlsson" not in whole


def test_a_user_has_one_name_in_a_file_and_another_in_the_next(
    started: Started, life: Life
) -> None:
    first, again = exported(started), exported(started)
    other = exported(started, key=b"another key")
    assert first == again
    users = {
        whole: [each["id"] for each in json.loads(whole)["objects"] if each["type"] == "user"]
        for whole in (first, other)
    }
    assert len(users[first]) == len(users[other]) > 5
    assert not {*users[first]} & {*users[other]}
    assert Pseudonyms().of("u-pol-01") != Pseudonyms().of("u-pol-01")


def test_it_is_written_piece_by_piece_and_the_same_whatever_the_pieces(
    started: Started, life: Life
) -> None:
    whole = exported(started)
    assert json.loads(exported(started, at_once=7)) == json.loads(whole)
    agencies = started.samsyn.execution.agencies()
    told: list[tuple[str, int]] = []
    with snapshot(started.samsyn.engine) as db:
        pieces = OcelExport(db, reader(ANY), agencies, at_once=7).chunks(
            lambda what, done: told.append((what, done))
        )
        events = [piece.count(b'"relationships"') for piece in pieces]
    assert max(events[4 : events.index(0, 4)]) == 7
    done = [count for what, count in told if what == "events"]
    assert done == sorted(done)
    assert done[-1] == len(json.loads(whole)["events"])


def test_what_is_restricted_is_told_to_those_with_a_part_in_it_only(started: Started) -> None:
    secret = an_open_issue(started, "u-pol-01", category="extremism", number="TIC-2026-00077")
    shared = an_open_issue(started)
    for agency, seen in ((ANY, False), ("social", False), ("police", True)):
        whole = exported(started, agency).decode()
        assert (str(secret) in whole) is seen
        assert ("TIC-2026-00077" in whole) is seen
        assert str(shared) in whole


@pytest.mark.shared_data
def test_it_is_valid_by_the_schema_of_the_standard(
    started: Started, life: Life, shared_data: Path
) -> None:
    schema = json.loads((shared_data / "schemas/ocel2/schema_ocel2.json").read_text("utf-8"))
    check = jsonschema.Draft7Validator(schema, format_checker=jsonschema.FormatChecker())
    assert list(check.iter_errors(ocel(started))) == []
    assert list(check.iter_errors({"eventTypes": event_types()})) != []


def test_export_writes_a_file_that_is_whole(sqlite_url: str, tmp_path: Path) -> None:
    with a_started_samsyn(sqlite_url, projections=[VISIBILITY, AUDIT_TRAIL]) as started:
        a_whole_life(started)
    samsyn = CommandLine(sqlite_url)
    path = tmp_path / "log.jsonocel"
    path.write_text("an older one")
    said = samsyn.text("export", "ocel", "--to", path, "--agency", "police")
    log = json.loads(path.read_bytes())
    assert said == f"{len(log['events'])} events and {len(log['objects'])} objects in {path}.\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir() if each.suffix == ".part"] == []


def test_export_refuses_whom_it_does_not_know(sqlite_url: str, tmp_path: Path) -> None:
    with a_started_samsyn(sqlite_url, projections=[VISIBILITY, AUDIT_TRAIL]):
        pass
    samsyn = CommandLine(sqlite_url)
    path = tmp_path / "nowhere" / "log.jsonocel"
    said = samsyn.mistake("export", "ocel", "--to", path, "--agency", "partner_nordstan")
    assert said.startswith("Error: There is no authority partner_nordstan. There are: city_env,")
    said = samsyn.mistake("export", "ocel", "--to", path)
    assert said == f"Error: {path} cannot be written: No such file or directory.\n"
