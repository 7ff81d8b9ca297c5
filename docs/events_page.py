"""The page of all events: stream, version, meaning, fields and the commands that cause each."""

import dataclasses
import inspect
from collections.abc import Iterator
from typing import get_type_hints

from docs.causes import CATALOGUE, causes_of
from docs.field_words import table, type_words
from domain.access_review import AccessReview
from domain.directory import Directory
from domain.envelope import RecordedEvent
from domain.issue import Issue
from domain.report import Report

STREAMS: tuple[tuple[str, type[RecordedEvent]], ...] = (
    ("report", Report.Event),
    ("issue", Issue.Event),
    ("directory", Directory.Event),
    ("access review", AccessReview.Event),
)
LIBRARY = {"originator_id", "originator_version", "originator_topic", "timestamp"}
ENVELOPE = {
    "event_id": "this event; corrections and disputes refer to it",
    "occurred_at": "when it happened; `recorded_at`, the server's clock, is a column of its own",
    "actor": "user, agency and role",
    "on_behalf_of": "for whom, where that is somebody else",
    "registering_agency": "whose record it is (OSL 5:1)",
    "layer": "A: shared, no personal data",
    "secrecy": "empty in layer A",
    "causation_id": "the command; of what takes an event back, that event",
    "correlation_id": "the report or issue",
    "confirmed_not_personal": "what its text looks like and, by the user's word, is not",
}
INTRODUCTION = """\
# Events

Everything that can have happened. An event is never changed or deleted: a mistake is corrected
by another event. Stored as JSON under its fixed topic; the bytes of every version are frozen in
`tests/golden/events/`. A changed event gets a higher schema version and an upcast that mends old
data when it is read; stored bytes stay.

Generated (`make docs`) from `domain/`. `grep` an event's name to see its whole life.
"""


def events_page() -> str:
    """The text of docs/events.md."""
    lines = [INTRODUCTION, "## Envelope", "", "Every event has these besides its own fields:", ""]
    hints = get_type_hints(RecordedEvent)
    lines += table(
        ["field", "what", "meaning"],
        ([f"`{name}`", type_words(hints[name]), said] for name, said in ENVELOPE.items()),
    )
    for stream, kind in STREAMS:
        lines += ["", f"## Stream: {stream}"]
        for event in CATALOGUE:
            if issubclass(event, kind):
                lines += ["", *_section(event)]
    return "\n".join([*lines, ""])


def own_fields(event: type[RecordedEvent]) -> list[str]:
    """The fields of an event besides the envelope, in their order."""
    apart = LIBRARY | ENVELOPE.keys()
    return [each.name for each in dataclasses.fields(event) if each.name not in apart]


def _section(event: type[RecordedEvent]) -> Iterator[str]:
    hints = get_type_hints(event)
    yield f"### {event.__name__}"
    yield ""
    yield " ".join((inspect.getdoc(event) or "").split())
    yield ""
    yield f"- schema version: {event.schema_version}"
    causes = (f"[{name}](commands.md#{name.lower()})" for name in causes_of(event))
    yield f"- caused by: {', '.join(causes)}"
    fields = own_fields(event)
    if fields:
        yield ""
        yield from table(["field", "what"], ([f"`{n}`", type_words(hints[n])] for n in fields))
