"""Event logs in XES are read as a stream, and what could do harm in XML is refused."""

import gzip
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from infra.sources.event_log import LoggedActivity, read_event_log
from infra.sources.unreadable import Reason, SourceError, Unreadable

NAMES: dict[str, Any] = {
    "case": "case:concept:name",
    "time": "time:timestamp",
    "group": "org:group",
    "activity": "concept:name",
}
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


def attribute(key: str, value: str, inside: str = "") -> str:
    return f'<string key="{key}" value="{value}">{inside}</string>'


def event(group: str | None = "North", time: str = "2024-01-01T10:00:00.000+01:00") -> str:
    of_group = "" if group is None else attribute("org:group", group)
    at = f'<date key="time:timestamp" value="{time}"/>'
    return f"<event>{of_group}{attribute('concept:name', 'Open')}{at}</event>"


def trace(*events: str, name: str | None = "c1") -> str:
    of_name = "" if name is None else attribute("concept:name", name)
    return f"<trace>{of_name}{''.join(events)}</trace>\n"


def log(*content: str) -> str:
    return f'{HEAD}<log xmlns="http://www.xes-standard.org/">\n{"".join(content)}</log>'


def read(tmp_path: Path, content: str | bytes, **changed: Any) -> list[LoggedActivity | Unreadable]:
    path = tmp_path / "log.csv"  # the name says nothing
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(read_event_log(path, **(NAMES | changed)))


def only(rows: list[LoggedActivity | Unreadable]) -> LoggedActivity:
    (row,) = rows
    assert isinstance(row, LoggedActivity)
    return row


def activities(rows: list[LoggedActivity | Unreadable]) -> list[LoggedActivity]:
    assert [row for row in rows if isinstance(row, Unreadable)] == []
    return [row for row in rows if isinstance(row, LoggedActivity)]


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize("case", ["case:concept:name", "concept:name"])
def test_every_field_is_read(tmp_path: Path, pack: Any, case: str) -> None:
    content = pack(log(trace(event()), trace(event(), name="c2")).encode())
    first, second = activities(read(tmp_path, content, case=case))
    assert first == LoggedActivity(
        case_id="c1",
        time=datetime(2024, 1, 1, 9, tzinfo=UTC),
        group="North",
        activity="Open",
        resource=None,
        line=3,
    )
    assert (second.case_id, second.line) == ("c2", 4)


def test_column_may_be_an_attribute_of_the_trace(tmp_path: Path) -> None:
    content = log(trace(attribute("department", "South"), event()))
    assert only(read(tmp_path, content, group="case:department")).group == "South"


def test_attributes_of_the_trace_may_stand_after_its_events(tmp_path: Path) -> None:
    content = log(f"<trace>{event()}{attribute('concept:name', 'late')}</trace>")
    assert only(read(tmp_path, content)).case_id == "late"


def test_keys_may_hold_blanks_and_attributes_may_hold_attributes(tmp_path: Path) -> None:
    inner = attribute("org:group", "not this one")
    content = log(
        attribute("org:group", "nor this"),
        trace(f"<event>{attribute('Group 15', 'x', inner)}{event()[7:]}"),
    )
    row = only(read(tmp_path, content, resource="Group 15"))
    assert (row.group, row.resource) == ("North", "x")


def test_defaults_of_the_log_are_no_values(tmp_path: Path) -> None:
    default = f'<global scope="event">{attribute("org:group", "UNKNOWN")}</global>'
    rows = activities(read(tmp_path, log(default, trace(event(None), event("")), trace(event()))))
    assert [row.group for row in rows] == [None, None, "North"]


def test_event_outside_a_trace_names_its_case_itself(tmp_path: Path) -> None:
    content = log(event().replace("<event>", f"<event>{attribute('case:concept:name', 'c7')}"))
    assert only(read(tmp_path, content)).case_id == "c7"


@pytest.mark.parametrize("case", ["case:concept:name", "concept:name"])
def test_trace_without_a_name_gives_no_case(tmp_path: Path, case: str) -> None:
    rows = read(tmp_path, log(trace(event(), name=None), trace(event())), case=case)
    assert isinstance(rows[0], Unreadable)
    assert (rows[0].line, rows[0].reason) == (3, Reason.NO_CASE)
    assert isinstance(rows[1], LoggedActivity)


def test_time_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    rows = read(tmp_path, log(trace(event(time="soon"), event(time=""), event())))
    reasons = [row.reason for row in rows if isinstance(row, Unreadable)]
    assert reasons == [Reason.BAD_TIME, Reason.NO_TIME]


def test_missing_column_lists_those_there_are_before_any_row(tmp_path: Path) -> None:
    path = tmp_path / "log.xes"
    path.write_text(log(trace(event())), encoding="utf-8")
    columns: dict[str, Any] = NAMES | {"group": "group"}
    rows = read_event_log(path, **columns)
    with pytest.raises(SourceError) as caught:
        next(rows)
    assert caught.value.en == (
        "The file has no group. "
        "The columns there are: case:concept:name, org:group, concept:name, time:timestamp."
    )


def test_log_without_events_gives_nothing(tmp_path: Path) -> None:
    assert read(tmp_path, log()) == []
    assert read(tmp_path, log(trace())) == []


def test_encoding_is_the_one_the_file_declares(tmp_path: Path) -> None:
    content = log(trace(event("Östra")))
    latin = content.replace("UTF-8", "ISO-8859-1").encode("latin-1")
    wide = content.replace("UTF-8", "UTF-16").encode("utf-16")
    for encoded in (latin, wide, b"\xef\xbb\xbf" + content.encode()):
        assert only(read(tmp_path, encoded)).group == "Östra"


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (f"{HEAD}<!DOCTYPE log [<!ENTITY a 'aaaa'>]><log/>", "document type declaration"),
        (f"{HEAD}<!DOCTYPE log SYSTEM 'file:///etc/hosts'><log/>", "document type declaration"),
        ('<?xml version="1.0" encoding="unicode_escape"?><log/>', "encoding"),
        ("<html><body/></html>", "no XES log"),
        ("<log><trace></log>", "broken or cut off"),
        ("<log>&nosuch;</log>", "broken or cut off"),
        ("<", "broken or cut off"),
    ],
)
def test_what_is_no_plain_xes_is_one_clear_error(tmp_path: Path, content: str, match: str) -> None:
    with pytest.raises(SourceError, match=match):
        read(tmp_path, content)


def test_file_cut_off_is_one_clear_error_after_the_rows_before(tmp_path: Path) -> None:
    path = tmp_path / "log.xes"
    path.write_text(log(trace(event()), trace(event()))[:-60], encoding="utf-8")
    rows = read_event_log(path, **NAMES)
    assert isinstance(next(rows), LoggedActivity)
    with pytest.raises(SourceError, match="broken or cut off"):
        list(rows)
