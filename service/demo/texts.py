"""Reads the demo's tables: what is reported of each category, places, and what agencies write."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from domain.codes import ActionType
from domain.presets import PRESETS
from domain.values import Place

PRESET = "today"
"""The organisation the demo is told in."""
_OF_CATEGORIES = ("theft_and_violence", "damage_and_drugs", "order_and_place")
_PLACES = {
    each.place_id: Place(place_id=each.place_id, name=each.name, lat=each.lat, lon=each.lon)
    for each in PRESETS[PRESET].places
}


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What the demo knows of a category; `weight` is how common it is, `rhythm` when it happens."""

    code: str
    weight: int
    rhythm: str
    season: str
    places: Sequence[str]
    titles: Sequence[str]
    actions: Sequence[ActionType]
    help: Sequence[str]
    reports: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Spot:
    """A place to have issues at: `phrase` follows a title, `kinds` are those of the subjects."""

    place: Place
    phrase: str
    kinds: Sequence[str]
    spots: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Texts:
    """All tables of the demo."""

    subjects: Sequence[Subject]
    spots: Sequence[Spot]
    reports: Mapping[str, Sequence[str]]
    referrals: Mapping[str, Any]
    casework: Mapping[str, Any]


@cache
def demo_texts() -> Texts:
    """The tables, read once."""
    return Texts(
        subjects=tuple(
            _subject(code, row) for name in _OF_CATEGORIES for code, row in _table(name).items()
        ),
        spots=tuple(_spot(place_id, row) for place_id, row in _table("places").items()),
        reports=_table("reports"),
        referrals=_table("referrals"),
        casework=_table("casework"),
    )


def _subject(code: str, row: Mapping[str, Any]) -> Subject:
    return Subject(
        code=code,
        weight=row["weight"],
        rhythm=row["rhythm"],
        season=row.get("season", ""),
        places=row["places"],
        titles=row["titles"],
        actions=[ActionType(each) for each in row["actions"]],
        help=row["help"],
        reports=row["reports"],
    )


def _spot(place_id: str, row: Mapping[str, Any]) -> Spot:
    """Places of the directory are told by their id, others by name and position."""
    if "at" in row:
        lat, lon = row["at"]
        place = Place(name=row["name"], lat=lat, lon=lon)
    else:
        place = _PLACES[place_id]
    return Spot(place=place, phrase=row["phrase"], kinds=row["kinds"], spots=row["spots"])


def _table(name: str) -> dict[str, Any]:
    told = files("service.demo").joinpath("texts", f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(told)
