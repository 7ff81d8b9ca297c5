"""Turns what a story says (names, places, local times) into what a command takes."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime
from typing import Any, get_type_hints
from uuid import UUID

import msgspec

from domain.agencies import Agencies
from domain.command import Command
from service.commands import Row
from service.stories.story import Step, StoryError, moment


class Names:
    """The ids that a story has given names to, and its latest issue and report."""

    def __init__(self) -> None:
        self._ids: dict[str, UUID] = {}
        self._latest: dict[str, UUID] = {}
        self._events: dict[str, UUID] = {}

    def learn(self, name: str | None, kind: str, id_: UUID | None) -> None:
        """Remember what a step created, under its name and as the latest of its kind."""
        if id_ is None:
            return
        self._latest[kind] = id_
        if name is not None:
            self._ids[name] = id_

    def id_of(self, name: object, where: str) -> UUID:
        """The id behind a name; an id written out stands for itself.

        Raises:
            StoryError: no step before has this name.
        """
        if isinstance(name, str):
            found = self._ids.get(name) or _written_out(name)
            if found is not None:
                return found
        known = ", ".join(sorted(self._ids)) or "none yet"
        raise StoryError(f"{where}: {name!r} names nothing; known names: {known}")

    def learn_event(self, name: str | None, id_: UUID) -> None:
        """Remember the event that a named step recorded, for corrections and disputes."""
        if name is not None:
            self._events[name] = id_

    def event_of(self, name: object, where: str) -> UUID:
        """The event that a named step recorded.

        Raises:
            StoryError: no step before has this name.
        """
        if isinstance(name, str) and name in self._events:
            return self._events[name]
        return self.id_of(name, where)

    def latest(self, kind: str) -> UUID | None:
        """The latest issue, report or referral of the story."""
        return self._latest.get(kind)


def command_of(step: Step, row: Row, names: Names, agencies: Agencies) -> Command:
    """The command of a step, with names resolved and every field typed.

    Raises:
        StoryError: naming the step and the field.
    """
    hints = get_type_hints(row.command)
    known = {field.name for field in fields(row.command)}
    unknown = set(step.data) - known
    if unknown:
        raise StoryError(
            f"{step.where}: {row.name} has no {', '.join(sorted(unknown))}; it has "
            f"{', '.join(sorted(known))}"
        )
    values: dict[str, Any] = {}
    for name in known:
        if name in step.data:
            values[name] = _value(name, step.data[name], hints[name], step, names, agencies)
        elif (id_ := _implied(name, names)) is not None and name in ("issue_id", "report_id"):
            values[name] = id_
    try:
        return msgspec.convert(values, row.command, builtin_types=(datetime, date, UUID))
    except msgspec.ValidationError as error:
        raise StoryError(f"{step.where}: {row.name}: {error}") from error


def _implied(name: str, names: Names) -> UUID | None:
    return names.latest(name.removesuffix("_id"))


def _written_out(name: str) -> UUID | None:
    try:
        return UUID(name)
    except ValueError:
        return None


def _value(
    name: str,
    value: Any,  # noqa: ANN401  any field of any command
    hint: object,
    step: Step,
    names: Names,
    agencies: Agencies,
) -> Any:  # noqa: ANN401  any field of any command
    where = f"{step.where}: {name}"
    wanted = str(hint)
    if name == "refers_to_event":
        return names.event_of(value, where)
    if "UUID" in wanted:
        if isinstance(value, list):
            return tuple(names.id_of(each, where) for each in value)
        return names.id_of(value, where)
    if "datetime" in wanted:
        return moment(value, where)
    if name == "place" and isinstance(value, str):
        return _place(value, agencies)
    return value


def _place(name: str, agencies: Agencies) -> Mapping[str, Any]:
    known = agencies.places.get(name)
    if known is None:
        return {"name": name}
    return {"name": known.name, "place_id": known.place_id, "lat": known.lat, "lon": known.lon}
