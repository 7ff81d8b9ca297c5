"""Event logs of other systems are read from CSV in its many spellings."""

import gzip
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from infra.sources.event_log import LoggedActivity, cases, read_event_log
from infra.sources.times import parse_time
from infra.sources.unreadable import Notice, Reason, SourceError, Unreadable
from tests.reference_figures import Row, figures, rows_of

NAMES: dict[str, Any] = {"case": "case", "time": "time", "group": "group", "activity": "what"}
TABLE = "case,time,group,what,who\nc1,2024-01-01T10:00:00Z,North,Open,Ann\n"


def read(tmp_path: Path, content: str | bytes, **changed: Any) -> list[LoggedActivity | Unreadable]:
    path = tmp_path / "log"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(read_event_log(path, **(NAMES | changed)))


def only(rows: list[LoggedActivity | Unreadable]) -> LoggedActivity:
    (row,) = rows
    assert isinstance(row, LoggedActivity)
    return row


def activities(rows: list[LoggedActivity | Unreadable]) -> list[LoggedActivity]:
    assert [row for row in rows if isinstance(row, Unreadable)] == []
    return [row for row in rows if isinstance(row, LoggedActivity)]


def test_every_field_is_read(tmp_path: Path) -> None:
    assert only(read(tmp_path, TABLE, resource="who")) == LoggedActivity(
        case_id="c1",
        time=datetime(2024, 1, 1, 10, tzinfo=UTC),
        group="North",
        activity="Open",
        resource="Ann",
        line=2,
    )


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_delimiter_line_end_and_packing_are_found_out(
    tmp_path: Path, delimiter: str, end: str, pack: Any
) -> None:
    table = TABLE.replace(",", delimiter).replace("\n", end)
    assert only(read(tmp_path, pack(table.encode()))).activity == "Open"


def test_delimiter_is_the_one_that_gives_the_asked_columns(tmp_path: Path) -> None:
    table = 'case;time;group;what;"a,b,c,d,e,f"\nc1;2024-01-01;North;"Open; close";x\n'
    assert only(read(tmp_path, table)).activity == "Open; close"


@pytest.mark.parametrize("before", ["\ufeff", "\n\n", "sep=;\n", "\ufeffsep=;\r\n"])
def test_what_stands_before_the_header_is_passed_over(tmp_path: Path, before: str) -> None:
    table = before + TABLE.replace(",", ";")
    row = only(read(tmp_path, table))
    assert row.group == "North"
    assert row.line == 2 + before.count("\n")


def test_quotes_may_hold_delimiters_quotes_and_line_ends(tmp_path: Path) -> None:
    table = TABLE + 'c2,2024-01-02,"North, ""upper""\nhalf", Open ,Bo\nc3,2024-01-03,,Close,Bo\n'
    _, second, third = activities(read(tmp_path, table))
    assert (second.group, second.activity) == ('North, "upper"\nhalf', "Open")
    assert (second.line, third.line) == (3, 5)


def test_utf_16_of_spreadsheets_is_read(tmp_path: Path) -> None:
    table = TABLE.replace("North", "Östra").replace(",", "\t")
    assert only(read(tmp_path, table.encode("utf-16"))).group == "Östra"


def test_latin_1_is_read_with_a_notice(tmp_path: Path) -> None:
    notices: list[Notice] = []
    table = TABLE.replace("North", "Östra").encode("latin-1")
    assert only(read(tmp_path, table, on_notice=notices.append)).group == "Östra"
    assert [notice.en for notice in notices] == ["The file is not UTF-8; it is read as Latin-1."]


def test_missing_group_is_none_and_only_an_empty_one_is_missing(tmp_path: Path) -> None:
    table = "case,time,what,group\n" + "".join(
        f"c1,2024-01-01,Open{group}\n" for group in (",", ",  ", "", ",NULL", ",nan", ",EMPTY")
    )
    groups = [row.group for row in activities(read(tmp_path, table))]
    assert groups == [None, None, None, "NULL", "nan", "EMPTY"]


def test_blank_rows_are_ignored(tmp_path: Path) -> None:
    assert len(activities(read(tmp_path, TABLE + "\n,,,,\n   \n" + TABLE[25:]))) == 2


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",2024-01-01,North,Open,Ann", Reason.NO_CASE),
        ("c1, ,North,Open,Ann", Reason.NO_TIME),
        ("c1,yesterday,North,Open,Ann", Reason.BAD_TIME),
        ("c1,2024-02-30,North,Open,Ann", Reason.BAD_TIME),
        ("c1,2024-01-01,North,,Ann", Reason.NO_ACTIVITY),
        ("c1,2024-01-01,North", Reason.SHORT_ROW),
        ("c1,2024-01-01,North,Open," + "x" * 200_000, Reason.BROKEN_ROW),
    ],
    ids=lambda value: value.name if isinstance(value, Reason) else "",
)
def test_row_that_cannot_be_read_is_told_and_the_rest_goes_in(
    tmp_path: Path, row: str, reason: Reason
) -> None:
    rows = read(tmp_path, f"{TABLE}{row}\nc9,2024-01-09,North,Close,Ann\n")
    assert [type(one) for one in rows] == [LoggedActivity, Unreadable, LoggedActivity]
    assert isinstance(rows[1], Unreadable)
    assert (rows[1].line, rows[1].reason) == (3, reason)


def test_missing_column_lists_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        read(tmp_path, TABLE, group="org:group", activity="task")
    assert caught.value.en == (
        "The file has no org:group, task. The columns there are: case, time, group, what, who."
    )


@pytest.mark.parametrize("content", ["", "\n\n", "\x00" * 10])
def test_file_without_a_header_is_one_clear_error(tmp_path: Path, content: str) -> None:
    with pytest.raises(SourceError, match="The columns there are"):
        read(tmp_path, content)


def test_unknown_time_zone_is_one_clear_error(tmp_path: Path) -> None:
    for name in ("Mars/Olympus", "../etc", "", "Europe"):
        with pytest.raises(SourceError, match="time zone"):
            read(tmp_path, TABLE, timezone=name)


def test_file_that_is_not_there_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="No such file"):
        list(read_event_log(tmp_path / "none.csv", **NAMES))


AFTERNOON = datetime(2011, 10, 11, 13, 45, 40, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "2011-10-11T13:45:40Z", "2011-10-11 13:45:40", "2011-10-11 13:45:40 UTC",
        "2011-10-11T15:45:40+02:00", "2011-10-11 15:45:40+0200", "2011-10-11 09:15:40 -0430",
        "2011-10-11T15:45:40+02", "2011/10/11 13:45:40", "2011.10.11 13:45:40",
        "11-10-2011 13:45:40", "11/10/2011 13:45:40", "11.10.2011, 13:45:40",
        "2011-10-11 13:45:40.0", "2011-10-11 13:45:40,000", "2011-10-11 13:45:40.000000999",
        "20111011T134540Z", "20111011134540", "20111011T154540+0200",
        "1318340740", "1318340740.0", "1318340740000", "1318340740000000", "1318340740000000000",
        " 2011-10-11\t13:45:40 ",
    ],
)  # fmt: skip
def test_time_is_read_in_its_spellings(written: str) -> None:
    assert parse_time(written, UTC) == AFTERNOON


@pytest.mark.parametrize(
    ("written", "microseconds"),
    [("5", 500_000), ("276", 276_000), ("123456", 123_456), ("123456789", 123_456)],
)
def test_fraction_is_kept_to_the_microsecond(written: str, microseconds: int) -> None:
    wanted = AFTERNOON.replace(microsecond=microseconds)
    assert parse_time(f"2011-10-11T13:45:40.{written}Z", UTC) == wanted


@pytest.mark.parametrize("written", ["5-1-2011 6:05", "2011-01-05 6:05", "05.01.2011 06.05"])
def test_day_stands_first_and_seconds_may_be_left_out(written: str) -> None:
    assert parse_time(written, UTC) == datetime(2011, 1, 5, 6, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    ["", "x", "0", "12345", "2011-10-11T25:00", "2011-10-11T13:60", "2011-13-01", "32-01-2011",
     "2011-10/11", "2011-10-11T13:45+99:99", "0001-01-01T00:00+14:00", "9999-12-31T23:59-14:00",
     "1800-01-01", "٢٠١١-10-11", "2011-10-11x13:45", "9999999999999"],
)  # fmt: skip
def test_what_is_no_time_is_none(written: str) -> None:
    assert parse_time(written, UTC) is None


def test_time_without_zone_is_on_the_clocks_of_the_zone_given(tmp_path: Path) -> None:
    table = TABLE.replace("T10:00:00Z", " 10:00:00")
    assert only(read(tmp_path, table)).time.hour == 10
    assert only(read(tmp_path, table, timezone="Europe/Stockholm")).time.hour == 9
    stockholm = ZoneInfo("Europe/Stockholm")
    assert parse_time("2024-03-31 02:30", stockholm) == datetime(2024, 3, 31, 1, 30, tzinfo=UTC)
    assert parse_time("2024-10-27 02:30", stockholm) == datetime(2024, 10, 27, 0, 30, tzinfo=UTC)


def test_cases_are_sorted_by_time_and_ties_stay_as_in_the_file(tmp_path: Path) -> None:
    table = "case,time,group,what\n" + "".join(
        f"{case},2024-01-0{day},G,{what}\n"
        for case, day, what in [("b", 3, 1), ("a", 2, 2), ("b", 1, 3), ("a", 2, 4), ("b", 3, 5)]
    )
    grouped = [
        (case_id, [row.activity for row in of_case])
        for case_id, of_case in cases(activities(read(tmp_path, table)))
    ]
    assert grouped == [("b", ["3", "1", "5"]), ("a", ["2", "4"])]


@pytest.mark.shared_data
@pytest.mark.parametrize("name", ["receipt.csv.gz", "receipt.xes.gz"])
def test_the_real_log_is_read_as_a_second_reader_reads_it(shared_data: Path, name: str) -> None:
    path = shared_data / "event_log_receipt" / name
    columns = {
        "case": "case:concept:name",
        "time": "time:timestamp",
        "group": "org:group",
        "activity": "concept:name",
    }
    ours = activities(list(read_event_log(path, **columns)))  # type: ignore[arg-type]  # names only
    theirs = rows_of(path, **columns)
    assert [Row(one.case_id, one.time, one.group or "", one.activity) for one in ours] == theirs
    counted = figures(theirs)
    assert (counted["cases"], counted["events"]) == (1_434, 8_577)
    assert counted["handovers"]["total"] == 5_440
    assert counted["ping_pong"] == {"cases": 269, "occurrences": 439}
