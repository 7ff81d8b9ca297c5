"""A line made from stored bytes says what the event says, whatever version the bytes have."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest

from domain.envelope import RecordedEvent
from domain.events import EVENTS
from domain.log_entry import LogEntry
from infra.log.errors import EventUnreadable
from infra.log.mapper import event_of
from projections.audit_trail import lines
from projections.columns import in_microseconds
from projections.lines import REPORT, TOPICS, line_of
from projections.occurrence import data_of
from tests.golden.freeze import FOLDER, frozen_bytes, golden
from tests.projections.event_examples import AT

STREAM = UUID("01a20000-0000-7000-8000-000000000001")
FROZEN = sorted(path for path in FOLDER.iterdir() if path.name.partition(".")[0] in TOPICS)


def an_entry(topic: str, state: bytes) -> LogEntry:
    return LogEntry(
        position=7,
        stream_id=STREAM,
        version=3,
        topic=topic,
        recorded_at=AT,
        state=state,
        decode=event_of,
    )


def frozen(path: Path) -> LogEntry:
    return an_entry(path.name.partition(".")[0], frozen_bytes(path))


def plain_values(event: RecordedEvent) -> dict[str, Any]:
    values: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(data_of(event)))
    return values


def named(line: tuple[Any, ...]) -> dict[str, Any]:
    return dict(zip([column.name for column in lines.columns], line, strict=True))


def test_every_topic_has_a_kind() -> None:
    assert set(EVENTS) == TOPICS


@pytest.mark.parametrize("path", FROZEN, ids=lambda path: path.stem)
def test_a_line_says_what_the_event_says(path: Path) -> None:
    entry = frozen(path)
    event = entry.event
    line = named(line_of(frozen(path)))
    assert msgspec.json.decode(line.pop("data")) == plain_values(event)
    referral_id = getattr(event, "referral_id", None)
    kind = line["kind"]
    assert line == {
        "position": 7,
        "kind": kind,
        "issue_id": str(STREAM) if kind == "issue" else None,
        "report_id": str(STREAM) if kind == REPORT else None,
        "referral_id": str(referral_id) if referral_id else None,
        "version": 3,
        "topic": entry.topic,
        "event_id": str(event.event_id),
        "causation_id": str(event.causation_id),
        "occurred_at": in_microseconds(event.occurred_at),
        "recorded_at": in_microseconds(AT),
        "user_id": event.actor.user_id,
        "agency_id": event.actor.agency_id,
        "role": event.actor.role.value,
        "registering_agency": event.registering_agency,
    }


def test_whom_it_was_done_for_is_told() -> None:
    state = frozen_bytes(golden("NoteAdded", 1)).replace(
        b'"on_behalf_of":null', '"on_behalf_of":"åklagare"'.encode()
    )
    entry = an_entry("NoteAdded", state)
    told = msgspec.json.decode(named(line_of(entry))["data"])
    assert told["on_behalf_of"] == "åklagare"
    assert told == plain_values(entry.event)


def _cut(state: bytes) -> bytes:
    return state[:-1]


def _without_data(state: bytes) -> bytes:
    return state[: state.index(b'"data":')] + b'"data":5}'


def _without_time(state: bytes) -> bytes:
    return state.replace(b'"occurred_at":"2', b'"occurred_at":"x2')


def _of_a_later_program(state: bytes) -> bytes:
    return state.replace(b'"schema_version":1', b'"schema_version":9')


@pytest.mark.parametrize("damage", [_cut, _without_data, _without_time, _of_a_later_program])
def test_damaged_bytes_are_refused_by_name(damage: Callable[[bytes], bytes]) -> None:
    state = frozen_bytes(golden("NoteAdded", 1))
    assert damage(state) != state
    with pytest.raises(EventUnreadable, match="NoteAdded"):
        line_of(an_entry("NoteAdded", damage(state)))
