"""Events become the same bytes for ever and are read back typed, or refused with a clear word."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, ClassVar
from uuid import UUID

import pytest
from eventsourcing.domain import Aggregate
from eventsourcing.persistence import StoredEvent
from eventsourcing.utils import register_topic
from hypothesis import given
from hypothesis import strategies as st

from infra.log.errors import EventUnreadable
from infra.log.mapper import EventMapper
from infra.log.stored import TimedEvent
from tests.infra.ledger import CASEWORKER, Colour, Ledger, LedgerBegun, Margin, WordNoted

STREAM = UUID("01a20000-0000-7000-8000-000000000001")
AT = datetime(2026, 1, 13, 12, 0, 0, 123456, tzinfo=UTC)
FIELDS: dict[str, Any] = {
    "originator_id": STREAM,
    "originator_version": 2,
    "timestamp": AT,
    "event_id": UUID("01a20000-0000-7000-8000-000000000002"),
    "occurred_at": AT,
    "actor": CASEWORKER,
    "on_behalf_of": None,
    "registering_agency": "social",
    "layer": "A",
    "secrecy": None,
    "causation_id": UUID("01a20000-0000-7000-8000-000000000003"),
    "correlation_id": UUID("01a20000-0000-7000-8000-000000000004"),
    "confirmed_not_personal": ("phone",),
    "word": "hör av er",
    "colour": Colour.RED,
    "margins": (Margin(width=1.5, note=None),),
    "seen_at": AT,
}
GOLDEN = (
    '{"event_id":"01a20000-0000-7000-8000-000000000002","schema_version":1,'
    '"occurred_at":"2026-01-13T12:00:00.123456Z",'
    '"actor":{"user_id":"anna","agency_id":"social","role":"caseworker"},'
    '"on_behalf_of":null,"registering_agency":"social","layer":"A","secrecy":null,'
    '"causation_id":"01a20000-0000-7000-8000-000000000003",'
    '"correlation_id":"01a20000-0000-7000-8000-000000000004",'
    '"confirmed_not_personal":["phone"],"salt":"000102030405060708090a0b0c0d0e0f",'
    '"data":{"word":"hör av er","colour":"red","margins":[{"width":1.5,"note":null}],'
    '"seen_at":"2026-01-13T12:00:00.123456Z"}}'
).encode()
NOTED = WordNoted(**FIELDS)
MAPPER = EventMapper(salt=lambda: "000102030405060708090a0b0c0d0e0f")


class Grown(Ledger.Event):
    """An event whose fields changed twice since version 1."""

    TOPIC = "Grown"
    schema_version: ClassVar[int] = 3
    full_name: str
    born: datetime
    colour: Colour = Colour.BLUE

    @staticmethod
    def upcast_v1_v2(data: dict[str, Any]) -> None:
        """Two names became one."""
        data["full_name"] = f"{data.pop('first')} {data.pop('last')}"

    @staticmethod
    def upcast_v2_v3(data: dict[str, Any]) -> None:
        """The year became a time."""
        data["born"] = f"{data.pop('year')}-01-01T00:00:00Z"


register_topic(Grown.TOPIC, Grown)


@dataclass(frozen=True)
class Bare:
    """Not an event at all."""


register_topic("Bare", Bare)


def noted(**changed: Any) -> WordNoted:
    return WordNoted(**{**FIELDS, **changed})


def stored(topic: str, state: bytes) -> TimedEvent:
    return TimedEvent(STREAM, 2, topic, state, MAPPER.to_stored_event(NOTED).recorded_at)


def grown(data: str, schema_version: int) -> TimedEvent:
    envelope = GOLDEN[: GOLDEN.index(b'"data":')].replace(
        b'"schema_version":1', f'"schema_version":{schema_version}'.encode()
    )
    return stored("Grown", envelope + f'"data":{data}}}'.encode())


def test_bytes_are_the_golden_ones() -> None:
    event = MAPPER.to_stored_event(NOTED)
    assert event.state == GOLDEN
    assert (event.originator_id, event.originator_version, event.topic) == (STREAM, 2, "WordNoted")
    assert event.recorded_at == 1_768_305_600_123_456


def test_golden_bytes_give_the_event() -> None:
    assert MAPPER.to_domain_event(stored("WordNoted", GOLDEN)) == NOTED


def test_other_zones_are_stored_in_utc() -> None:
    stockholm = AT.astimezone(timezone(timedelta(hours=1)))
    event = noted(occurred_at=stockholm, timestamp=stockholm)
    assert MAPPER.to_stored_event(event) == MAPPER.to_stored_event(NOTED)


def test_time_without_zone_is_refused() -> None:
    with pytest.raises(TypeError):
        MAPPER.to_stored_event(noted(timestamp=datetime(2026, 1, 1)))  # noqa: DTZ001  the mistake to refuse


def test_each_salt_is_new() -> None:
    mapper = EventMapper()
    states = {mapper.to_stored_event(NOTED).state for _ in range(3)}
    assert len(states) == 3
    assert len(mapper.to_stored_event(NOTED).state) == len(GOLDEN)


def test_first_event_knows_its_aggregate_without_storing_it() -> None:
    begun = Ledger.begin("a").collect_events()[0]
    event = MAPPER.to_stored_event(begun)
    assert b"ledger:Ledger" not in event.state
    assert MAPPER.to_domain_event(event) == begun
    assert isinstance(begun, LedgerBegun)


def test_old_versions_are_mended_step_by_step() -> None:
    first = MAPPER.to_domain_event(grown('{"first":"Eva","last":"Ek","year":1970}', 1))
    second = MAPPER.to_domain_event(grown('{"full_name":"Eva Ek","year":1970}', 2))
    third = MAPPER.to_domain_event(grown('{"full_name":"Eva Ek","born":"1970-01-01T00:00:00Z"}', 3))
    assert first == second == third
    assert isinstance(first, Grown)
    assert (first.full_name, first.born.year, first.colour) == ("Eva Ek", 1970, Colour.BLUE)
    assert b'"schema_version":3' in MAPPER.to_stored_event(first).state


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (grown("{}", 4), "schema version 4, this program knows 1 to 3"),
        (grown("{}", 0), "schema version 0"),
        (grown('{"first":"Eva"}', 1), "last"),
        (grown('{"full_name":"Eva","born":"1970-01-01T00:00:00"}', 3), "born"),
        (stored("WordNoted", GOLDEN.replace(b'"red"', b'"green"')), "green"),
        (stored("WordNoted", GOLDEN.replace(b'"word"', b'"wurd"')), "wurd"),
        (stored("WordNoted", GOLDEN.replace(b"Z", b"", 1)), "occurred_at"),
        (stored("WordNoted", GOLDEN[:-1]), "truncated"),
        (stored("WordNoted", b'{"erased_by":"x"}'), "schema_version"),
        (stored("WordNoted", b"\xff"), ""),
        (stored("NeverHeardOf", GOLDEN), "NeverHeardOf"),
        (stored("Bare", GOLDEN), "not an event"),
        (StoredEvent(STREAM, 2, "WordNoted", GOLDEN), "no time of recording"),
    ],
)
def test_unreadable_event_is_named(event: StoredEvent, why: str) -> None:
    with pytest.raises(EventUnreadable) as refused:
        MAPPER.to_domain_event(event)
    message = str(refused.value)
    assert f"{event.topic} at version 2 of stream {STREAM}" in message
    assert why in message


def test_event_class_without_envelope_is_refused() -> None:
    class Loose(Aggregate.Event):
        TOPIC = "Loose"

    with pytest.raises(TypeError, match="Loose lacks event_id"):
        MAPPER.to_stored_event(Loose(originator_id=STREAM, originator_version=1, timestamp=AT))


@given(st.binary())
def test_any_bytes_are_read_or_refused(state: bytes) -> None:
    for topic in ("WordNoted", "Grown"):
        with pytest.raises(EventUnreadable):
            MAPPER.to_domain_event(stored(topic, state))


@given(at=st.integers(0, len(GOLDEN) - 1), new=st.binary(max_size=3), cut=st.integers(0, 3))
def test_damaged_bytes_are_read_or_refused(at: int, new: bytes, cut: int) -> None:
    for topic in ("WordNoted", "Grown"):
        damaged = stored(topic, GOLDEN[:at] + new + GOLDEN[at + cut :])
        try:
            event = MAPPER.to_domain_event(damaged)
        except EventUnreadable:
            continue
        assert isinstance(event, WordNoted)


texts = st.text(st.characters(exclude_categories=["Cs"]))


@given(
    word=texts,
    margins=st.lists(st.builds(Margin, width=st.floats(allow_nan=False, allow_infinity=False))),
    seen_at=st.none() | st.datetimes(timezones=st.just(UTC)),
    recorded_at=st.datetimes(timezones=st.just(UTC)),
)
def test_what_goes_in_comes_out(
    word: str, margins: list[Margin], seen_at: datetime | None, recorded_at: datetime
) -> None:
    event = noted(word=word, margins=tuple(margins), seen_at=seen_at, timestamp=recorded_at)
    assert MAPPER.to_domain_event(MAPPER.to_stored_event(event)) == event
