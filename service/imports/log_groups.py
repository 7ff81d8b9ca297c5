"""Enters the groups of an event log into the directory as agencies, each on its first sight."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from datetime import date

from domain.agencies import Agencies
from domain.codes import AgencyKind, SecrecyDomain
from domain.directory import RegisterAgency
from domain.refusals import Conflict
from domain.values import SYSTEM
from infra.log.errors import StreamConflict
from service.execution import Execution

MOST_ATTEMPTS = 10
MOST_NAME = 200
_PREFIX = "log-"
_MOST_OF_A_NAME = 30
_MOST_OF_A_GROUP = 50


def slug(text: str, most: int) -> str:
    """What is left of a text as letters a to z, digits and single hyphens; perhaps nothing."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return re.sub(r"[^a-z0-9]+", "-", re.sub(r"[\u0300-\u036f]", "", plain))[:most].strip("-")


def is_log_group(agency_id: str) -> bool:
    """Whether an agency stands for a group of an imported log."""
    return agency_id.startswith(_PREFIX)


def unknown_group(log_name: str) -> str:
    """The name of the agency of issues for which a log names no group at all."""
    return f"Okänd grupp ({log_name})"


def agency_ids(
    execution: Execution, log_name: str, groups: Iterable[str], valid_from: date
) -> dict[str, str]:
    """The agency of each group, registered if need be; all that are new in one append.

    Raises:
        Refused: an agency cannot be registered.
    """
    wanted = list(groups)
    for _ in range(MOST_ATTEMPTS):
        agencies = execution.agencies()
        found, new = _assign(agencies, log_name, wanted)
        batch = execution.batch()
        for group in new:
            name = _name(group)
            batch.execute(
                RegisterAgency(
                    agency_id=found[group],
                    name_sv=name,
                    name_en=name,
                    kind=AgencyKind.AUTHORITY_CITY,
                    secrecy_domain=SecrecyDomain.CITY,
                    valid_from=valid_from,
                    not_personal=True,
                ),
                SYSTEM,
            )
        try:
            if new:
                batch.save()
        except StreamConflict:
            continue  # somebody else writes in the directory: see what is left to do
        return found
    raise Conflict(
        "too_busy",
        "Många skriver i registret just nu. Försök igen.",
        "Many are writing in the directory right now. Try again.",
        happened="too_busy",
    )


def _assign(
    agencies: Agencies, log_name: str, groups: Iterable[str]
) -> tuple[dict[str, str], list[str]]:
    """An id for each group and the groups that are not registered; groups of a log are its own."""
    # Two hyphens, which no slug has: the groups of log "a" are not those of log "a-b".
    prefix = f"{_PREFIX}{slug(log_name, _MOST_OF_A_NAME) or _digest(log_name)}--"
    there = {
        agency.name_sv: agency.agency_id
        for agency in agencies.agencies.values()
        if agency.agency_id.startswith(prefix)
    }
    taken = set(agencies.agencies)
    found: dict[str, str] = {}
    new: list[str] = []
    for group in groups:
        agency_id = there.get(_name(group))
        if agency_id is None:
            agency_id = prefix + (slug(group, _MOST_OF_A_GROUP) or _digest(group))
            if agency_id in taken:  # "Group 1" and "group-1" are two groups
                agency_id = f"{agency_id}-{_digest(group)}"
            taken.add(agency_id)
            new.append(group)
        found[group] = agency_id
    return found, new


def _name(group: str) -> str:
    """The group's name, shortened to what a name holds so that no two become the same."""
    return group if len(group) <= MOST_NAME else f"{group[: MOST_NAME - 10]}… {_digest(group)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
