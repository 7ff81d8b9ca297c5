"""A leaf is made of stored bytes only, in one form, and gives nothing away that is closed."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from domain.log_entry import LogEntry
from infra.audit.leaf import NoLeaf, leaf_of, link_entry, payload_of
from infra.log.mapper import event_of

STREAM = UUID("0199f2bf-0000-7000-8000-000000000001")
GOLDEN = sorted((Path(__file__).parents[2] / "golden" / "events").glob("*.json"))


def entry(state: bytes, topic: str = "ReferralDeclined") -> LogEntry:
    return LogEntry(
        position=4,
        stream_id=STREAM,
        version=7,
        topic=topic,
        recorded_at=datetime(2026, 1, 13, 13, 20, 2, 123456, UTC),
        state=state,
        decode=event_of,
    )


def state(**changed: object) -> bytes:
    known = {
        "event_id": "01a20000-0000-7000-8000-000000000002",
        "actor": {"user_id": "anna", "agency_id": "social", "role": "caseworker"},
        "registering_agency": "social",
        "layer": "A",
        "salt": "000102030405060708090a0b0c0d0e0f",
        "data": {"words": "hemligt"},
    }
    return json.dumps({**known, **changed}).encode()


def test_the_bytes_of_a_leaf() -> None:
    leaf = leaf_of(entry(state()))
    payload = hashlib.sha256(b"\x02" + state()).hexdigest()
    assert (
        leaf.entry
        == (
            '{"agency":"social","at":"2026-01-13T13:20:02.123456Z",'
            '"event":"01a20000-0000-7000-8000-000000000002","n":7,'
            f'"payload":"{payload}","stream":"{STREAM}","type":"ReferralDeclined","v":1}}'
        ).encode()
    )
    assert (leaf.position, leaf.year) == (4, 2026)
    assert leaf.event_id == UUID("01a20000-0000-7000-8000-000000000002")


def test_what_is_closed_says_not_whose_it_is() -> None:
    leaf = leaf_of(entry(state(layer="B")))
    assert json.loads(leaf.entry).keys() == {"at", "event", "payload", "v"}
    assert b"social" not in leaf.entry
    assert str(STREAM).encode() not in leaf.entry


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_every_event_ever_written_has_a_leaf(path: Path) -> None:
    stored = path.read_bytes().strip()
    leaf = leaf_of(entry(stored, path.stem.partition(".")[0]))
    told = json.loads(leaf.entry)
    canonical = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert leaf.entry == canonical.encode()
    assert told["payload"] == payload_of(stored)
    assert told["event"] == json.loads(stored)["event_id"]
    for person in ("u-pol-01", "Fritext"):
        assert person.encode() not in leaf.entry


def test_a_salt_hides_what_could_be_guessed() -> None:
    assert payload_of(state(salt="0" * 32)) != payload_of(state(salt="1" * 32))
    for salt in ("", "00"):
        with pytest.raises(NoLeaf, match="no salt"):
            leaf_of(entry(state(salt=salt)))


@pytest.mark.parametrize("stored", [b"", b"{}", b'{"erased_by":"x"}', b"\xff"])
def test_what_is_no_event_has_no_leaf(stored: bytes) -> None:
    with pytest.raises(NoLeaf, match="position 4"):
        leaf_of(entry(stored))


def test_names_keep_their_letters() -> None:
    leaf = leaf_of(entry(state(registering_agency='förvaltning "é"')))
    assert json.loads(leaf.entry)["agency"] == 'förvaltning "é"'
    assert '"agency":"förvaltning \\"é\\""'.encode() in leaf.entry


def test_a_leaf_depends_on_the_stored_bytes_and_their_place_only() -> None:
    first = entry(state())
    again = replace(first, known="something else")
    assert leaf_of(first) == leaf_of(again)


def test_the_link_of_a_year_names_the_last_checkpoint() -> None:
    assert link_entry("audit.example/issues/2026", 3, bytes(32)) == (
        b'{"previous":{"origin":"audit.example/issues/2026","root":"'
        + b"0" * 64
        + b'","size":3},"v":1}'
    )
