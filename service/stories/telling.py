"""Turns the data of a step (names, places, local times) into the command it tells."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import MISSING, Field, fields
from datetime import date, datetime
from enum import Enum
from typing import Any, TypeVar, get_args
from uuid import UUID

import msgspec

from domain.agencies import Agencies
from domain.command import Command
from domain.values import Place
from service.reading import hints_of
from service.stories.names import Names, UnknownName
from service.stories.story import Step, StoryError, is_list, is_table, moment, nearest, shown

C = TypeVar("C", bound=Command)

IMPLIED = ("referral_id", "report_id", "issue_id")
"""Fields that stand for the latest of their kind when a step leaves them out."""


class BadData(Exception):
    """Data from which the command cannot be made: what is wrong, by field.

    `unknown_names` are those of the problems that no story can mean, not even to be refused.
    """

    def __init__(self, problems: Mapping[str, str], unknown_names: Sequence[str]) -> None:
        super().__init__("; ".join(problems.values()))
        self.problems = problems
        self.unknown_names = unknown_names


def command_of(command_class: type[C], step: Step, names: Names, agencies: Agencies) -> C:
    """The command of a step, with names resolved and every field of its type.

    Raises:
        BadData: with every bad field.
        NotCreated: a name stands for nothing, because its step was refused.
    """
    known = {each.name: each for each in fields(command_class)}
    hints = hints_of(command_class)
    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    unknown_names: list[str] = []
    for name, told in step.data.items():
        where = f"{step.where}: {name}"
        if name not in known:
            problems[name] = f"{where}: {step.command} has no such field.{nearest(name, known)}"
            continue
        try:
            values[name] = _value(name, told, hints[name], names, agencies, where)
        except StoryError as error:
            problems[name] = str(error)
            if isinstance(error, UnknownName):
                unknown_names.append(problems[name])
    values = _implied(known, step, values, names) | values
    for name, each in known.items():
        if name not in values and name not in problems and _is_needed(each):
            latest = "; no step before creates one" if name in IMPLIED else ""
            problems[name] = f"{step.where}: {step.command} needs {name}{latest}"
    if problems:
        raise BadData(problems, unknown_names)
    return command_class(**values)


def _is_needed(each: Field[Any]) -> bool:
    return each.default is MISSING and each.default_factory is MISSING


def _implied(
    known: Container[str], step: Step, values: Mapping[str, Any], names: Names
) -> dict[str, UUID]:
    """What a step leaves out: the latest of its kind, or the issue of the referral it names."""
    found: dict[str, UUID] = {}
    for name in IMPLIED:
        if name in known and name not in step.data:
            implied = names.latest(name.removesuffix("_id"))
            if name == "issue_id":
                inside = {**values, **found}
                named = inside.get("referral_id") or inside.get("action_id")
                implied = (names.issue_of(named) if named else None) or implied
            if implied is not None:
                found[name] = implied
    return found


def _value(
    name: str,
    told: Any,  # noqa: ANN401  any field of any command
    hint: Any,  # noqa: ANN401  any type
    names: Names,
    agencies: Agencies,
    where: str,
) -> Any:  # noqa: ANN401  any field of any command
    kinds = _kinds(hint)
    several = tuple in kinds
    if several and not is_list(told):
        told = [told]
    if name == "refers_to_event":
        return names.event_of(told, where)
    if UUID in kinds:
        if several:
            return tuple(id_ for each in told for id_ in names.ids_of(each, where))
        return names.id_of(told, where)
    if datetime in kinds:
        return moment(told, where)
    if date in kinds and isinstance(told, datetime):
        raise StoryError(f"{where}: {shown(told)} is a time; write only the day, 2026-01-12")
    if Place in kinds:
        return _place(told, agencies, where)
    return _converted(told, hint, kinds, where)


def _converted(
    told: Any,  # noqa: ANN401  any field of any command
    hint: Any,  # noqa: ANN401  any type
    kinds: set[Any],
    where: str,
) -> Any:  # noqa: ANN401  any field of any command
    try:
        return msgspec.convert(told, hint)
    except msgspec.ValidationError as error:
        for kind in kinds:
            if isinstance(kind, type) and issubclass(kind, Enum):
                raise StoryError(_no_choice(told, kind, where)) from error
        raise StoryError(f"{where}: {error} (it says {shown(told)})") from error


def _no_choice(told: object, kind: type[Enum], where: str) -> str:
    allowed = [str(member.value) for member in kind]
    wrong: list[object] = [
        each for each in (told if is_list(told) else [told]) if each not in allowed
    ]
    return f"{where}: {shown((wrong or [told])[0])} is no choice." + nearest(
        (wrong or [""])[0], allowed
    )


def _kinds(hint: Any) -> set[Any]:  # noqa: ANN401  any type
    """The types a hint is made of: of `tuple[Effect, ...] | None` tuple, Effect and None."""
    parts = get_args(hint)
    found = {getattr(hint, "__origin__", hint)}
    for part in parts:
        found |= _kinds(part)
    return found


def _place(told: object, agencies: Agencies, where: str) -> Place:
    """A place by its id or name in the directory, or described in a table."""
    if is_table(told):
        known = agencies.places.get(str(told.get("place_id")))
        filled = {"name": known.name, "lat": known.lat, "lon": known.lon} | told if known else told
        place: Place = _strict_table(filled, Place, where)
        return place
    if not isinstance(told, str):
        raise StoryError(f"{where}: a place is text or a table with name, lat and lon")
    by_name = {place.name: place for place in agencies.places.values()}
    known = agencies.places.get(told) or by_name.get(told)
    if known is not None:
        return Place(name=known.name, place_id=known.place_id, lat=known.lat, lon=known.lon)
    if agencies.places and told and told == told.lower() and " " not in told:
        raise StoryError(
            f"{where}: {told!r} looks like the id of a place, but the directory has none such."
            f"{nearest(told, agencies.places)} A place without an id is described in a table: "
            '{ name = "Lilla torget" }'
        )
    return Place(name=told)


def _strict_table(told: Mapping[str, Any], kind: type[Any], where: str) -> Any:  # noqa: ANN401
    known = {each.name for each in fields(kind)}
    for key in told:
        if key not in known:
            raise StoryError(f"{where}: unknown key {shown(key)}.{nearest(key, known)}")
    return _converted(told, kind, set(), where)
