"""Reads an event log for the import: what can go in, what cannot and why, and each row's key."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from domain.command import FUTURE_TOLERANCE
from infra.sources.event_log import LoggedActivity, cases, read_event_log
from infra.sources.unreadable import SourceError, Unreadable
from service.imports.summary import LeftOut, Progress, Summary

MOST_ACTIVITY: Final = 4_000
_SHOW_EVERY: Final = 1_000
_IN_THE_FUTURE: Final = (
    "in_the_future",
    "Tiden ligger i framtiden.",
    "The time lies in the future.",
)
_TOO_LONG: Final = (
    "too_long",
    f"Aktivitetens namn är längre än {MOST_ACTIVITY} tecken.",
    f"The name of the activity is longer than {MOST_ACTIVITY} characters.",
)


@dataclass(frozen=True, kw_only=True)
class LogFile:
    """A file with an event log, its columns and how its times are to be read.

    `name` tells logs apart: what was imported before is known again by it.
    """

    path: Path
    name: str
    case: str
    time: str
    group: str
    activity: str
    resource: str | None = None
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True)
class KeyedRow:
    """A row with the idempotency key of its action."""

    activity: LoggedActivity
    key: str


@dataclass(frozen=True, slots=True)
class LoggedIssue:
    """What the log calls a case: its id there, the key of its opening, its rows by time."""

    file: str
    case_id: str
    key: str
    rows: tuple[KeyedRow, ...]


def read_issues(
    log: LogFile, summary: Summary, now: datetime, progress: Progress
) -> list[LoggedIssue]:
    """The issues of a log, the one that began first first. Holds the whole log.

    Raises:
        SourceError: nothing of the file can be read.
    """
    by_case = cases(_usable(log, summary, now, progress))
    issues = [_keyed(log, case_id, rows) for case_id, rows in by_case]
    issues.sort(key=lambda issue: issue.rows[0].activity.time)
    progress("reading", summary.read, summary.read)
    return issues


def _usable(
    log: LogFile, summary: Summary, now: datetime, progress: Progress
) -> Iterator[LoggedActivity]:
    try:
        for row in read_event_log(
            log.path,
            case=log.case,
            time=log.time,
            group=log.group,
            activity=log.activity,
            resource=log.resource,
            timezone=log.timezone,
            on_notice=summary.notices.append,
        ):
            if summary.read % _SHOW_EVERY == 0:
                progress("reading", summary.read, None)
            if isinstance(row, Unreadable):
                summary.unreadable(row)
                continue
            summary.read += 1
            reason = _reason_against(row, now)
            if reason is None:
                yield row
            else:
                code, sv, en = reason
                summary.left_out.append(
                    LeftOut(
                        file=str(log.path), line=row.line, code=code, reason_sv=sv, reason_en=en
                    )
                )
    except SourceError as error:
        if not summary.read:
            raise
        summary.broken(error)


def _reason_against(row: LoggedActivity, now: datetime) -> tuple[str, str, str] | None:
    """What a rule would refuse is found before the issue is opened with a number of its own."""
    if row.time > now + FUTURE_TOLERANCE:
        return _IN_THE_FUTURE
    return _TOO_LONG if len(row.activity) > MOST_ACTIVITY else None


def _keyed(log: LogFile, case_id: str, rows: Sequence[LoggedActivity]) -> LoggedIssue:
    """A row is known by what it says; of equal rows the first, second … is told apart."""
    seen: Counter[tuple[str, str, str, str]] = Counter()
    keyed: list[KeyedRow] = []
    for row in rows:
        says = (row.time.isoformat(), row.activity, row.group or "", row.resource or "")
        seen[says] += 1
        keyed.append(KeyedRow(row, _key(log.name, case_id, *says, seen[says])))
    return LoggedIssue(str(log.path), case_id, _key(log.name, case_id), tuple(keyed))


def _key(log_name: str, *says: str | int) -> str:
    told = json.dumps(says, ensure_ascii=False).encode()
    return f"event-log:{log_name}:{hashlib.sha256(told).hexdigest()[:40]}"
