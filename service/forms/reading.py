"""Reads what was typed in a form into a command, all bad fields at once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any, get_args, get_origin
from uuid import UUID

from domain.agencies import Agencies
from domain.command import Command, check_text, text_fields
from domain.refusals import Problems
from domain.values import Place, PlacePrecision
from domain.working_days import LOCAL_ZONE
from service.reading import hints_of, read_fields, take_apart

Typed = Mapping[str, Sequence[str]]
Given = Mapping[str, UUID | Sequence[UUID]]
FindIssue = Callable[[str], UUID | None]


def read_form(
    command: type[Command],
    typed: Typed,
    given: Given,
    agencies: Agencies,
    find_issue: FindIssue,
) -> Command:
    """The command as typed; `given` is what the path says and no form may change.

    `find_issue` turns an issue number that a person wrote into its id.

    Raises:
        Invalid: with every bad field.
    """
    hints = hints_of(command)
    problems = Problems()
    told: dict[str, object] = {}
    for field in fields(command):
        name = field.name
        if name in given:
            told[name] = _as_text(given[name])
        elif name == "into_issue_id" and _first(typed, name):
            told[name] = _issue(_first(typed, name), name, find_issue, problems)
        elif (value := _told(name, take_apart(hints[name]).kind, typed, agencies)) is not None:
            told[name] = value
    reading = read_fields(command, told, from_text=True)
    known = {error.field for error in problems}
    for error in reading.errors:
        if error.field not in known:
            problems.errors.append(error)
    if problems.errors:
        # The command cannot be put together and so not be asked: its texts are looked at here.
        _check_texts(command, reading.values, problems)
    problems.raise_any()
    values: dict[str, Any] = reading.values
    return command(**values)


def _as_text(given: UUID | Sequence[UUID]) -> object:
    return str(given) if isinstance(given, UUID) else [str(each) for each in given]


def _told(name: str, kind: object, typed: Typed, agencies: Agencies) -> object:
    """What the form says of a field, None if nothing."""
    if kind is Place:
        return _place(typed, agencies)
    texts = [text.strip() for text in typed.get(name, ()) if text.strip()]
    if not texts:
        return None
    if get_origin(kind) is tuple:
        return [_plain(text, get_args(kind)[0]) for text in texts]
    return _plain(texts[0], kind)


def _check_texts(command: type[Command], values: Mapping[str, object], problems: Problems) -> None:
    for name, limit in text_fields(command).items():
        text = values.get(name)
        if isinstance(text, str):
            check_text(name, limit, text, problems, not_personal=bool(values.get("not_personal")))


def _issue(number: str, name: str, find_issue: FindIssue, problems: Problems) -> str:
    found = find_issue(number.upper())
    if found is None:
        problems.add(
            name,
            "no_such_issue",
            "Det finns inget ärende med det numret. Skriv som TIC-2026-00042.",
            "There is no issue with that number. Write like TIC-2026-00042.",
        )
    return str(found or "")


def _plain(text: str, kind: object) -> object:
    """A local time gets its zone, a ticked box is true; everything else is read as it stands."""
    if kind is bool:
        return "true"
    if kind is datetime:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            return text
        local = moment if moment.tzinfo else moment.replace(tzinfo=LOCAL_ZONE)
        return local.astimezone(UTC).isoformat()
    return text


def _place(typed: Typed, agencies: Agencies) -> dict[str, object] | None:
    """A place in words or at a phone's position; else a named one from the list."""
    named = agencies.places.get(_first(typed, "place"))
    words = _first(typed, "place_name")
    lat, lon = _first(typed, "place_lat"), _first(typed, "place_lon")
    if words or (named is None and lat and lon):
        place: dict[str, object] = {"name": words or f"{lat}, {lon}"}
        if lat and lon:
            place |= {"lat": lat, "lon": lon, "precision": PlacePrecision.EXACT.value}
        return place
    if named is None:
        return None
    return {
        "name": named.name,
        "place_id": named.place_id,
        "lat": str(named.lat),
        "lon": str(named.lon),
    }


def _first(typed: Typed, name: str) -> str:
    values = typed.get(name, ())
    return values[0].strip() if values else ""
