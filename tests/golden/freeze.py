"""Freezes the stored bytes of every event once: `python -m tests.golden.freeze` adds what lacks.

A frozen file is never written again: a changed event gets a higher `schema_version`, an upcast
and a file of its own; old files stay, because such bytes lie in logs.
"""

from pathlib import Path
from typing import Any
from uuid import UUID

from domain.events import EVENTS
from infra.log.mapper import EventMapper
from tests.projections.event_examples import an_event

FOLDER = Path(__file__).parent / "events"
SALT = "000102030405060708090a0b0c0d0e0f"
MAPPER = EventMapper(salt=lambda: SALT)
ENVELOPE: dict[str, Any] = {
    "event_id": UUID("01a20000-0000-7000-8000-000000000002"),
    "on_behalf_of": None,
    "registering_agency": "district",
    "layer": "A",
    "secrecy": None,
    "causation_id": UUID("01a20000-0000-7000-8000-000000000003"),
    "correlation_id": UUID("01a20000-0000-7000-8000-000000000001"),
}


def golden(topic: str, schema_version: int) -> Path:
    """Where the bytes of an event in one of its versions are frozen."""
    return FOLDER / f"{topic}.v{schema_version}.json"


def frozen_bytes(path: Path) -> bytes:
    """The bytes as they lie in the log; the file ends its line besides."""
    return path.read_bytes().removesuffix(b"\n")


def freeze() -> list[Path]:
    """Write the files that lack; gives them."""
    FOLDER.mkdir(exist_ok=True)
    lacking = [
        (topic, path)
        for topic, event_class in EVENTS.items()
        if not (path := golden(topic, event_class.schema_version)).exists()
    ]
    for topic, path in lacking:
        path.write_bytes(MAPPER.to_stored_event(an_event(topic, **ENVELOPE)).state + b"\n")
    return [path for _, path in lacking]


if __name__ == "__main__":
    for written in freeze():
        print(f"froze {written.name}")  # noqa: T201  what it did is its result
