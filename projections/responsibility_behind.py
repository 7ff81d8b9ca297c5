"""The lists behind the figures of responsibility: what changed hands, and what lay with whom."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, select

from projections.durations import seconds, slowest_tenth
from projections.figure_facts import Asked
from projections.follow_up_queries import Behind, admit
from projections.follow_up_tables import issues
from projections.paging import Page, check_limit, page_of, read_cursor
from projections.responsibility_queries import moves, moves_back, sequences, times_held
from projections.viewer import Viewer

_AT_ONCE = 500


class Listed(StrEnum):
    """What a list is of: each hand-over, what went back and forth, or what lay with somebody."""

    MOVED = "moved"
    BACK = "back"
    HELD = "held"


@dataclass(frozen=True, kw_only=True)
class _Line:
    issue_id: UUID
    key: str
    at: datetime
    agency: str
    from_agency: str | None
    lasted: int | None

    @property
    def place(self) -> tuple[int, int, str]:
        """The longest first, then the latest."""
        lasted = -1 if self.lasted is None else self.lasted
        return -lasted, -round(self.at.timestamp() * 1_000), self.key


def responsibility_behind(
    db: Connection,
    viewer: Viewer,
    listed: Listed,
    asked: Asked,
    agencies: Sequence[str] = (),
    *,
    slowest: bool = False,
    after: str | None = None,
    limit: int = 50,
) -> Page[Behind]:
    """A page of what a number of `responsibility` counts.

    `agencies` are the giver and the taker of a hand-over, or the one that issues lay with; none
    means all; `slowest` is the tenth that lay longest. Reads what the figure reads for every page.

    Raises:
        NotAllowed: figures are for authorities only (DOMAIN 9.2).
        ValueError: the cursor is not one of this list, or the limit is out of range.
    """
    check_limit(limit)
    last = read_cursor(after, int, int, str)
    lines = _lines(db, viewer, listed, asked, agencies, slowest=slowest)
    following = [line for line in lines if last is None or line.place > last][: limit + 1]
    heads = _heads(db, following)
    return page_of(
        following, limit, lambda line: _behind(line, heads.get(line.issue_id)), lambda a: a.place
    )


def all_responsibility_behind(
    db: Connection,
    viewer: Viewer,
    listed: Listed,
    asked: Asked,
    agencies: Sequence[str] = (),
    *,
    slowest: bool = False,
) -> list[Behind]:
    """As `responsibility_behind`, all of it.

    Raises:
        NotAllowed: as there.
    """
    lines = _lines(db, viewer, listed, asked, agencies, slowest=slowest)
    heads = _heads(db, lines)
    return [_behind(line, heads.get(line.issue_id)) for line in lines]


def _lines(
    db: Connection,
    viewer: Viewer,
    listed: Listed,
    asked: Asked,
    agencies: Sequence[str],
    *,
    slowest: bool,
) -> list[_Line]:
    admit(viewer)
    end = min(asked.until, asked.now)
    lines: list[_Line] = []
    for sequence in sequences(db, viewer, asked.since, end, None):
        if listed is Listed.HELD:
            lines += _held(sequence, asked.since, end, agencies)
        else:
            spans = (moves if listed is Listed.MOVED else moves_back)(sequence, asked.since, end)
            found = _moved(spans, agencies)
            lines += found if listed is Listed.MOVED else list(found)[:1]
    wanted = slowest_tenth(lines) if slowest else lines
    return sorted(wanted, key=lambda line: line.place)


def _moved(spans: Iterable[Any], agencies: Sequence[str]) -> Iterator[_Line]:
    for span in spans:
        if not agencies or (span.from_agency, span.agency_id) == tuple(agencies):
            yield _Line(
                issue_id=span.issue_id,
                key=f"{span.issue_id}:{span.version}",
                at=span.from_at,
                agency=span.agency_id,
                from_agency=span.from_agency,
                lasted=None,
            )


def _held(
    sequence: Sequence[Any], since: datetime, end: datetime, agencies: Sequence[str]
) -> Iterator[_Line]:
    """A line for each agency that is asked about; without one a line for the issue."""
    times = times_held(sequence, since, end)
    wanted = [each for each in times if each in agencies] if agencies else [""]
    for agency in wanted:
        spans = [span for span in sequence if agency in ("", span.agency_id)]
        yield _Line(
            issue_id=spans[0].issue_id,
            key=str(spans[0].issue_id),
            at=spans[0].from_at,
            agency=agency or spans[-1].agency_id,
            from_agency=None,
            lasted=times[agency] if agency else times.total(),
        )


def _heads(db: Connection, lines: Sequence[_Line]) -> dict[UUID, Row[Any]]:
    """What the issues are called; a model of its own, which may be behind by some."""
    found: dict[UUID, Row[Any]] = {}
    ids = list({line.issue_id for line in lines})
    for first in range(0, len(ids), _AT_ONCE):
        query = select(issues).where(issues.c.issue_id.in_(ids[first : first + _AT_ONCE]))
        found |= {row.issue_id: row for row in db.execute(query)}
    return found


def _behind(line: _Line, head: Row[Any] | None) -> Behind:
    return Behind(
        key=line.key,
        issue_id=line.issue_id,
        report_id=None,
        number=head.number if head else None,
        title=head.title if head else None,
        place_name=head.place_name if head else "",
        category=head.category if head else None,
        agency=line.agency,
        from_agency=line.from_agency,
        at=line.at,
        seconds=None if line.lasted is None else seconds(line.lasted),
        hit=True,
    )
