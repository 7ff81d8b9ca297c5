"""What is made of stored rows in bulk is what `leaf_of` makes of each event, or nothing at all."""

import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from infra.audit.leaf import NoLeaf, leaf_of
from infra.audit.made import made_of
from infra.database import microseconds
from infra.log.casework import Casework
from infra.log.rows import PAGE, EventRow, entry_of, event_rows
from tests.infra.audit.sealing import append

GOLDEN = sorted((Path(__file__).parents[2] / "golden" / "events").glob("*.json"))
STREAM = "0199f2bf-0000-7000-8000-000000000001"
FIRST, LAST = (
    microseconds(at.replace(tzinfo=UTC))
    for at in (datetime(1, 1, 1), datetime(9999, 12, 31))  # noqa: DTZ001  zoned beside
)


def a_row(state: bytes, topic: str = "ReferralDeclined", version: int = 7, at: int = 5) -> EventRow:
    return 4, STREAM, version, topic, at, state


def a_state(**changed: object) -> bytes:
    known = {
        "event_id": "01a20000-0000-7000-8000-000000000002",
        "registering_agency": "social",
        "layer": "A",
        "salt": "0" * 32,
    }
    return json.dumps({**known, **changed}).encode()


@given(
    st.text(),
    st.text(),
    st.sampled_from(["A", "B", ""]),
    st.integers(-(2**31), 2**31 - 1),
    st.integers(FIRST, LAST),
)
def test_the_same_as_made_one_by_one(
    agency: str, topic: str, layer: str, version: int, at: int
) -> None:
    row = a_row(a_state(registering_agency=agency, layer=layer), topic, version, at)
    ((position, event_id, entry, when, kept),) = made_of([row])
    leaf = leaf_of(entry_of(row))
    assert (position, UUID(event_id), entry) == (leaf.position, leaf.event_id, leaf.entry)
    assert (when, kept) == (at, row)


def test_the_same_of_every_kind_of_event() -> None:
    assert GOLDEN
    for row in [a_row(file.read_bytes().strip(), file.stem) for file in GOLDEN]:
        ((_, event_id, entry, *_),) = made_of([row])
        leaf = leaf_of(entry_of(row))
        assert (event_id, entry) == (str(leaf.event_id), leaf.entry)


@pytest.mark.parametrize(
    "state",
    [b"", b"{}", b"\xff", a_state(salt="short"), a_state(layer=1), b'{"erased_by":"x"}'],
)
def test_nothing_of_what_is_no_event(state: bytes) -> None:
    row = a_row(state)
    ((_, event_id, entry, *_),) = made_of([row])
    assert (event_id, entry) == ("", b"")
    with pytest.raises(NoLeaf):
        leaf_of(entry_of(row))


def test_nothing_of_a_time_of_no_year() -> None:
    row = a_row(a_state(), at=2**63 - 1)
    ((_, event_id, entry, *_),) = made_of([row])
    assert (event_id, entry) == ("", b"")
    # Whoever looks closely sees the last moment there is: the entry was dated otherwise.
    assert entry_of(row).recorded_at.year == 9999


def test_rows_are_those_of_the_log(engine: Engine, casework: Casework) -> None:
    append(casework, 3)
    append(casework, 2, layer="B")
    with engine.begin() as db:  # a hole, however wide, is nothing
        db.execute(text("UPDATE events SET position = 4000000000000 WHERE position = 5"))
    pages = list(event_rows(engine, 0, casework.head()))
    assert [len(page) for page in pages] == [5]
    found = list(made_of(pages[0]))
    expected = [leaf_of(each) for each in casework.read(0, PAGE)]
    assert [(made[0], made[2]) for made in found] == [(e.position, e.entry) for e in expected]
    assert [made[1] for made in found] == [str(each.event_id) for each in expected]
