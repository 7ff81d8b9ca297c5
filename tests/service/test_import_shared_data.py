"""Import of the real data beside the repository: all of it goes in, and the figures agree."""

from pathlib import Path

import pytest

from infra.sources.police_events import PoliceEvent, read_police_events
from projections.handovers import HANDOVERS
from projections.visibility import VISIBILITY
from service.imports.police_events import PoliceImport
from tests.examples import Clock, a_started_samsyn
from tests.reference_figures import figures, rows_of
from tests.service.command_line import CommandLine

# The same lines thousands of times, which quicker tests cover: tracing would double the time.
pytestmark = [pytest.mark.shared_data, pytest.mark.no_cover]

CSV_COLUMNS = {
    "case": "case:concept:name",
    "time": "time:timestamp",
    "group": "org:group",
    "activity": "concept:name",
}
FOLLOWERS = (VISIBILITY, HANDOVERS)


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["csv", "xes"])
def test_handover_figures_are_those_of_the_raw_file(
    sqlite_url: str, shared_data: Path, ending: str
) -> None:
    path = shared_data / "event_log_receipt" / f"receipt.{ending}.gz"
    asked = [part for name, column in CSV_COLUMNS.items() for part in (f"--{name}", column)]
    command = ("import", "event-log", str(path), *asked, "--resource", "org:resource")
    line = CommandLine(sqlite_url)
    first = line.json(*command)
    assert (first["read"], first["written"], first["left_out"]) == (8_577, 8_577, [])
    found = line.json("figures", "handovers")
    assert found == figures(rows_of(path, **CSV_COLUMNS))
    assert (found["cases"], found["handovers"]["total"]) == (1_434, 5_440)
    again = line.json(*command)
    assert (again["written"], again["unchanged"], again["events_appended"]) == (0, 8_577, 0)


def test_revised_notices_end_with_the_last_version(sqlite_url: str, shared_data: Path) -> None:
    folder = shared_data / "police_events"
    files = [
        folder / "goteborg_2022_2024.json",
        folder / "police_event_revisions_2022_2024.jsonl.gz",
        *sorted((folder / "api_snapshots").glob("*.json.gz")),
    ]
    last: dict[str, PoliceEvent] = {}
    for row in read_police_events(files[1]):
        assert isinstance(row, PoliceEvent)
        last[row.external_id] = row
    with a_started_samsyn(sqlite_url, Clock("2026-01-12 08:15"), FOLLOWERS) as started:
        program = started.samsyn
        importing = (program.execution, program.casework, program.clock)
        summary = PoliceImport(*importing).run(files)
        assert summary.left_out == []
        assert summary.read == 947 + 9 * 500 + summary_of_versions(files[1])
        said: dict[str, str] = {}
        names: dict[object, str] = {}
        for entry in program.casework.read(0, 100_000):
            if entry.topic == "ReportReceived":
                names[entry.stream_id] = entry.event.external_ref.id
            if entry.topic in ("ReportReceived", "ReportRevised"):
                said[names[entry.stream_id]] = entry.event.content.text
        for external_id, event in last.items():
            assert said[external_id].startswith(event.title)
            assert said[external_id].endswith(event.summary)
        head = program.casework.head()
        again = PoliceImport(*importing).run(files)
        assert program.casework.head() == head
    assert (again.written, again.revised, again.unchanged) == (0, 0, summary.read)


def summary_of_versions(path: Path) -> int:
    return sum(1 for _ in read_police_events(path))


@pytest.mark.slow
def test_every_notice_goes_in_once(sqlite_url: str, shared_data: Path) -> None:
    path = str(shared_data / "police_events" / "police_events_2022_2024.jsonl.gz")
    line = CommandLine(sqlite_url)
    first = line.json("import", "police-events", path)
    assert (first["read"], first["written"], first["left_out"]) == (45_075, 45_075, [])
    assert first["confirmed_not_personal"] == 23, "the press office's telephone numbers"
    again = line.json("import", "police-events", path)
    assert (again["written"], again["unchanged"], again["events_appended"]) == (0, 45_075, 0)
