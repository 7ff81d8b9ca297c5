"""Takes away the rows of an access log whose time is out, after a decision that stands in the log.

Their entries stay sealed, so that the tree is whole. Who checks believes that a row was disposed of
only if the event of it is sealed in the shared log.
"""

import json
from datetime import date, datetime, time
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, Engine, delete, desc, func, insert, select

from domain.access_disposal import AccessRowsDisposed, disposal_id
from domain.working_days import LOCAL_ZONE
from infra.access.leaves import kind_of_agency
from infra.access.tables import accesses, disposals
from infra.audit import store
from infra.audit.leaf import ISSUES

_AT_ONCE: Final = 10_000
_column = accesses.c


def due(db: Connection, agency_id: str, before: date) -> int:
    """How many rows of an agency's log are from before a day in Göteborg."""
    query = select(func.count()).where(
        _column.agency_id == agency_id, _column.at < beginning_of(before)
    )
    return db.scalar(query) or 0


def take_away(engine: Engine, agency_id: str, before: date, event_id: UUID) -> int:
    """Delete the rows, some thousands at a time; gives how many. Only what is sealed goes.

    What broke off is finished by doing the same again.
    """
    writing = engine.execution_options(writes=True)
    with writing.begin() as db:
        _note(db, agency_id, before, event_id)
    gone = 0
    while True:
        with writing.begin() as db:
            oldest = (
                select(_column.position)
                .where(
                    _column.agency_id == agency_id,
                    _column.at < beginning_of(before),
                    _column.position <= store.reached(db, kind_of_agency(agency_id)),
                )
                .order_by(_column.position)
                .limit(_AT_ONCE)
            )
            done = db.execute(
                delete(accesses).where(
                    _column.agency_id == agency_id, _column.position.in_(oldest.scalar_subquery())
                )
            ).rowcount
        gone += done
        if done < _AT_ONCE:
            return gone


def is_sealed(db: Connection, agency_id: str, before: date, event_id: UUID) -> bool:
    """Whether the shared log holds the event of this very disposal."""
    leaf = store.leaf_about(db, event_id)
    tree = (
        None
        if leaf is None
        else next((each for each in store.find_trees(db, ISSUES) if each.tree == leaf.tree), None)
    )
    if leaf is None or tree is None:
        return False
    told = json.loads(leaf.entry)
    expected = AccessRowsDisposed.TOPIC, str(disposal_id(agency_id, before))
    return (told.get("type"), told.get("stream")) == expected


def disposed_before(db: Connection, agency_id: str) -> datetime | None:
    """Since when an agency's log must have all its rows; None where none were disposed of."""
    query = select(disposals.c.before, disposals.c.event_id).where(
        disposals.c.agency_id == agency_id
    )
    for before, event_id in db.execute(query.order_by(desc(disposals.c.before))).all():
        if is_sealed(db, agency_id, before, event_id):
            return beginning_of(before)
    return None


def beginning_of(day: date) -> datetime:
    """When a day begins in Göteborg."""
    return datetime.combine(day, time(), LOCAL_ZONE)


def _note(db: Connection, agency_id: str, before: date, event_id: UUID) -> None:
    known = select(disposals.c.event_id).where(
        disposals.c.agency_id == agency_id, disposals.c.before == before
    )
    if db.execute(known).first() is None:
        db.execute(
            insert(disposals).values(
                agency_id=agency_id,
                before=before,
                before_at=beginning_of(before),
                event_id=event_id,
            )
        )
