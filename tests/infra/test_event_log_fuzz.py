"""Whatever a file holds, the readers give rows, reasons or a SourceError, and nothing else."""

import gzip
import json
import tempfile
from collections.abc import Callable, Iterable
from datetime import UTC
from pathlib import Path
from typing import TypeVar

from hypothesis import example, given
from hypothesis import strategies as st

from infra.sources.event_log import LoggedActivity, cases, read_event_log
from infra.sources.police_events import PoliceEvent, read_police_events
from infra.sources.unreadable import SourceError, Unreadable

A_NOTICE = {
    "id": 1,
    "datetime": "2022-10-16 6:13:32 +02:00",
    "name": "16 oktober 03:25, Brand, Göteborg",
    "summary": "En bil brinner.",
    "type": "Brand",
    "location": {"gps": "57.70887,11.97456", "name": "Göteborg"},
}
A_REVISION = {"id": 1, "versions": [{"seen_at": "2023-03-27T09:22:55+00:00", "event": A_NOTICE}]}
A_TABLE = 'case,time,group,what\nc1,2024-01-01,"North, upper",Open\nc1,2024-01-02 10:00,,Åk\n'
A_LOG = (
    '<?xml version="1.0" encoding="UTF-8"?><log><trace><string key="case" value="c1"/><event>'
    '<string key="group" value="Å"/><date key="time" value="2024-01-01T10:00:00Z"/>'
    '<string key="what" value="Open"/></event></trace></log>'
)
Row = TypeVar("Row")
SAMPLES = [
    text.encode()
    for text in (
        json.dumps(A_NOTICE, ensure_ascii=False) + "\n" + json.dumps(A_REVISION) + "\n",
        json.dumps([A_NOTICE, A_NOTICE], indent=1),
        A_TABLE,
        A_LOG,
    )
]

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A readable file with some bytes cut out and others put in."""
    content = draw(st.sampled_from(SAMPLES))
    for _ in range(draw(st.integers(0, 3))):
        first = draw(st.integers(0, len(content)))
        last = draw(st.integers(first, min(len(content), first + 20)))
        content = content[:first] + draw(st.binary(max_size=8)) + content[last:]
    if draw(st.booleans()):
        content = gzip.compress(content)
        content = content[: draw(st.integers(0, len(content)))]
    return content


def read_notices(path: Path) -> Iterable[PoliceEvent | Unreadable]:
    return read_police_events(path)


def read_activities(path: Path) -> Iterable[LoggedActivity | Unreadable]:
    return read_event_log(path, case="case", time="time", group="group", activity="what")


def outcome(content: bytes, read: Callable[[Path], Iterable[Row | Unreadable]]) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_bytes(content)
        rows: list[Row] = []
        said: list[str] = []
        try:
            for row in read(path):
                if isinstance(row, Unreadable):
                    assert row.line >= 1
                    said += [row.reason_sv, row.reason_en]
                else:
                    rows.append(row)
        except SourceError as error:
            said += [error.sv, error.en]
        assert all(said)
        return rows


def check_notices(content: bytes) -> None:
    for event in outcome(content, read_notices):
        assert event.external_id
        assert event.occurred_at <= event.published_at
        for text in (event.external_id, event.title, event.summary, event.type):
            assert "\x00" not in text
            assert text.encode().decode() == text


def check_activities(content: bytes) -> None:
    rows = outcome(content, read_activities)
    for row in rows:
        assert row.time.tzinfo is UTC
        assert row.case_id
        assert row.activity
        assert row.group != ""
    of_cases = [one for _, of_case in cases(rows) for one in of_case]
    assert sorted(of_cases, key=lambda one: one.line) == sorted(rows, key=lambda one: one.line)


@given(st.binary() | damaged() | st.binary().map(lambda tail: b"\x1f\x8b\x08\x00" + tail))
@example(b"")
@example(b"\xff\xfe")
@example(b"\xff\xfe<\x00")
@example(b"\x1f\x8b")
@example(b'"' * 10)
def test_any_bytes(content: bytes) -> None:
    check_notices(content)
    check_activities(content)


@given(st.lists(st.dictionaries(st.sampled_from([*A_NOTICE, "versions"]), anything) | anything))
def test_any_json_with_the_fields_of_a_notice(records: list[object]) -> None:
    check_notices(json.dumps(records).encode())
    check_notices("\n".join(map(json.dumps, records)).encode())


@given(st.sampled_from([*A_NOTICE, "seen_at"]), anything)
def test_any_value_in_a_field_of_a_notice(field: str, value: object) -> None:
    notice = A_NOTICE | {field: value}
    version = {"seen_at": value, "event": notice}
    check_notices(json.dumps(notice).encode())
    check_notices(json.dumps({"id": value, "versions": [version, value]}).encode())


@given(
    st.integers(1, 40), st.text(max_size=12), st.integers(0, 99), st.integers(0, 99),
    st.datetimes(),
)  # fmt: skip
def test_any_headline(day: int, month: str, hour: int, minute: int, published: object) -> None:
    for name in (f"{day} {month} {hour}:{minute}, Brand", f"{day} februari {hour:02}.{minute:02}"):
        notice = A_NOTICE | {"name": name, "datetime": f"{published} +01:00"}
        check_notices(json.dumps(notice).encode())


@given(st.lists(st.lists(st.text(max_size=20), max_size=6)), st.sampled_from(",;\t|"))
def test_any_table(rows: list[list[str]], delimiter: str) -> None:
    lines = [delimiter.join(row) for row in rows]
    header = delimiter.join(["case", "time", "group", "what"])
    check_activities("\n".join([header, *lines]).encode("utf-8", "surrogatepass"))
    times = [f"c1{delimiter}{cell}{delimiter}g{delimiter}w" for row in rows for cell in row]
    check_activities("\n".join([header, *times]).encode("utf-8", "surrogatepass"))
