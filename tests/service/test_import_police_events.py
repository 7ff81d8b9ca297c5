"""Import of the police's notices: reports, revisions in the order seen, nothing written twice."""

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from domain.codes import ReportChannel, ReportedToPolice, ReportKind, TimePrecision
from domain.report import ReportReceived, ReportRevised
from domain.values import PlacePrecision
from service.imports.police_events import PoliceImport
from service.imports.summary import Summary
from tests.examples import Clock, Started, a_started_samsyn
from tests.service.source_files import a_notice, write_notices, write_versions

FIRST, SECOND, THIRD = "2022-10-16T05:00:00Z", "2022-10-16T06:00:00Z", "2022-10-16T07:00:00Z"


def run(started: Started, *files: Path) -> Summary:
    samsyn = started.samsyn
    return PoliceImport(samsyn.execution, samsyn.casework, samsyn.clock).run(files)


def events(started: Started) -> list[Any]:
    return [
        entry.event
        for entry in started.samsyn.casework.read(0, 10_000)
        if entry.topic in (ReportReceived.TOPIC, ReportRevised.TOPIC)
    ]


def texts(started: Started) -> list[str]:
    return [event.content.text.partition("\n\n")[2] for event in events(started)]


def test_a_notice_becomes_a_report(database_url: str, tmp_path: Path) -> None:
    with a_started_samsyn(database_url) as started:
        summary = run(started, write_notices(tmp_path / "a.jsonl", a_notice()))
        (received,) = events(started)
    assert (summary.read, summary.written, summary.left_out) == (1, 1, [])
    assert received.occurred_at == datetime(2022, 10, 16, 4, 13, 32, tzinfo=UTC)
    assert (received.actor.user_id, received.receiving_agency) == ("import", "police")
    assert (received.external_ref.system, received.external_ref.id) == ("police-events", "376321")
    content = received.content
    assert content.text == (
        "16 oktober 03:25, Stöld, Göteborg\n\nEn cykel stals på Karl Johansgatan."
    )
    assert (content.kind, content.channel) == (ReportKind.POLICE_LOG, ReportChannel.IMPORT)
    assert content.category == "theft_shop"
    assert content.occurred_from == datetime(2022, 10, 16, 1, 25, tzinfo=UTC)
    assert content.time_precision is TimePrecision.EXACT
    assert content.reported_to_police is ReportedToPolice.YES
    assert (content.place.name, content.place.lat) == ("Göteborg", 57.70887)
    assert content.place.precision is PlacePrecision.AREA, "never drawn as an incident place"


def test_a_second_run_writes_nothing(database_url: str, tmp_path: Path) -> None:
    path = write_notices(tmp_path / "a.jsonl", *(a_notice(id=number) for number in range(30)))
    with a_started_samsyn(database_url) as started:
        run(started, path)
        head = started.samsyn.casework.head()
        again = run(started, path, path)
        assert started.samsyn.casework.head() == head
    assert (again.read, again.written, again.revised, again.unchanged) == (60, 0, 0, 60)


def test_a_later_version_revises_the_same_report(database_url: str, tmp_path: Path) -> None:
    with a_started_samsyn(database_url) as started:
        run(started, write_notices(tmp_path / "a.jsonl", a_notice(summary="Ett.")))
        later = write_versions(
            tmp_path / "b.jsonl",
            376321,
            ("2022-10-16T03:00:00Z", a_notice(summary="Noll.")),
            (SECOND, a_notice(summary="Två.")),
        )
        summary = run(started, later)
        received, revised = events(started)
        head = started.samsyn.casework.head()
        run(started, later)
        assert started.samsyn.casework.head() == head
    assert (summary.written, summary.revised, summary.unchanged) == (0, 1, 1)
    assert revised.originator_id == received.originator_id
    assert revised.occurred_at == datetime(2022, 10, 16, 6, tzinfo=UTC)
    assert revised.content.text.endswith("Två.")


@pytest.mark.parametrize("order", ["history first", "last version first", "together"])
def test_history_only_goes_forward(sqlite_url: str, tmp_path: Path, order: str) -> None:
    words = ["Ett.", "Två.", "Tre."]
    versions = [
        (seen_at, a_notice(summary=summary))
        for seen_at, summary in zip((FIRST, SECOND, THIRD), words, strict=True)
    ]
    history = write_versions(tmp_path / "history.jsonl", 376321, *versions)
    young = a_notice(id=1, datetime="2022-12-31 12:00:00 +01:00", name="31 december 11:00, Stöld")
    last = write_notices(tmp_path / "last.jsonl", a_notice(summary="Tre."), young)
    runs = {
        "history first": [[history], [last]],
        "last version first": [[last], [history]],
        "together": [[last, history]],
    }[order]
    with a_started_samsyn(sqlite_url) as started:
        for files in runs:
            run(started, *files)
        told = [text for text in texts(started) if text.endswith(".")]
        head = started.samsyn.casework.head()
        for files in runs:
            run(started, *files)
        assert started.samsyn.casework.head() == head
    wanted = ["Tre."] if order == "last version first" else words
    assert [text for text in told if text in words] == wanted


def test_words_that_come_back_are_a_revision(sqlite_url: str, tmp_path: Path) -> None:
    versions = [
        (seen_at, a_notice(summary=summary))
        for seen_at, summary in ((FIRST, "Ett."), (SECOND, "Två."), (THIRD, "Ett."))
    ]
    path = write_versions(tmp_path / "a.jsonl", 376321, *versions)
    with a_started_samsyn(sqlite_url) as started:
        run(started, path)
        head = started.samsyn.casework.head()
        assert texts(started) == ["Ett.", "Två.", "Ett."]
        run(started, path)
        assert started.samsyn.casework.head() == head


def test_snapshots_tell_when_they_were_taken(sqlite_url: str, tmp_path: Path) -> None:
    early, late = (
        tmp_path / "events_20240616T042538Z.json",
        tmp_path / "events_20240616T072106Z.json",
    )
    early.write_text(json.dumps([a_notice(summary="Ett.")]), encoding="utf-8")
    late.write_text(json.dumps([a_notice(summary="Två.")]), encoding="utf-8")
    with a_started_samsyn(sqlite_url) as started:
        run(started, late)
        assert run(started, early).unchanged == 1
        assert texts(started) == ["Två."]


@pytest.mark.parametrize("at_once", [False, True])
def test_changed_words_in_a_file_without_times_are_a_revision(
    sqlite_url: str, tmp_path: Path, *, at_once: bool
) -> None:
    young = a_notice(id=1, datetime="2022-12-31 12:00:00 +01:00", name="31 december 11:00, Stöld")
    first = write_notices(tmp_path / "a.jsonl", a_notice(summary="Ett."), young)
    # The youngest notice of this file is older than that of the file before.
    changed = write_notices(tmp_path / "b.jsonl", a_notice(summary="Två."))
    with a_started_samsyn(sqlite_url) as started:
        for files in [[first, changed]] if at_once else [[first], [changed]]:
            run(started, *files)
        head = started.samsyn.casework.head()
        for files in ([first], [changed], [first, changed], [changed, first]):
            run(started, *files)
        assert started.samsyn.casework.head() == head
        assert [text for text in texts(started) if text in ("Ett.", "Två.")] == ["Ett.", "Två."]


def test_the_last_seen_version_is_known_again_in_a_history_that_ends_later(
    sqlite_url: str, tmp_path: Path
) -> None:
    versions = [
        (seen_at, a_notice(summary=summary))
        for seen_at, summary in ((FIRST, "Ett."), (SECOND, "Två."), (THIRD, "Tre."))
    ]
    history = write_versions(tmp_path / "history.jsonl", 376321, *versions)
    last = write_notices(tmp_path / "last.jsonl", a_notice(summary="Tre."))
    with a_started_samsyn(sqlite_url) as started:
        run(started, last, history)
        assert texts(started) == ["Ett.", "Två.", "Tre."]


def test_what_cannot_go_in_is_listed_and_the_rest_goes_in(
    database_url: str, tmp_path: Path
) -> None:
    path = write_notices(
        tmp_path / "a.jsonl",
        a_notice(id=1),
        "{broken",
        a_notice(id=2, datetime="yesterday"),
        a_notice(id=3, datetime="2026-02-01 10:00:00 +01:00"),
        a_notice(id=4, name="x", type="", summary=""),
        a_notice(id=5),
    )
    with a_started_samsyn(database_url, Clock("2026-01-12 08:15")) as started:
        summary = run(started, path)
        assert [event.external_ref.id for event in events(started)] == ["1", "5"]
    assert (summary.read, summary.written) == (6, 2)
    assert [(row.line, row.code) for row in summary.left_out] == [
        (2, "not_json"),
        (3, "no_published_time"),
        (4, "in_the_future"),
        (5, "too_short"),
    ]
    assert {row.file for row in summary.left_out} == {str(path)}


def test_a_refused_version_does_not_keep_the_others_out(sqlite_url: str, tmp_path: Path) -> None:
    versions = [
        (FIRST, a_notice(summary="Ett.")),
        (SECOND, a_notice(name="x", type="x", summary="")),
        (THIRD, a_notice(summary="Tre.")),
    ]
    path = write_versions(tmp_path / "a.jsonl", 376321, *versions)
    with a_started_samsyn(sqlite_url) as started:
        summary = run(started, path)
        assert texts(started) == ["Ett.", "Tre."]
    assert (summary.written, summary.revised, len(summary.left_out)) == (1, 1, 1)


def test_published_numbers_are_confirmed_and_counted(sqlite_url: str, tmp_path: Path) -> None:
    press = a_notice(summary="Ring pressjouren på 010-567 10 00.")
    with a_started_samsyn(sqlite_url) as started:
        summary = run(started, write_notices(tmp_path / "a.jsonl", a_notice(id=1), press))
        confirmed = [event.confirmed_not_personal for event in events(started)]
    assert summary.confirmed == 1
    assert sorted(confirmed) == [(), ("phone",)]


def test_a_file_that_breaks_off_keeps_what_was_read(sqlite_url: str, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    lines = "".join(json.dumps(a_notice(id=number)) + "\n" for number in range(5_000))
    path.write_bytes(gzip.compress(lines.encode())[:-2_000])
    with a_started_samsyn(sqlite_url) as started:
        summary = run(started, path)
        assert started.samsyn.casework.head() > 1_000
    assert summary.left_out[0].line is None
    assert "broken or cut off" in summary.left_out[0].reason_en
