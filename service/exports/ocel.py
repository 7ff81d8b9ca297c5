"""The log as OCEL 2.0 in JSON: piece by piece, so that a log of any length fits.

The format is that of ocel-standard.org (object-centric event log). What a viewer may not read is
not in the file, by the rule of every page; of what is in it only codes, numbers and times.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec
from sqlalchemy import Connection

from domain.agencies import Agencies
from domain.envelope import RecordedEvent
from domain.events import EVENTS
from domain.lifecycle import IssuesMerged
from projections.audit_trail_queries import TrailLine, export
from projections.audit_trail_streams import LINES_AT_ONCE, streams, visible_among
from projections.lines import TOPICS
from projections.viewer import Viewer
from service.exports.ocel_fields import attributes_of, codes_of, moment, values_of
from service.exports.ocel_objects import Made, agency_objects, object_types, objects_of
from service.exports.ocel_relations import (
    ISSUE,
    REPORT,
    USER,
    Known,
    others_named,
    relations_of,
)
from service.exports.pseudonyms import Pseudonyms

Progress = Callable[[str, int], None]
"""Told of what is being written (`events`, then `objects`), and how many there are by now."""

_OF_EVERY_EVENT: Final = (
    ("actor_role", "string"),
    ("position", "integer"),
    ("recorded_at", "time"),
)


class OcelExport:
    """One file of one viewer, from one snapshot of the read models."""

    def __init__(
        self,
        db: Connection,
        viewer: Viewer,
        agencies: Agencies,
        users: Pseudonyms | None = None,
        at_once: int = LINES_AT_ONCE,
    ) -> None:
        """Take a connection whose transaction sees one snapshot until the end."""
        self._db = db
        self._viewer = viewer
        self._agencies = agencies
        self._codes = codes_of(agencies)
        self._users = users or Pseudonyms()
        self._at_once = at_once

    def chunks(self, progress: Progress = lambda _what, _done: None) -> Iterator[bytes]:
        """The file, in order; a chunk is what a page of the trail gives."""
        yield b'{"eventTypes":' + _json(event_types())
        yield b',\n"objectTypes":' + _json(object_types())
        yield b',\n"events":['
        yield from _listed(self._events(), "events", progress)
        yield b'],\n"objects":['
        yield from _listed(self._objects(), "objects", progress)
        yield b"]}\n"

    def _events(self) -> Iterator[list[dict[str, Any]]]:
        page: list[TrailLine] = []
        for line in export(self._db, self._viewer):
            page.append(line)
            if len(page) == self._at_once:
                yield self._written(page)
                page = []
        yield self._written(page)

    def _written(self, page: list[TrailLine]) -> list[dict[str, Any]]:
        known = self._known(page)
        return [self._event(line, known) for line in page]

    def _event(self, line: TrailLine, known: Known) -> dict[str, Any]:
        own = values_of(EVENTS[line.topic], line.data, self._codes)
        attributes = [
            ("actor_role", line.role),
            ("position", str(line.position)),
            ("recorded_at", moment(line.recorded_at)),
            *own,
        ]
        return {
            "id": str(line.event_id),
            "type": line.topic,
            "time": moment(line.occurred_at),
            "attributes": [{"name": name, "value": value} for name, value in attributes],
            "relationships": relations_of(line, known),
        }

    def _objects(self) -> Iterator[list[dict[str, Any]]]:
        yield [each.as_json() for each in agency_objects(self._agencies.agencies.values())]
        for kind in (ISSUE, REPORT):
            page: list[dict[str, Any]] = []
            for stream_id, lines in streams(self._db, self._viewer, kind, self._at_once):
                # Only a merger says of an object that it belongs to another issue.
                known = self._known([each for each in lines if each.topic == IssuesMerged.TOPIC])
                made = objects_of(kind, stream_id, lines, known, self._codes)
                page += [each.as_json() for each in made]
                if len(page) >= self._at_once:
                    yield page
                    page = []
            yield page
        # Last: only now it is known who was met.
        yield [Made(USER, name).as_json() for name in self._users.given()]

    def _known(self, lines: list[TrailLine]) -> Known:
        named = [others_named(line) for line in lines]
        issues = {each for issues, _ in named for each in issues}
        reports = {each for _, reports in named for each in reports}
        return Known(
            agencies=self._agencies.agencies.keys(),
            visible=visible_among(self._db, self._viewer, issues, reports),
            users=self._users,
        )


def event_types() -> list[dict[str, Any]]:
    """Every event there can be, with the attributes that it may have."""
    return [
        {
            "name": topic,
            "attributes": [
                {"name": name, "type": kind} for name, kind in _attributes(EVENTS[topic])
            ],
        }
        for topic in sorted(TOPICS)
    ]


def _attributes(event_class: type[RecordedEvent]) -> Iterator[tuple[str, str]]:
    yield from _OF_EVERY_EVENT
    yield from ((each.name, each.kind) for each in attributes_of(event_class))


def _listed(
    pages: Iterator[list[dict[str, Any]]], what: str, progress: Progress
) -> Iterator[bytes]:
    done = 0
    for page in pages:
        if page:
            yield (b",\n" if done else b"\n") + b",\n".join(map(_json, page))
            done += len(page)
            progress(what, done)


def _json(value: Any) -> bytes:  # noqa: ANN401  any JSON value
    return msgspec.json.encode(value)
