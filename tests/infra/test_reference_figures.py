"""The figures ours are held against agree with an example worked by hand, and with both forms."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.reference_figures import figures, holders_at, rows_of

COLUMNS = {"case": "case", "time": "time", "group": "group", "activity": "what"}
# In order: c1 is North, (none), South, South, North, South; c2 North; c3 has no group at all.
TABLE = """case,time,group,what
c1,2024-01-01 10:00:10,South,c
c1,2024-01-01 10:00:00,North,a
c1,2024-01-01 10:00:00,,b
c2,2024-01-01 10:00:00,North,a
c1,2024-01-01 10:00:20,South,d
c1,2024-01-01 10:00:30,North,e
c1,2024-01-01 10:00:40,South,f
c3,2024-01-01 10:00:00,,a
c3,2024-01-01 10:00:05,,b
,2024-01-01 10:00:05,North,counted nowhere
c3,later,North,counted nowhere
"""


def test_example_worked_by_hand(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(TABLE, encoding="utf-8")
    rows = rows_of(path, **COLUMNS)
    assert figures(rows) == {
        "cases": 3,
        "events": 9,
        "events_without_group": 3,
        "events_per_group": {"North": 3, "South": 3},
        "handovers": {
            "total": 3,
            "matrix": [
                {"from": "North", "to": "South", "count": 2},
                {"from": "South", "to": "North", "count": 1},
            ],
        },
        "ping_pong": {"cases": 1, "occurrences": 2},
        "throughput_seconds": {
            "min": 0.0, "p10": 1.0, "p25": 2.5, "median": 5.0, "p75": 22.5, "p90": 33.0,
            "p95": 36.5, "max": 40.0, "mean": 15.0,
        },
    }  # fmt: skip
    at = datetime(2024, 1, 1, 10, 0, 0, tzinfo=UTC)
    assert holders_at(rows, at) == {"North": 1}
    assert holders_at(rows, at.replace(second=10)) == {"South": 1}
    assert holders_at(rows, at.replace(second=40)) == {}


def test_empty_log_has_no_throughput() -> None:
    throughput = figures([])["throughput_seconds"]
    assert set(throughput.values()) == {None}


@pytest.mark.shared_data
def test_both_forms_of_the_real_log_give_the_same_figures(shared_data: Path) -> None:
    columns = {
        "case": "case:concept:name",
        "time": "time:timestamp",
        "group": "org:group",
        "activity": "concept:name",
    }
    table, xes = (
        figures(rows_of(shared_data / "event_log_receipt" / name, **columns))
        for name in ("receipt.csv.gz", "receipt.xes.gz")
    )
    assert table == xes
    assert (table["cases"], table["events"], len(table["events_per_group"])) == (1_434, 8_577, 10)
