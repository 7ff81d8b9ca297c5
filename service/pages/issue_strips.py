"""The path of one issue as a picture: a strip for each agency, with what it did and when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.values import SYSTEM
from projections.audit_trail_queries import TrailLine
from projections.issue_path import Held, IssuePath
from service.i18n import how_long, when_in_text
from service.language import Language
from service.pages.charts import Stretch, stretch
from service.pages.names import Names


@dataclass(frozen=True, kw_only=True)
class ToldStretch:
    """A time on a strip in words."""

    at: Stretch
    words: str


@dataclass(frozen=True, kw_only=True)
class Mark:
    """Something an agency did; `position` is its line in the table below."""

    x: float
    words: str
    position: int


@dataclass(frozen=True, kw_only=True)
class Strip:
    """One agency: when it was responsible, when it was to answer, and what it did."""

    name: str
    held: Sequence[ToldStretch]
    asked: Sequence[ToldStretch]
    marks: Sequence[Mark]


@dataclass(frozen=True, kw_only=True)
class Strips:
    """The strips of an issue, and the times at their ends."""

    first: datetime
    last: datetime
    strips: Sequence[Strip]


def strips(
    path: IssuePath,
    told: Sequence[tuple[TrailLine, str]],
    now: datetime,
    language: Language,
    names: Names,
) -> Strips | None:
    """The path with what of the trail is told on the page; None without either."""
    if not path.responsible or not told:
        return None
    first = min(path.responsible[0].since, told[0][0].occurred_at)
    over = path.responsible[-1].until
    last = now if over is None else max(over, told[-1][0].occurred_at)
    agencies = dict.fromkeys(each.agency_id for each in (*path.responsible, *path.asked))
    agencies |= dict.fromkeys(
        line.agency_id for line, _ in told if line.agency_id != SYSTEM.agency_id
    )

    def stretches(held: Sequence[Held], agency: str, what: str) -> list[ToldStretch]:
        return [
            _told(each, what, first, last, language) for each in held if each.agency_id == agency
        ]

    return Strips(
        first=first,
        last=last,
        strips=[
            Strip(
                name=names.short(agency),
                held=stretches(path.responsible, agency, language.pick("Ansvarig", "Responsible")),
                asked=stretches(path.asked, agency, language.pick("Skulle svara", "Was to answer")),
                marks=[
                    Mark(
                        x=stretch(line.occurred_at, line.occurred_at, first, last).x,
                        words=f"{when_in_text(line.occurred_at, language)}: {words}",
                        position=line.position,
                    )
                    for line, words in told
                    if line.agency_id == agency
                ],
            )
            for agency in agencies
        ],
    )


def _told(
    held: Held, what: str, first: datetime, last: datetime, language: Language
) -> ToldStretch:
    until = min(held.until or last, last)
    lasted = how_long(max((until - held.since).total_seconds(), 0.0), language)
    return ToldStretch(
        at=stretch(held.since, until, first, last),
        words=f"{what} {lasted}, {language.pick('från', 'from')} "
        f"{when_in_text(held.since, language)}",
    )
