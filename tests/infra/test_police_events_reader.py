"""The police's notices are read in every form they are kept in, and what cannot be is told."""

import gzip
import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from domain.codes import TimePrecision
from infra.sources.police_events import PoliceEvent, read_police_events
from infra.sources.police_names import OccurredBasis
from infra.sources.unreadable import Reason, SourceError, Unreadable


def a_notice(**changed: Any) -> dict[str, Any]:
    return {
        "id": 376321,
        "datetime": "2022-10-16 6:13:32 +02:00",
        "name": "16 oktober 03:25, Mord/dråp, försök, Göteborg",
        "summary": "En bil brinner på Karl Johansgatan.",
        "url": "/aktuellt/handelser/2022/oktober/16/",
        "type": "Mord/dråp, försök",
        "location": {"gps": "57.70887,11.97456", "name": "Göteborg"},
    } | changed


def read(path: Path) -> list[PoliceEvent | Unreadable]:
    return list(read_police_events(path))


def read_one(tmp_path: Path, **changed: Any) -> PoliceEvent:
    path = tmp_path / "one.jsonl"
    path.write_text(json.dumps(a_notice(**changed)) + "\n", encoding="utf-8")
    (event,) = read(path)
    assert isinstance(event, PoliceEvent)
    return event


def reasons(rows: list[PoliceEvent | Unreadable]) -> list[tuple[int, Reason]]:
    return [(row.line, row.reason) for row in rows if isinstance(row, Unreadable)]


def test_every_field_of_a_notice_is_read(tmp_path: Path) -> None:
    event = read_one(tmp_path)
    assert event == PoliceEvent(
        external_id="376321",
        published_at=datetime(2022, 10, 16, 4, 13, 32, tzinfo=UTC),
        occurred_at=datetime(2022, 10, 16, 1, 25, tzinfo=UTC),
        occurred_precision=TimePrecision.EXACT,
        occurred_basis=OccurredBasis.NAME,
        type="Mord/dråp, försök",
        place_name="Göteborg",
        lat=57.70887,
        lon=11.97456,
        title="16 oktober 03:25, Mord/dråp, försök, Göteborg",
        summary="En bil brinner på Karl Johansgatan.",
        url="/aktuellt/handelser/2022/oktober/16/",
        seen_at=None,
        content_hash=event.content_hash,
        line=1,
    )


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["no mark", "byte order mark"])
def test_form_is_told_by_content_not_by_name(tmp_path: Path, pack: Any, mark: bytes) -> None:
    lines = "\n".join(json.dumps(a_notice(id=number)) for number in (1, 2)) + "\n\n"
    array = json.dumps([a_notice(id=1), a_notice(id=2)], indent=1)
    revisions = json.dumps(
        {"id": 1, "versions": [{"seen_at": None, "event": a_notice(id=n)} for n in (1, 2)]}
    )
    for text in (lines, array, revisions):
        path = tmp_path / "any.name"
        path.write_bytes(pack(mark + text.encode()))
        ids = [row.external_id for row in read(path) if isinstance(row, PoliceEvent)]
        assert ids == ["1", "2"]


def test_versions_keep_their_order_and_when_each_was_seen(tmp_path: Path) -> None:
    versions = [
        {"seen_at": "2023-03-27T09:22:55+00:00", "event": a_notice(summary="Tra fordon")},
        {"seen_at": "2023-03-27T10:26:24+00:00", "event": a_notice(summary="Tre fordon")},
    ]
    path = tmp_path / "revisions.jsonl"
    path.write_text(json.dumps({"id": 376321, "versions": versions}), encoding="utf-8")
    first, second = read(path)
    assert isinstance(first, PoliceEvent)
    assert isinstance(second, PoliceEvent)
    assert (first.summary, second.summary) == ("Tra fordon", "Tre fordon")
    assert first.seen_at == datetime(2023, 3, 27, 9, 22, 55, tzinfo=UTC)
    assert second.seen_at == datetime(2023, 3, 27, 10, 26, 24, tzinfo=UTC)
    assert first.content_hash != second.content_hash


def test_snapshot_is_seen_when_its_name_says(tmp_path: Path) -> None:
    path = tmp_path / "events_20240616T042538Z.json.gz"
    path.write_bytes(gzip.compress(json.dumps([a_notice()]).encode()))
    (event,) = read(path)
    assert isinstance(event, PoliceEvent)
    assert event.seen_at == datetime(2024, 6, 16, 4, 25, 38, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("2022-10-16 6:13:32 +02:00", (2022, 10, 16, 4, 13, 32)),
        ("2022-01-16 16:13:32 +01:00", (2022, 1, 16, 15, 13, 32)),
        ("2022-10-16T06:13:32+0200", (2022, 10, 16, 4, 13, 32)),
        ("2022-10-16T04:13:32Z", (2022, 10, 16, 4, 13, 32)),
        ("2022-10-16T04:13:32.125Z", (2022, 10, 16, 4, 13, 32, 125000)),
        ("2022-10-16 06:13", (2022, 10, 16, 4, 13)),  # no zone: Swedish clocks
        ("2022-01-16 06.13", (2022, 1, 16, 5, 13)),
    ],
)
def test_publication_is_read_in_its_spellings(
    tmp_path: Path, written: str, utc: tuple[int, ...]
) -> None:
    event = read_one(tmp_path, datetime=written)
    assert event.published_at == datetime(*utc, tzinfo=UTC)  # type: ignore[misc, arg-type]  # mypy takes the star for tzinfo


NAME, DATE = OccurredBasis.NAME, OccurredBasis.NAME_DATE
AFTER, NOT_IN = OccurredBasis.AFTER_PUBLICATION, OccurredBasis.NOT_IN_NAME


@pytest.mark.parametrize(
    ("published", "name", "occurred", "basis"),
    [
        ("2024-06-16 02:10:00 +02:00", "16 juni 01.52, Brand", "2024-06-15T23:52Z", NAME),
        ("2024-06-16 02:10:00 +02:00", "16 Juni kl. 1.52, Brand", "2024-06-15T23:52Z", NAME),
        ("2024-06-16 02:10:00 +02:00", "16 jun 2023 01:52 Brand", "2023-06-15T23:52Z", NAME),
        ("2024-06-16 02:10:00 +02:00", "2024-06-16 01:52, Brand", "2024-06-15T23:52Z", NAME),
        # turn of the year: by the Swedish calendar, not by UTC
        ("2023-01-02 07:00:00 +01:00", "31 december 23:10, Brand", "2022-12-31T22:10Z", NAME),
        ("2023-01-01 00:30:00 +01:00", "31 december 23:10, Brand", "2022-12-31T22:10Z", NAME),
        ("2023-12-01 12:00:00 +01:00", "01 mars 12:00, Brand", "2023-03-01T11:00Z", NAME),
        ("2024-12-31 23:00:00 +01:00", "01 januari 01.00, Brand", "2024-12-31T22:00Z", AFTER),
        ("2025-01-01 09:00:00 +01:00", "29 februari 08.00, Brand", "2024-02-29T07:00Z", NAME),
        # named after it was published: a slip, or an announcement
        ("2024-05-18 06:30:00 +02:00", "18 maj 23.40, Brand", "2024-05-18T04:30Z", AFTER),
        ("2024-06-13 05:56:19 +02:00", "17 juni 07.00, Övrigt", "2024-06-13T03:56:19Z", AFTER),
        # the hour that is skipped, and the one that comes twice
        ("2023-03-26 09:00:00 +02:00", "26 mars 02:30, Brand", "2023-03-26T01:30Z", NAME),
        ("2023-10-29 09:00:00 +01:00", "29 oktober 02:30, Brand", "2023-10-29T00:30Z", NAME),
        # less than a day and a clock
        ("2024-06-16 02:10:00 +02:00", "15 juni, Brand, Lund", "2024-06-14T22:00Z", DATE),
        ("2024-06-16 02:10:00 +02:00", "15 juni 25.10, Brand", "2024-06-14T22:00Z", DATE),
        ("2024-06-16 02:10:00 +02:00", "31 juni 10.00, Brand", "2024-06-16T00:10Z", NOT_IN),
        ("2024-06-16 02:10:00 +02:00", "Brand, Lund", "2024-06-16T00:10Z", NOT_IN),
        ("2024-06-16 02:10:00 +02:00", "", "2024-06-16T00:10Z", NOT_IN),
        ("2024-06-16 02:10:00 +02:00", None, "2024-06-16T00:10Z", NOT_IN),
    ],
)
def test_time_of_the_event_is_read_from_the_headline(
    tmp_path: Path, published: str, name: str | None, occurred: str, basis: OccurredBasis
) -> None:
    event = read_one(tmp_path, datetime=published, name=name)
    assert event.occurred_at == datetime.fromisoformat(occurred)
    assert event.occurred_basis == basis
    assert (event.occurred_precision is TimePrecision.EXACT) == (basis is NAME)


@pytest.mark.parametrize(
    ("changed", "field", "value"),
    [
        ({"id": " 12 "}, "external_id", "12"),
        ({"id": 12.0}, "external_id", "12"),
        ({"type": None}, "type", "Mord/dråp, försök"),
        ({"type": "", "name": "16 juni 01.52, Brand"}, "type", "Brand"),
        ({"type": "", "name": "", "location": None}, "type", ""),
        ({"location": "Göteborg"}, "place_name", "Göteborg"),
        ({"location": {}}, "place_name", None),
        ({"location": []}, "place_name", None),
        ({"location": {"gps": "0,0"}}, "lat", None),
        ({"location": {"gps": "99,11"}}, "lat", None),
        ({"location": {"gps": "nan,11"}}, "lat", None),
        ({"location": {"gps": "57.7"}}, "lat", None),
        ({"location": {"gps": "57.7, 11.9"}}, "lon", 11.9),
        ({"summary": None}, "summary", ""),
        ({"summary": "a\x00b "}, "summary", "ab"),
        ({"url": "https://polisen.se/x"}, "url", "https://polisen.se/x"),
        ({"url": "javascript:alert(1)"}, "url", None),
    ],
)
def test_what_has_drifted_is_read_as_far_as_it_goes(
    tmp_path: Path, changed: dict[str, Any], field: str, value: object
) -> None:
    assert getattr(read_one(tmp_path, **changed), field) == value


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"id": 1', Reason.NOT_JSON),
        (b"\x00\x01\x02", Reason.NOT_JSON),
        (b"[" * 3, Reason.NOT_JSON),
        (b'{"a":' * 100_000, Reason.NOT_JSON),
        (b'{"id": ' + b"1" * 5000 + b"}", Reason.NOT_JSON),
        (b'"text"', Reason.NOT_AN_EVENT),
        (b"null", Reason.NOT_AN_EVENT),
        (b'{"versions": 3}', Reason.NO_VERSIONS),
        (b'{"versions": ["x"]}', Reason.NOT_AN_EVENT),
        (json.dumps(a_notice(id=None)).encode(), Reason.NO_ID),
        (json.dumps(a_notice(id=True)).encode(), Reason.NO_ID),
        (json.dumps(a_notice(datetime=None)).encode(), Reason.NO_PUBLISHED_TIME),
        (json.dumps(a_notice(datetime="i går")).encode(), Reason.NO_PUBLISHED_TIME),
        (json.dumps(a_notice(datetime="2024-13-01 10:00")).encode(), Reason.NO_PUBLISHED_TIME),
        (
            json.dumps(a_notice(datetime="0001-01-01T00:00+10:00")).encode(),
            Reason.NO_PUBLISHED_TIME,
        ),
        (json.dumps(a_notice(summary="\ud800")).encode(), Reason.BROKEN_TEXT),
        (json.dumps(a_notice(), ensure_ascii=False).encode("latin-1"), Reason.BROKEN_TEXT),
        (b" " * 5_000_000, Reason.TOO_LONG),
    ],
    ids=lambda value: value.name if isinstance(value, Reason) else "",
)
def test_row_that_cannot_be_read_is_told_and_the_rest_goes_in(
    tmp_path: Path, line: bytes, reason: Reason
) -> None:
    good = json.dumps(a_notice()).encode()
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"\n".join([good, b"", line, good]))
    rows = read(path)
    assert reasons(rows) == [(3, reason)]
    assert sum(isinstance(row, PoliceEvent) for row in rows) == 2
    (unreadable,) = (row for row in rows if isinstance(row, Unreadable))
    assert unreadable.file == str(path)
    assert unreadable.code == reason.name.lower()
    assert unreadable.reason_sv
    assert unreadable.reason_en


def test_array_cut_off_gives_what_stands_before(tmp_path: Path) -> None:
    path = tmp_path / "events.json"
    whole = json.dumps([a_notice(id=1), None, a_notice(id=2)])
    path.write_text(whole[:-20], encoding="utf-8")
    rows = read(path)
    assert isinstance(rows[0], PoliceEvent)
    assert reasons(rows) == [(2, Reason.NOT_AN_EVENT), (3, Reason.BROKEN_OFF)]


@pytest.mark.parametrize("text", ["[]", " [ ] ", "", "\n\n"])
def test_empty_file_gives_nothing(tmp_path: Path, text: str) -> None:
    path = tmp_path / "events.json"
    path.write_text(text, encoding="utf-8")
    assert read(path) == []


@pytest.mark.parametrize("field", ["type", "name", "summary"])
def test_hash_tells_a_revision_from_a_repeat(tmp_path: Path, field: str) -> None:
    first = read_one(tmp_path)
    republished = read_one(tmp_path, datetime="2022-10-16 7:00:00 +02:00", url="/elsewhere/")
    revised = read_one(tmp_path, **{field: "Något annat"})
    assert republished.content_hash == first.content_hash
    assert revised.content_hash != first.content_hash


def test_hash_sees_the_place_and_its_centre(tmp_path: Path) -> None:
    places = [{"name": "Mölndal", "gps": "57.7,11.9"}, {"name": "Göteborg", "gps": "57.6,11.9"}]
    hashes = {read_one(tmp_path, location=place).content_hash for place in places}
    assert len(hashes | {read_one(tmp_path).content_hash}) == 3


def test_file_that_is_not_there_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        read(tmp_path / "none.jsonl")
    assert caught.value.sv == "Filen finns inte."
    with pytest.raises(SourceError):
        read(tmp_path)


def test_gzip_cut_off_is_one_clear_error_after_the_rows_before(tmp_path: Path) -> None:
    notices = "\n".join(json.dumps(a_notice(id=number)) for number in range(5000))
    path = tmp_path / "events.jsonl.gz"
    path.write_bytes(gzip.compress(notices.encode())[:-2000])
    rows = read_police_events(path)
    assert isinstance(next(rows), PoliceEvent)
    with pytest.raises(SourceError, match="broken or cut off"):
        list(rows)


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("name", "notices", "versions", "after_publication"),
    [
        ("police_events_2022_2024.jsonl.gz", 45_075, 45_075, 807),
        ("police_event_revisions_2022_2024.jsonl.gz", 1_292, 2_732, 98),
        ("goteborg_2022_2024.json", 947, 947, 2),
    ],
)
def test_every_real_notice_is_read(
    shared_data: Path, name: str, notices: int, versions: int, after_publication: int
) -> None:
    rows = read(shared_data / "police_events" / name)
    assert reasons(rows) == []
    events = [row for row in rows if isinstance(row, PoliceEvent)]
    assert len(events) == versions
    assert len({event.external_id for event in events}) == notices
    basis = Counter(event.occurred_basis for event in events)
    assert basis == {NAME: versions - after_publication, AFTER: after_publication}
    assert all(event.lat and event.lon and event.place_name and event.url for event in events)
    assert all(event.occurred_at <= event.published_at for event in events)


@pytest.mark.shared_data
def test_every_real_snapshot_is_read_with_the_time_it_was_taken(shared_data: Path) -> None:
    paths = sorted((shared_data / "police_events" / "api_snapshots").iterdir())
    for path in paths:
        rows = read(path)
        assert reasons(rows) == []
        assert len(rows) == 500
        (seen,) = {row.seen_at for row in rows if isinstance(row, PoliceEvent)}
        assert seen is not None
        assert f"{seen:%Y%m%dT%H%M%SZ}" in path.name
    assert len(paths) == 9
