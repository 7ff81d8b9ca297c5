"""The trail stream by stream: everything of one issue or report together, then of the next."""

from collections.abc import Collection, Iterator, Sequence
from itertools import groupby
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, RowMapping, select

from projections.audit_trail import lines
from projections.audit_trail_queries import TrailLine, told_lines, visible_line
from projections.columns import beyond
from projections.lines import ISSUE, REPORT
from projections.viewer import Viewer
from projections.visibility import numbers_of, report_access, visible_report

LINES_AT_ONCE: Final = 1_000
_COLUMNS: Final = {ISSUE: lines.c.issue_id, REPORT: lines.c.report_id}


def streams(
    db: Connection, viewer: Viewer, kind: str, at_once: int = LINES_AT_ONCE
) -> Iterator[tuple[UUID, list[TrailLine]]]:
    """Each issue (or report, by `kind`) that the viewer may read, with its own events in order.

    It keeps a page and the events of one stream, however long the log is.
    """
    for stream_id, found in groupby(_lines(db, viewer, kind, at_once), lambda pair: pair[0]):
        yield stream_id, [line for _, line in found]


def visible_among(
    db: Connection, viewer: Viewer, issue_ids: Collection[UUID], report_ids: Collection[UUID]
) -> set[UUID]:
    """Those of the issues and reports that the viewer may read."""
    found = set(numbers_of(db, viewer, issue_ids))
    if report_ids:
        report = report_access.c.report_id
        query = select(report).where(report.in_(report_ids), visible_report(viewer, report))
        found.update(db.scalars(query))
    return found


def _lines(
    db: Connection, viewer: Viewer, kind: str, at_once: int
) -> Iterator[tuple[UUID, TrailLine]]:
    stream, position = _COLUMNS[kind], lines.c.position
    last: Sequence[object] | None = None
    while rows := _page(db, viewer, kind, last, at_once):
        told = told_lines(db, viewer, rows)
        for row in rows:
            yield row[stream], told[row[position]]
        last = (rows[-1][stream], rows[-1][position])


def _page(
    db: Connection, viewer: Viewer, kind: str, last: Sequence[object] | None, at_once: int
) -> Sequence[RowMapping]:
    columns: Any = (_COLUMNS[kind], lines.c.position)
    query = select(lines).where(lines.c.kind == kind, columns[0].is_not(None), visible_line(viewer))
    if last is not None:
        query = query.where(beyond(columns, last))
    return db.execute(query.order_by(*columns).limit(at_once)).mappings().all()
