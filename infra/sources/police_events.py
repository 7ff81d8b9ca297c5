"""Reads the notices the police publish, in every form they are kept in.

Known forms, told apart by what the file holds: one event a line; one event with all its versions
a line; an array of events as polisen.se/api/events answers; each plain or gzip.
"""

import hashlib
import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from domain.codes import TimePrecision
from infra.sources.json_records import Form, json_records
from infra.sources.opening import open_source
from infra.sources.police_names import (
    STOCKHOLM,
    OccurredBasis,
    occurred,
    without_time,
)
from infra.sources.times import parse_time
from infra.sources.unreadable import Reason, Unreadable

_TIME_IN_FILE_NAME = re.compile(r"(?<!\d)\d{8}T\d{6}Z", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class PoliceEvent:
    """One version of one notice. Times are aware, in UTC.

    `lat` and `lon` (degrees, WGS 84) are the centre of the municipality or county `place_name`,
    never the place of the event. `seen_at` is when somebody first saw this version at the source,
    where the file tells. `content_hash` (SHA-256, hex) is of what readers see: type, title,
    summary, place and area; it tells a revision from a repeat. `url` is a path on polisen.se or an
    http(s) address. `line` is counted as in `Unreadable`.
    """

    external_id: str
    published_at: datetime
    occurred_at: datetime
    occurred_precision: TimePrecision
    occurred_basis: OccurredBasis
    type: str
    place_name: str | None
    lat: float | None
    lon: float | None
    title: str
    summary: str
    url: str | None
    seen_at: datetime | None
    content_hash: str
    line: int


def read_police_events(path: Path) -> Iterator[PoliceEvent | Unreadable]:
    """Every version of every event in the file, in its order.

    Raises:
        SourceError: the file cannot be opened or unpacked, perhaps after some rows.
    """
    with open_source(path) as stream:
        form, records = json_records(stream, file=str(path))
        seen_at = _time_in_name(path) if form is Form.ARRAY else None
        for line, record in records:
            yield from _events(record, file=str(path), line=line, seen_at=seen_at)


def _time_in_name(path: Path) -> datetime | None:
    found = _TIME_IN_FILE_NAME.search(path.name)
    return parse_time(found[0], UTC) if found else None


def _events(
    record: object, *, file: str, line: int, seen_at: datetime | None
) -> Iterator[PoliceEvent | Unreadable]:
    """One event, or all versions of one."""
    fields = _fields(record)
    if fields is not None and "versions" in fields:
        versions = fields["versions"]
        if not isinstance(versions, list):
            yield Unreadable(file=file, line=line, reason=Reason.NO_VERSIONS)
            return
        for version in cast("list[object]", versions):
            event, seen = _version(version, fields.get("id"))
            yield from _events_of(event, file=file, line=line, seen_at=seen)
    else:
        yield from _events_of(record, file=file, line=line, seen_at=seen_at)


def _version(version: object, event_id: object) -> tuple[object, datetime | None]:
    fields = _fields(version) or {}
    event = _fields(fields.get("event"))
    if event is None:
        return None, None
    return {"id": event_id, **event}, parse_time(_text(fields.get("seen_at")), UTC)


def _events_of(
    record: object, *, file: str, line: int, seen_at: datetime | None
) -> Iterator[PoliceEvent | Unreadable]:
    event = record if isinstance(record, Reason) else _event(record, seen_at, line)
    if isinstance(event, Reason):
        yield Unreadable(file=file, line=line, reason=event)
    else:
        yield event


def _event(record: object, seen_at: datetime | None, line: int) -> PoliceEvent | Reason:
    fields = _fields(record)
    if fields is None:
        return Reason.NOT_AN_EVENT
    external_id = _identity(fields.get("id"))
    if not external_id:
        return Reason.NO_ID
    published_at = parse_time(_text(fields.get("datetime")), STOCKHOLM)
    if published_at is None:
        return Reason.NO_PUBLISHED_TIME
    location = _fields(fields.get("location")) or {"name": fields.get("location")}
    title, place_name = _text(fields.get("name")), _text(location.get("name"))
    kind = _text(fields.get("type")) or _kind_in(title, place_name)
    summary, url = _text(fields.get("summary")), _address(fields.get("url"))
    lat, lon = _area_centre(location.get("gps"))
    if any(_broken(text) for text in (external_id, title, kind, summary, place_name, url or "")):
        return Reason.BROKEN_TEXT
    happened = occurred(title, published_at)
    return PoliceEvent(
        external_id=external_id,
        published_at=published_at,
        occurred_at=happened.at,
        occurred_precision=happened.precision,
        occurred_basis=happened.basis,
        type=kind,
        place_name=place_name or None,
        lat=lat,
        lon=lon,
        title=title,
        summary=summary,
        url=url,
        seen_at=seen_at,
        content_hash=_digest(kind, title, summary, place_name, lat, lon),
        line=line,
    )


def _fields(value: object) -> dict[str, object] | None:
    return cast("dict[str, object]", value) if isinstance(value, dict) else None


def _identity(value: object) -> str:
    if isinstance(value, bool):
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value) if isinstance(value, int) else _text(value)


def _text(value: object) -> str:
    # PostgreSQL keeps no NUL in text
    return value.replace("\x00", "").strip() if isinstance(value, str) else ""


def _broken(text: str) -> bool:
    """Whether the text holds bytes or escapes that are no character."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _kind_in(title: str, place_name: str) -> str:
    """The type as the headline has it, between the time and the place."""
    rest = without_time(title)
    if place_name and rest.endswith(f", {place_name}"):
        return rest.removesuffix(f", {place_name}")
    return rest.rpartition(", ")[0] or rest


def _address(value: object) -> str | None:
    url = _text(value)
    return url if url.startswith(("/", "https://", "http://")) else None


def _area_centre(gps: object) -> tuple[float | None, float | None]:
    try:
        lat, lon = (float(part) for part in _text(gps).split(","))
    except ValueError:
        return None, None
    on_earth = math.isfinite(lat) and abs(lat) <= 90 and abs(lon) <= 180  # noqa: PLR2004  # degrees
    return (lat, lon) if on_earth and (lat, lon) != (0, 0) else (None, None)


def _digest(*content: str | float | None) -> str:
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()
