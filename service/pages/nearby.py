"""The issues that an action may belong to: near its place, the own agency's, and the latest.

A position is sent in the body of a form and never stands in an address or a log.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from domain.command import LIVE
from projections.issue_search import IssuesWanted, find_issues
from projections.issue_story_rows import IssueHead
from projections.issues_near import WITHIN_METRES, issues_near
from projections.nearness import Spot
from projections.queues import Bucket
from projections.queues_queries import queue_of
from service.access import a_list
from service.forms.choices import Option
from service.i18n import number
from service.language import Language
from service.pages.frame import Frame, Typed, first_of
from service.visitors import Visitor

MOST: Final = 8
"""So many issues of each kind stand in the list; any other is written by its number."""
_TO_TEN: Final = 10
"""Metres are told in tens: no phone knows its place better."""


@dataclass(frozen=True, kw_only=True)
class Offered:
    """Issues to choose from: those `near` a place if one is told, and the `usual` ones.

    `said` is what the list near the place amounts to, nothing as long as no place is told.
    """

    near: Sequence[Option]
    usual: Sequence[Option]
    said: str = ""


def offered(frame: Frame, visitor: Visitor, typed: Typed, language: Language) -> Offered:
    """What to choose from for an action, by what is typed of its place so far."""
    near: Sequence[Option] = ()
    said = ""
    looked = a_list(own=True)
    with frame.reading(visitor, looked) as db:
        usual = _usual(db, frame, visitor)
        if (spot := spot_typed(visitor, typed)) is not None:
            near, said = _at(db, visitor, spot, language)
        elif words := first_of(typed, "place_name"):
            near, said = _called(db, visitor, words, language)
        looked.found = len(near) + len(usual)
    numbers = {each.value for each in near}
    return Offered(
        near=near, usual=[each for each in usual if each.value not in numbers], said=said
    )


def usual_issues(frame: Frame, visitor: Visitor) -> list[Option]:
    """What an officer means wherever it was: what the agency works with, then the latest."""
    looked = a_list(own=True)
    with frame.reading(visitor, looked) as db:
        usual = _usual(db, frame, visitor)
        looked.found = len(usual)
    return usual


def spot_typed(visitor: Visitor, typed: Typed) -> Spot | None:
    """Where the phone is, or the place that is chosen; None for a place in words or none."""
    try:
        return Spot(float(first_of(typed, "place_lat")), float(first_of(typed, "place_lon")))
    except ValueError:
        named = visitor.agencies.places.get(first_of(typed, "place"))
        words = first_of(typed, "place_name")
        return None if named is None or words else Spot(named.lat, named.lon)


def _at(
    db: Any,  # noqa: ANN401  pages know no database; whoever opened it hands it through
    visitor: Visitor,
    spot: Spot,
    language: Language,
) -> tuple[list[Option], str]:
    found = issues_near(db, visitor.viewer, spot, limit=MOST)
    options = [
        Option(each.issue.number, f"{_metres(each.metres, language)}: {_words(each.issue)}")
        for each in found
    ]
    if not found:
        return options, language.pick(
            f"Inget öppet ärende inom {number(WITHIN_METRES, language)} m.",
            f"No open issue within {number(WITHIN_METRES, language)} m.",
        )
    nearest = _metres(found[0].metres, language)
    return options, language.pick(
        f"Öppna ärenden nära platsen: {len(found)}. Det närmaste är {nearest} bort.",
        f"Open issues near the place: {len(found)}. The nearest is {nearest} away.",
    )


def _called(
    db: Any,  # noqa: ANN401  as above
    visitor: Visitor,
    words: str,
    language: Language,
) -> tuple[list[Option], str]:
    """Of a place in words nobody knows how far off it is: the latest that name it."""
    heads = find_issues(db, visitor.viewer, IssuesWanted(text=words), limit=4 * MOST).items
    found = [each for each in heads if isinstance(each, IssueHead) and each.status in LIVE][:MOST]
    return [Option(each.number, _words(each)) for each in found], language.pick(
        f"Öppna ärenden som nämner platsen: {len(found)}.",
        f"Open issues that name the place: {len(found)}.",
    )


def _usual(
    db: Any,  # noqa: ANN401  as above
    frame: Frame,
    visitor: Visitor,
) -> list[Option]:
    now = frame.samsyn.clock()
    agency_id = visitor.actor.agency_id
    found: dict[str, str] = {}
    for bucket in (Bucket.ASSISTING, Bucket.OURS):
        page = queue_of(db, visitor.viewer, agency_id, bucket, now=now, limit=MOST)
        found |= {item.number: f"{item.title} ({item.place_name})" for item in page.items}
    for head in find_issues(db, visitor.viewer, limit=2 * MOST).items:
        if isinstance(head, IssueHead) and head.status in LIVE:
            found.setdefault(head.number, _words(head))
    return [Option(number, words) for number, words in found.items()][: 2 * MOST]


def _words(head: IssueHead) -> str:
    return f"{head.title} ({head.place.name})"


def _metres(metres: float, language: Language) -> str:
    return f"{number(round(metres / _TO_TEN) * _TO_TEN, language)} m"
