"""Queries of the directory and the program: who am I, agencies, places, codes, position."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import get_type_hints

from domain.agencies import Agency, Area, NamedPlace
from domain.categories import CATEGORIES
from domain.codes import CategoryGroup, Priority
from domain.hints import hint
from domain.labels import LABELS, Label
from domain.values import Role
from service.api.asking import Asked, Parameters, Query
from service.api.looking import at_no_issue
from service.commands import COMMANDS


@dataclass(frozen=True, kw_only=True)
class Me:
    """The user of the token, with the one agency and role the directory gives."""

    user_id: str
    agency_id: str
    role: Role
    is_authority: bool
    commands: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Word:
    """One code and its words."""

    code: str
    sv: str
    en: str
    hint_sv: str | None
    hint_en: str | None


@dataclass(frozen=True, kw_only=True)
class CategoryWord:
    """One category of reports and issues."""

    code: str
    sv: str
    en: str
    group: CategoryGroup
    severity: Priority
    lead_agency: str
    restricted: bool
    hint_sv: str | None
    hint_en: str | None


@dataclass(frozen=True, kw_only=True)
class ProjectionPosition:
    """How far one read model has come; `lag` is in entries of the log."""

    name: str
    position: str
    lag: int
    stopped: bool


@dataclass(frozen=True, kw_only=True)
class Position:
    """The last position of the log, and where the read models are."""

    head: str
    projections: tuple[ProjectionPosition, ...]


def _me(asked: Asked, _parameters: Parameters) -> Me:
    """Who the token acts for, and the commands its role may give."""
    actor = asked.actor
    return Me(
        user_id=actor.user_id,
        agency_id=actor.agency_id,
        role=actor.role,
        is_authority=asked.viewer.authority,
        commands=tuple(row.name for row in COMMANDS.values() if actor.role in row.roles),
    )


def _agencies(asked: Asked, _parameters: Parameters) -> tuple[Agency, ...]:
    """Every agency and partner, in force or not, by id."""
    return tuple(each for _, each in sorted(asked.agencies.agencies.items()))


def _areas(asked: Asked, _parameters: Parameters) -> tuple[Area, ...]:
    """Every city area, in force or not, by id."""
    return tuple(each for _, each in sorted(asked.agencies.areas.items()))


def _places(asked: Asked, _parameters: Parameters) -> tuple[NamedPlace, ...]:
    """Every named place, by id; WGS84 degrees."""
    return tuple(each for _, each in sorted(asked.agencies.places.items()))


def _codes(_asked: Asked, _parameters: Parameters) -> dict[str, tuple[Word, ...]]:
    """Every scale, state and list of reasons with its codes and their words."""
    return {
        kind.__name__: tuple(
            _word(member.value, words, hint(member)) for member, words in members.items()
        )
        for kind, members in LABELS.items()
    }


def _categories(_asked: Asked, _parameters: Parameters) -> tuple[CategoryWord, ...]:
    """Every category of reports and issues, in the order of forms."""
    return tuple(
        CategoryWord(
            code=each.code,
            sv=each.label.sv,
            en=each.label.en,
            group=each.group,
            severity=each.severity,
            lead_agency=each.lead_agency,
            restricted=each.restricted,
            hint_sv=each.hint.sv if each.hint else None,
            hint_en=each.hint.en if each.hint else None,
        )
        for each in CATEGORIES.values()
    )


def _position(asked: Asked, _parameters: Parameters) -> Position:
    """Where the log ends and how far each read model has followed it."""
    samsyn = asked.services.samsyn
    head = samsyn.casework.head()
    return Position(
        head=str(head),
        projections=tuple(
            ProjectionPosition(
                name=line.name,
                position=str(line.position),
                lag=line.lag,
                stopped=line.stopped is not None,
            )
            for line in samsyn.runner.status(head)
        ),
    )


def _word(code: str, words: Label, helping: Label | None) -> Word:
    return Word(
        code=code,
        sv=words.sv,
        en=words.en,
        hint_sv=helping.sv if helping else None,
        hint_en=helping.en if helping else None,
    )


def _query(name: str, path: str, answer: Callable[[Asked, Parameters], object]) -> Query:
    return Query(
        name=name,
        path=path,
        tag="directory",
        parameters=Parameters,
        answer=answer,
        result=get_type_hints(answer)["return"],
        looks=at_no_issue,
    )


DIRECTORY_QUERIES = (
    _query("Me", "/me", _me),
    _query("Agencies", "/directory/agencies", _agencies),
    _query("Areas", "/directory/areas", _areas),
    _query("Places", "/directory/places", _places),
    _query("Codes", "/codes", _codes),
    _query("Categories", "/categories", _categories),
    _query("Position", "/position", _position),
)
