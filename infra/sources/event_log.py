"""Reads logs of who did what to which case and when, from CSV and XES, plain or gzip.

A case here is the log's own word: what other systems' logs call the thing that is handed over.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from operator import attrgetter
from pathlib import Path
from zoneinfo import ZoneInfo

from infra.sources.event_log_csv import read_csv_rows
from infra.sources.event_log_rows import Columns, RawRow
from infra.sources.event_log_xes import read_xes_rows
from infra.sources.opening import open_source
from infra.sources.times import parse_time
from infra.sources.unreadable import Notice, Reason, SourceError, Unreadable

_BEFORE_XML = b"\xff\xfe\xef\xbb\xbf\x00 \t\r\n"  # byte order marks and blanks


@dataclass(frozen=True, kw_only=True, slots=True)
class LoggedActivity:
    """One event of a log. `time` is in UTC, `line` 1-based; group and resource may be missing."""

    case_id: str
    time: datetime
    group: str | None
    activity: str
    resource: str | None
    line: int


def read_event_log(
    path: Path,
    *,
    case: str,
    time: str,
    group: str,
    activity: str,
    resource: str | None = None,
    timezone: str = "UTC",
    on_notice: Callable[[Notice], None] | None = None,
) -> Iterator[LoggedActivity | Unreadable]:
    """Every event of the log, in the order of the file.

    The arguments name columns of the CSV (as in its header) or attributes of the XES (see
    `event_log_xes`). Times are read as `parse_time` says; one that names no zone is on the clocks
    of `timezone` (a name of the IANA database). Only an empty or absent value is missing: a group
    called NULL, nan or EMPTY is a group by that name. Blanks around values are no part of them.

    Raises:
        SourceError: unknown time zone; the file cannot be read (any further); a column is not in
            it, and then the message lists those that are.
    """
    zone = _zone(timezone, str(path))
    columns = Columns(case=case, time=time, group=group, activity=activity, resource=resource)
    rows = (
        read_xes_rows(path, columns) if _is_xml(path) else read_csv_rows(path, columns, on_notice)
    )
    shared: dict[str, str] = {}  # a log has few names, each in thousands of rows
    for row in rows:
        if isinstance(row, Unreadable):
            yield row
        else:
            yield _logged(row, zone, shared, str(path))


def cases(
    activities: Iterable[LoggedActivity],
) -> Iterator[tuple[str, list[LoggedActivity]]]:
    """Each case with its activities by time, ties as in the file; cases as they first appear.

    Holds the whole log: 65,000 events need about 30 MB.
    """
    by_case: dict[str, list[LoggedActivity]] = {}
    for one in activities:
        by_case.setdefault(one.case_id, []).append(one)
    for case_id, of_case in by_case.items():
        yield case_id, sorted(of_case, key=attrgetter("time"))


def _logged(
    row: RawRow, zone: tzinfo, shared: dict[str, str], file: str
) -> LoggedActivity | Unreadable:
    case_id, group, activity, resource = (
        shared.setdefault(clean, clean)
        for clean in map(_clean, (row.case, row.group, row.activity, row.resource))
    )
    written = _clean(row.time)
    time = parse_time(written, zone)
    if not case_id:
        reason = Reason.NO_CASE
    elif not activity:
        reason = Reason.NO_ACTIVITY
    elif time is None:
        reason = Reason.BAD_TIME if written else Reason.NO_TIME
    else:
        return LoggedActivity(
            case_id=case_id,
            time=time,
            group=group or None,
            activity=activity,
            resource=resource or None,
            line=row.line,
        )
    return Unreadable(file=file, line=row.line, reason=reason)


def _clean(value: str) -> str:
    return value.replace("\x00", "").strip()  # PostgreSQL keeps no NUL in text


def _is_xml(path: Path) -> bool:
    with open_source(path) as stream:
        return stream.peek(64).lstrip(_BEFORE_XML).startswith(b"<")


def _zone(name: str, file: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise SourceError(
            file,
            sv=f"Tidszonen {name} är okänd; skriv till exempel Europe/Stockholm.",
            en=f"The time zone {name} is unknown; write for instance Europe/Stockholm.",
        ) from error
