"""Computes the handover figures of an event log a second way, to hold ours against.

Nothing here is shared with the program: the standard library reads the file, plain loops count,
whole microseconds keep every sum exact. From the root of the repository:

    python tests/reference_figures.py LOG --case case:concept:name --time time:timestamp \
        --group org:group --activity concept:name

`figures` gives, and the command prints as JSON, the shape of `samsyn figures handovers --json`:

    {"cases": n, "events": n, "events_without_group": n,
     "events_per_group": {group: n, ...},                      groups in alphabetical order
     "handovers": {"total": n,
                   "matrix": [{"from": a, "to": b, "count": n}, ...]},  by from, then to; no zeros
     "ping_pong": {"cases": n, "occurrences": n},
     "throughput_seconds": {"min": s, "p10": s, "p25": s, "median": s, "p75": s, "p90": s,
                            "p95": s, "max": s, "mean": s}}    null for each in an empty log

Definitions: the events of a case by time, ties as in the file; an event without a group counts as
an event and for throughput, but is left out of the sequence of groups; a handover is two
consecutive events of different groups; ping-pong is A, B, A in the sequence with repeats
collapsed, every place it occurs counted (A, B, A, B is two); throughput is last minus first event;
quantiles by linear interpolation, seconds rounded to the microsecond. An event without case, time
or activity is not counted. Holder at T, for first <= T < last: the group of the latest event with
a group at or before T.
"""

import argparse
import csv
import gzip
import io
import json
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

QUANTILES = {
    "min": 0, "p10": 10, "p25": 25, "median": 50, "p75": 75, "p90": 90, "p95": 95, "max": 100,
}  # fmt: skip


class Row(NamedTuple):
    case: str
    time: datetime
    group: str
    activity: str


def rows_of(
    path: Path, *, case: str, time: str, group: str, activity: str, timezone: str = "UTC"
) -> list[Row]:
    content = path.read_bytes()
    if content[:2] == b"\x1f\x8b":
        content = gzip.decompress(content)
    if content.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"<":
        records = xes_records(content)
    else:
        records = csv_records(content)
    rows: list[Row] = []
    for record in records:
        case_id = record.get(f"case:{case}", record.get(case, ""))
        texts = (case_id, record.get(group, ""), record.get(activity, ""))
        a_case, a_group, an_activity = (text.strip() for text in texts)
        at = moment(record.get(time, "").strip(), ZoneInfo(timezone))
        if a_case and an_activity and at is not None:
            rows.append(Row(a_case, at, a_group, an_activity))
    return rows


def csv_records(content: bytes) -> list[dict[str, str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t|", key=first.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, restval="")
    return [{name: cell or "" for name, cell in row.items() if name} for row in reader]


def xes_records(content: bytes) -> list[dict[str, str]]:
    records: list[dict[str, str]] = []
    for trace in ET.fromstring(content).findall("{*}trace"):  # noqa: S314  # a file the user chose
        of_trace = {f"case:{key}": value for key, value in attributes(trace).items()}
        records += [of_trace | attributes(event) for event in trace.findall("{*}event")]
    return records


def attributes(element: ET.Element) -> dict[str, str]:
    children = [child for child in element if "key" in child.attrib]
    return {child.attrib["key"]: child.attrib.get("value", "") for child in children}


def moment(text: str, zone: ZoneInfo) -> datetime | None:
    for form in (None, "%Y/%m/%d %H:%M:%S.%f", "%Y/%m/%d %H:%M:%S", "%d-%m-%Y %H:%M:%S",
                 "%d-%m-%Y %H:%M", "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M"):  # fmt: skip
        try:
            if form is None:
                at = datetime.fromisoformat(text)
            else:
                at = datetime.strptime(text, form).replace(tzinfo=zone)
        except ValueError:
            continue
        return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
    return None


def cases_of(rows: list[Row]) -> dict[str, list[Row]]:
    cases: dict[str, list[Row]] = {}
    for row in rows:
        cases.setdefault(row.case, []).append(row)
    for events in cases.values():
        events.sort(key=lambda row: row.time)  # stable: ties stay as in the file
    return cases


def figures(rows: list[Row]) -> dict[str, Any]:
    matrix: Counter[tuple[str, str]] = Counter()
    bounced_cases = bounces = 0
    durations: list[int] = []
    cases = cases_of(rows)
    for events in cases.values():
        groups = [row.group for row in events if row.group]
        changes = [(a, b) for a, b in pairwise(groups) if a != b]
        matrix.update(changes)
        back = sum(first[0] == second[1] for first, second in pairwise(changes))
        bounces += back
        bounced_cases += back > 0
        durations.append((events[-1].time - events[0].time) // timedelta(microseconds=1))
    per_group = Counter(row.group for row in rows if row.group)
    return {
        "cases": len(cases),
        "events": len(rows),
        "events_without_group": sum(not row.group for row in rows),
        "events_per_group": dict(sorted(per_group.items())),
        "handovers": {
            "total": matrix.total(),
            "matrix": [{"from": a, "to": b, "count": n} for (a, b), n in sorted(matrix.items())],
        },
        "ping_pong": {"cases": bounced_cases, "occurrences": bounces},
        "throughput_seconds": throughput(sorted(durations)),
    }


def throughput(durations: list[int]) -> dict[str, float | None]:
    """From microseconds in order to seconds."""
    if not durations:
        return dict.fromkeys([*QUANTILES, "mean"])
    exact = {name: quantile(durations, percent) for name, percent in QUANTILES.items()}
    exact["mean"] = Fraction(sum(durations), len(durations))
    return {name: round(float(value / 1_000_000), 6) for name, value in exact.items()}


def quantile(ordered: list[int], percent: int) -> Fraction:
    place = Fraction(percent * (len(ordered) - 1), 100)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def holders_at(rows: list[Row], at: datetime) -> dict[str, int]:
    """How many cases each group holds at that time, groups in alphabetical order."""
    held: Counter[str] = Counter()
    for events in cases_of(rows).values():
        if events[0].time <= at < events[-1].time:
            groups = [row.group for row in events if row.time <= at and row.group]
            held.update(groups[-1:])
    return dict(sorted(held.items()))


def main() -> None:
    asked = argparse.ArgumentParser(description="Handover figures of an event log, as JSON.")
    asked.add_argument("log", type=Path)
    for column in ("case", "time", "group", "activity"):
        asked.add_argument(f"--{column}", required=True)
    asked.add_argument("--timezone", default="UTC")
    asked.add_argument("--at", type=datetime.fromisoformat, help="print who holds what then")
    given = vars(asked.parse_args())
    at = given.pop("at")
    rows = rows_of(given.pop("log"), **given)
    answer = figures(rows) if at is None else holders_at(rows, at)
    sys.stdout.write(json.dumps(answer, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()
