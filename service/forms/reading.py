"""Reads what was typed in a form into a command, all bad fields at once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any, get_args, get_origin
from uuid import UUID

from domain.agencies import Agencies
from domain.command import Command
from domain.refusals import Invalid
from domain.values import Place, PlacePrecision
from domain.working_days import LOCAL_ZONE
from service.reading import hints_of, read_fields, take_apart

Typed = Mapping[str, Sequence[str]]
FindIssue = Callable[[str], UUID | None]


def read_form(
    command: type[Command],
    typed: Typed,
    given: Mapping[str, Any],
    agencies: Agencies,
    find_issue: FindIssue,
) -> Command:
    """The command as typed; `given` is what the path says and no form may change.

    `find_issue` turns an issue number that a person wrote into its id.

    Raises:
        Invalid: with every bad field.
    """
    hints = hints_of(command)
    told: dict[str, object] = {
        name: [str(each) for each in value] if isinstance(value, tuple) else str(value)
        for name, value in given.items()
    }
    for field in fields(command):
        name = field.name
        if name in given:
            continue
        kind = take_apart(hints[name]).kind
        texts = [text.strip() for text in typed.get(name, ()) if text.strip()]
        if kind is Place:
            place = _place(typed, agencies)
            if place is not None:
                told[name] = place
        elif not texts:
            continue
        elif get_origin(kind) is tuple:
            told[name] = [_plain(text, get_args(kind)[0]) for text in texts]
        elif name == "into_issue_id":
            told[name] = str(find_issue(texts[0]) or texts[0])
        else:
            told[name] = _plain(texts[0], kind)
    reading = read_fields(command, told, from_text=True)
    if reading.errors:
        raise Invalid(reading.errors)
    values: dict[str, Any] = reading.values
    return command(**values)


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
