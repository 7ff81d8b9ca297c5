"""Fills the directory from a preset: agencies, areas, places and users, each exactly once."""

from collections.abc import Iterator

from domain.command import Command
from domain.directory import (
    GrantUser,
    RegisterAgency,
    RegisterArea,
    RegisterPlace,
)
from domain.preset import Preset
from domain.presets import PRESETS
from domain.refusals import Conflict
from domain.values import SYSTEM
from infra.log.errors import KeyTaken, StreamConflict
from service.execution import Execution

MOST_ATTEMPTS = 10


def load_preset(execution: Execution, name: str) -> int:
    """Record what of a preset was never recorded, all or nothing; returns how many commands.

    What an administrator has changed since stays changed: a command is told by its key, which
    is used once in the life of a log.

    Raises:
        KeyError: there is no such preset.
        Conflict: the directory holds another preset's agencies already.
    """
    commands = dict(_commands(PRESETS[name]))
    for _ in range(MOST_ATTEMPTS):
        batch = execution.batch()
        # What an earlier release has loaded in other words stays as it is.
        used = execution.used(SYSTEM, commands)
        missing = [(key, command) for key, command in commands.items() if key not in used]
        for key, command in missing:
            batch.execute(command, SYSTEM, key)
        try:
            if missing:
                batch.save()
        except (KeyTaken, StreamConflict):
            continue  # another process fills the same directory: see what is left to do
        return len(missing)
    raise Conflict(
        "too_busy",
        "Många skriver i registret just nu. Försök igen.",
        "Many are writing in the directory right now. Try again.",
        happened="too_busy",
    )


def _commands(preset: Preset) -> Iterator[tuple[str, Command]]:
    for agency in preset.agencies:
        yield (
            f"preset:{preset.name}:agency:{agency.agency_id}",
            RegisterAgency(
                agency_id=agency.agency_id,
                name_sv=agency.name_sv,
                name_en=agency.name_en,
                kind=agency.kind,
                secrecy_domain=agency.secrecy_domain,
                valid_from=agency.valid_from,
                valid_to=agency.valid_to,
                successor_id=agency.successor_id,
                intake_only=agency.intake_only,
            ),
        )
    for area in preset.areas:
        yield (
            f"preset:{preset.name}:area:{area.area_id}",
            RegisterArea(
                area_id=area.area_id,
                name_sv=area.name_sv,
                valid_from=area.valid_from,
                valid_to=area.valid_to,
                successor_id=area.successor_id,
            ),
        )
    for place in preset.places:
        yield (
            f"preset:{preset.name}:place:{place.place_id}",
            RegisterPlace(
                place_id=place.place_id,
                name=place.name,
                lat=place.lat,
                lon=place.lon,
                area_id=place.area_id,
            ),
        )
    for user in preset.users:
        yield (
            f"preset:{preset.name}:user:{user.user_id}",
            GrantUser(user_id=user.user_id, agency_id=user.agency_id, role=user.role),
        )
