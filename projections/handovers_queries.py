"""Figures of hand-overs as event logs know them: who acted after whom, to and fro, how long.

The definitions are those of public event logs, so that others can compute the same: the actions
of an issue by time, ties in the order of its stream; an action without an agency counts as an
event and for throughput, and is left out of the sequence of agencies; a handover is two
consecutive actions of different agencies; ping-pong is A, B, A in the sequence with repeats
collapsed; throughput is last minus first action. Agencies go by their Swedish names, which for
an imported log are the names of its groups.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    and_,
    distinct,
    false,
    func,
    select,
    type_coerce,
)

from projections.durations import quantile, seconds
from projections.handovers import actions, agencies, issues
from projections.viewer import Viewer
from projections.visibility import sees_pushed_only, visible_issue

SOURCE_OF_EVENT_LOGS = "event-log:"
"""How the external reference of an issue begins that comes from an event log; its name follows."""

_QUANTILES = {
    "min": Fraction(0),
    "p10": Fraction(10, 100),
    "p25": Fraction(25, 100),
    "median": Fraction(50, 100),
    "p75": Fraction(75, 100),
    "p90": Fraction(90, 100),
    "p95": Fraction(95, 100),
    "max": Fraction(1),
}


def sources(db: Connection, viewer: Viewer) -> list[str]:
    """The names of the event logs that visible issues were imported from, in order."""
    system = issues.c.source_system
    query = (
        select(system)
        .where(
            system.startswith(SOURCE_OF_EVENT_LOGS, autoescape=True),
            issues.c.issue_id.in_(counted_issues(viewer)),
        )
        .distinct()
    )
    return sorted(name.removeprefix(SOURCE_OF_EVENT_LOGS) for name in db.execute(query).scalars())


def handover_figures(
    db: Connection, viewer: Viewer, *, source: str | None = None
) -> dict[str, Any]:
    """The figures of one imported event log, or of all visible issues, as plain JSON values.

    Durations are in seconds with six decimals, null in an empty log. Four statements; the
    database sorts every action that is counted once for the matrix and once for ping-pong (65,000
    actions: some tenths of a second), and one number comes back per issue.
    """
    names = _names(db)
    counted = _counted(viewer, source)
    per_agency = _by_agency(db, counted)
    lengths = _lengths(db, counted)
    matrix = _matrix(db, counted, names)
    issues_bounced, bounces = _ping_pong(db, counted)
    without_agency = per_agency.pop(None, 0)
    return {
        "cases": len(lengths),
        "events": without_agency + per_agency.total(),
        "events_without_group": without_agency,
        "events_per_group": _named(per_agency.items(), names),
        "handovers": {
            "total": matrix.total(),
            "matrix": [
                {"from": giver, "to": taker, "count": count}
                for (giver, taker), count in sorted(matrix.items())
            ],
        },
        "ping_pong": {"cases": issues_bounced, "occurrences": bounces},
        "throughput_seconds": _throughput(lengths),
    }


def holders_at(
    db: Connection, viewer: Viewer, at: datetime, *, source: str | None = None
) -> dict[str, int]:
    """How many issues each agency held at a time, by name.

    The holder, from the first action until the last, is the agency of the latest action with an
    agency at or before that time. The database looks through the actions of every issue counted.
    """
    counted = _counted(viewer, source)
    lasting = (
        select(actions.c.issue_id)
        .where(counted)
        .group_by(actions.c.issue_id)
        .having(func.min(actions.c.acted_at) <= at, func.max(actions.c.acted_at) > at)
    )
    latest_first = func.row_number().over(
        partition_by=actions.c.issue_id,
        order_by=(actions.c.acted_at.desc(), actions.c.version.desc()),
    )
    ranked = (
        select(actions.c.agency_id, latest_first.label("place"))
        .where(
            actions.c.issue_id.in_(lasting),
            actions.c.acted_at <= at,
            actions.c.agency_id.is_not(None),
        )
        .subquery()
    )
    query = (
        select(ranked.c.agency_id, func.count())
        .where(ranked.c.place == 1)
        .group_by(ranked.c.agency_id)
    )
    return _named(((row[0], row[1]) for row in db.execute(query)), _names(db))


def counted_issues(viewer: Viewer, source: str | None = None) -> Select[Any]:
    """The ids of the issues whose moves this viewer may be told, of one event log or all.

    None for partners, who are told what was sent to them and no more.
    """
    wanted = and_(issues.c.does_not_count == false(), visible_issue(viewer, issues.c.issue_id))
    if sees_pushed_only(viewer):
        wanted = false()
    if source is not None:
        wanted = and_(wanted, issues.c.source_system == SOURCE_OF_EVENT_LOGS + source)
    return select(issues.c.issue_id).where(wanted)


def _counted(viewer: Viewer, source: str | None) -> ColumnElement[bool]:
    return actions.c.issue_id.in_(counted_issues(viewer, source))


def _by_agency(db: Connection, counted: ColumnElement[bool]) -> Counter[str | None]:
    query = select(actions.c.agency_id, func.count()).where(counted).group_by(actions.c.agency_id)
    return Counter({row[0]: row[1] for row in db.execute(query)})


def _lengths(db: Connection, counted: ColumnElement[bool]) -> list[int]:
    at = type_coerce(actions.c.acted_at, BigInteger)
    query = select(func.max(at) - func.min(at)).where(counted).group_by(actions.c.issue_id)
    return sorted(db.execute(query).scalars())


def _changes(counted: ColumnElement[bool]) -> Select[Any]:
    """Where an action's agency differs from that of the action before it in the same issue."""
    in_order = (actions.c.acted_at, actions.c.version)
    sequence = (
        select(
            actions.c.issue_id,
            *in_order,
            func.lag(actions.c.agency_id)
            .over(partition_by=actions.c.issue_id, order_by=in_order)
            .label("giver"),
            actions.c.agency_id.label("taker"),
        )
        .where(counted, actions.c.agency_id.is_not(None))
        .subquery()
    )
    return select(sequence).where(sequence.c.giver != sequence.c.taker)


def _matrix(
    db: Connection, counted: ColumnElement[bool], names: dict[str, str]
) -> Counter[tuple[str, str]]:
    changes = _changes(counted).subquery()
    query = select(changes.c.giver, changes.c.taker, func.count()).group_by(
        changes.c.giver, changes.c.taker
    )

    def named(agency_id: str) -> str:
        return names.get(agency_id, agency_id)

    matrix: Counter[tuple[str, str]] = Counter()
    for giver, taker, count in db.execute(query):
        matrix[named(giver), named(taker)] += count
    return matrix


def _ping_pong(db: Connection, counted: ColumnElement[bool]) -> tuple[int, int]:
    """In how many issues, and how often, a change leads back to whoever had it one change ago."""
    changes = _changes(counted).subquery()
    giver_before = func.lag(changes.c.giver).over(
        partition_by=changes.c.issue_id, order_by=(changes.c.acted_at, changes.c.version)
    )
    pairs = select(
        changes.c.issue_id, changes.c.taker, giver_before.label("giver_before")
    ).subquery()
    query = select(func.count(distinct(pairs.c.issue_id)), func.count()).where(
        pairs.c.giver_before == pairs.c.taker
    )
    bounced, bounces = db.execute(query).one()
    return bounced, bounces


def _names(db: Connection) -> dict[str, str]:
    rows = db.execute(select(agencies.c.agency_id, agencies.c.name_sv))
    return {row[0]: row[1] for row in rows}


def _named(counts: Iterable[tuple[str | None, int]], names: dict[str, str]) -> dict[str, int]:
    by_name: Counter[str] = Counter()
    for agency_id, count in counts:
        if agency_id is not None:
            by_name[names.get(agency_id, agency_id)] += count
    return dict(sorted(by_name.items()))


def _throughput(lengths: list[int]) -> dict[str, float | None]:
    if not lengths:
        return dict.fromkeys([*_QUANTILES, "mean"])
    exact = {name: quantile(lengths, share) for name, share in _QUANTILES.items()}
    exact["mean"] = Fraction(sum(lengths), len(lengths))
    return {name: seconds(value) for name, value in exact.items()}
