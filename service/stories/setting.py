"""Prepares the directory for stories: the preset they are told in, their own agencies and users."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from domain.agencies import Agencies, Grant
from domain.codes import AgencyKind, SecrecyDomain
from domain.directory import GrantUser, RegisterAgency
from domain.presets import PRESETS
from domain.refusals import Conflict, Invalid, Refused
from domain.values import SYSTEM, Role
from service.assembly import Samsyn
from service.batch import scoped_key
from service.preset import load_preset
from service.stories.names import Names
from service.stories.story import EARLIEST, Step, Story, StoryError, nearest
from service.stories.telling import BadData, command_of

SECRECY: Mapping[str, SecrecyDomain] = {
    AgencyKind.AUTHORITY_STATE: SecrecyDomain.POLICE,
    AgencyKind.AUTHORITY_CITY: SecrecyDomain.CITY,
    AgencyKind.PUBLIC_COMPANY: SecrecyDomain.CITY,
    AgencyKind.PARTNER: SecrecyDomain.NONE,
}
"""What an agency's secrecy domain is if the story does not say."""


def prepare_directory(stories: Sequence[Story], samsyn: Samsyn) -> None:
    """Load the preset that the stories are told in and enter what they add to it, each once.

    Raises:
        StoryError: the stories do not agree with each other or with what the directory says.
    """
    _one_agency_each(stories)
    _load(stories, samsyn)
    for story in stories:
        for step in _agency_steps(story):
            _enter_agency(step, samsyn)
        for step in _user_steps(story):
            _enter_user(step, samsyn)


def declared(story: Story) -> list[str]:
    """What is wrong with the agencies and users a story declares, before anything is written."""
    problems: list[str] = []
    for step in _agency_steps(story):
        problems += _problems(step, RegisterAgency)
    for step in _user_steps(story):
        problems += _problems(step, GrantUser)
    return problems


def _load(stories: Sequence[Story], samsyn: Samsyn) -> None:
    told = {story.preset: story.name for story in stories if story.preset is not None}
    loaded = next((name for name in PRESETS if _is_loaded(name, samsyn)), None)
    if len(told) > 1:
        names = " and ".join(f"{story} in {preset}" for preset, story in sorted(told.items()))
        raise StoryError(f"The stories are told in different presets: {names}. Play them apart.")
    wanted, story = next(iter(told.items()), (loaded or next(iter(PRESETS)), stories[0].name))
    if wanted not in PRESETS:
        raise StoryError(f"{story}: there is no preset {wanted!r}.{nearest(wanted, PRESETS)}")
    if loaded not in (None, wanted):
        raise StoryError(
            f"{story}: the story is told in the preset {wanted}, but this database holds {loaded}. "
            "Play it on another database."
        )
    try:
        load_preset(samsyn.execution, wanted)
    except Conflict as conflict:
        raise StoryError(
            f"{story}: this database has agencies of its own that the preset {wanted} has too: "
            f"{conflict.en} Play the story on another database."
        ) from conflict


def _is_loaded(preset: str, samsyn: Samsyn) -> bool:
    key = f"preset:{preset}:agency:{PRESETS[preset].agencies[0].agency_id}"
    return _is_kept(key, samsyn)


def _agency(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """A new agency may be told by its id alone."""
    name = raw.get("name_sv", raw.get("agency_id"))
    kind = raw.get("kind", AgencyKind.AUTHORITY_CITY.value)
    usual = {
        "name_sv": name,
        "name_en": raw.get("name_en", name),
        "kind": kind,
        "secrecy_domain": SECRECY.get(str(kind), SecrecyDomain.CITY).value,
        "valid_from": EARLIEST.date().isoformat(),
    }
    return {key: value for key, value in usual.items() if value is not None} | dict(raw)


def _agency_steps(story: Story) -> list[Step]:
    return [_step(story, "agencies", *each) for each in enumerate(map(_agency, story.agencies), 1)]


def _user_steps(story: Story) -> list[Step]:
    told = ({"role": Role.CASEWORKER.value} | dict(raw) for raw in story.users)
    return [_step(story, "users", *each) for each in enumerate(told, 1)]


def _step(story: Story, what: str, index: int, data: Mapping[str, Any]) -> Step:
    command = "RegisterAgency" if what == "agencies" else "GrantUser"
    at = min((step.at for step in story.steps), default=EARLIEST)
    return Step(
        story=f"{story.name}, {what}",
        index=index,
        at=at,
        who=SYSTEM.user_id,
        command=command,
        data=data,
    )


def _problems(step: Step, wanted: type[RegisterAgency | GrantUser]) -> list[str]:
    try:
        command_of(wanted, step, Names(), Agencies())
    except BadData as bad:
        return list(bad.problems.values())
    return []


def _enter_agency(step: Step, samsyn: Samsyn) -> None:
    command = command_of(RegisterAgency, step, Names(), samsyn.execution.agencies())
    key = f"story-setting:agency:{command.agency_id}"
    if _is_kept(key, samsyn):
        return  # entered by a story before; what became of it since stays
    there = samsyn.execution.agencies().agencies.get(command.agency_id)
    if there is None:
        _record(command, key, step, samsyn)
        return
    differs = [
        each.name
        for each in fields(there)
        if getattr(there, each.name) != getattr(command, each.name)
    ]
    if differs:
        raise StoryError(
            f"{step.where}: {there.agency_id} is in the directory already, with another "
            f"{', '.join(differs)}. Leave it out, or use another agency_id."
        )


def _enter_user(step: Step, samsyn: Samsyn) -> None:
    """A user belongs to one agency: what a story says of one of the preset takes its place."""
    agencies = samsyn.execution.agencies()
    command = command_of(GrantUser, step, Names(), agencies)
    there = agencies.grants.get(command.user_id)
    wanted = Grant(user_id=command.user_id, agency_id=command.agency_id, role=command.role)
    key = f"story-setting:user:{command.user_id}:{command.agency_id}:{command.role.value}"
    if there != wanted and not _is_kept(key, samsyn):
        _record(command, key, step, samsyn)


def _is_kept(key: str, samsyn: Samsyn) -> bool:
    return samsyn.casework.find_key(scoped_key(SYSTEM, key)) is not None


def _record(command: RegisterAgency | GrantUser, key: str, step: Step, samsyn: Samsyn) -> None:
    try:
        samsyn.execution.execute(command, SYSTEM, key=key)
    except Refused as refused:
        wrong = ", ".join(e.field for e in refused.errors) if isinstance(refused, Invalid) else ""
        raise StoryError(f"{step.where}: {wrong}: {refused.en}") from refused


def _one_agency_each(stories: Sequence[Story]) -> None:
    told: dict[Any, tuple[str, Any]] = {}
    for story in stories:
        for raw in story.users:
            where, agency_id = told.setdefault(raw["user_id"], (story.name, raw["agency_id"]))
            if agency_id != raw["agency_id"]:
                raise StoryError(
                    f"{where} and {story.name} say that {raw['user_id']} belongs to "
                    f"{agency_id} and to {raw['agency_id']}. A user belongs to one agency."
                )
