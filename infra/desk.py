"""What people keep at their desk: drafts of forms, saved views of lists, and reported faults."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, Engine, Row, delete, func, insert, or_, select, update

from infra.desk_tables import drafts, fault_reports, saved_views
from infra.ids import new_id
from infra.lookups import Question, WireLookup
from infra.wire import Rows

DRAFT_KEPT: Final = timedelta(days=14)
"""A draft nobody has come back to is no longer somebody's work, and may hold what it should not."""
MOST_FAULTS_AN_HOUR: Final = 60
"""Anybody may report a fault, so anybody could fill the disk."""
MOST_VIEWS: Final = 30
"""Of one person or of one agency."""

_TURNS_AT_DRAFTS: Final = 3
"""Kind of advisory lock, in the key space of two numbers."""

Clock = Callable[[], datetime]


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What somebody had typed into a form, and when."""

    typed: Mapping[str, list[str]]
    saved_at: datetime


@dataclass(frozen=True, kw_only=True)
class SavedView:
    """A list with its filters under a name; `own` if only the visitor has it."""

    view_id: UUID
    name: str
    query: str
    own: bool


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What somebody said does not work; `user_id` is None for strangers."""

    reported_at: datetime
    user_id: str | None
    page: str
    text: str


class Drafts:
    """One draft for each person and form."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def keep(
        self,
        user_id: str,
        form: str,
        typed: Mapping[str, Sequence[str]],
        goes_on_with: Callable[[Draft], bool],
    ) -> datetime | Draft:
        """Keep what is typed instead of what was; drafts past their time go at the same go.

        Gives when it was kept; or, if it does not go on with the draft that is there, that draft:
        then nothing is changed. Of two who keep at once one comes first, and is the other's draft.
        """
        now = self._clock()
        with self._engine.execution_options(writes=True).begin() as db:
            _take_turns(db, f"{user_id} {form}")
            other = self._found(db, user_id, form, now)
            if other is not None and not goes_on_with(other):
                return other
            db.execute(
                delete(drafts).where(
                    or_(
                        (drafts.c.user_id == user_id) & (drafts.c.form == form),
                        drafts.c.saved_at < now - DRAFT_KEPT,
                    )
                )
            )
            db.execute(
                insert(drafts).values(
                    user_id=user_id, form=form, typed=json.dumps(dict(typed)), saved_at=now
                )
            )
        return now

    def of(self, user_id: str, form: str) -> Draft | None:
        """The draft of a form, if there is one that is not too old."""
        with self._engine.connect() as db:
            return self._found(db, user_id, form, self._clock())

    def _found(self, db: Connection, user_id: str, form: str, now: datetime) -> Draft | None:
        row = db.execute(
            select(drafts.c.typed, drafts.c.saved_at).where(
                drafts.c.user_id == user_id,
                drafts.c.form == form,
                drafts.c.saved_at >= now - DRAFT_KEPT,
            )
        ).one_or_none()
        return Draft(typed=json.loads(row.typed), saved_at=row.saved_at) if row else None

    def drop(self, user_id: str, form: str) -> None:
        """Forget a draft; there need not be one."""
        with self._engine.execution_options(writes=True).begin() as db:
            db.execute(delete(drafts).where(drafts.c.user_id == user_id, drafts.c.form == form))


class SavedViews:
    """Views of one's own and of one's agency."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def of(self, agency_id: str, user_id: str) -> list[SavedView]:
        """The agency's first, each by name."""
        with self._engine.connect() as db:
            return _views_of_one(db, agency_id, user_id)

    def keep(self, agency_id: str, user_id: str, name: str, query: str, *, own: bool) -> bool:
        """Keep a view, over one of that name; False when there are too many already."""
        views = saved_views.c
        mine = views.user_id == user_id if own else views.user_id.is_(None)
        with self._engine.execution_options(writes=True).begin() as db:
            over = db.execute(
                update(saved_views)
                .where(views.agency_id == agency_id, mine, views.name == name)
                .values(query=query, saved_at=self._clock())
            )
            if over.rowcount:
                return True
            many = db.scalar(
                select(func.count())
                .select_from(saved_views)
                .where(views.agency_id == agency_id, mine)
            )
            if (many or 0) >= MOST_VIEWS:
                return False
            db.execute(
                insert(saved_views).values(
                    view_id=new_id(),
                    agency_id=agency_id,
                    user_id=user_id if own else None,
                    name=name,
                    query=query,
                    saved_at=self._clock(),
                )
            )
        return True

    def drop(self, agency_id: str, user_id: str, view_id: UUID) -> None:
        """Forget a view of one's own or of one's agency."""
        views = saved_views.c
        with self._engine.execution_options(writes=True).begin() as db:
            db.execute(
                delete(saved_views).where(
                    views.view_id == view_id, views.agency_id == agency_id, _seen_by(user_id)
                )
            )


class Faults:
    """Faults that people have reported, for the administrator to read."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def report(self, page: str, text: str, user_id: str | None) -> bool:
        """Keep a report; False when too many came in the last hour."""
        now = self._clock()
        reports = fault_reports.c
        with self._engine.execution_options(writes=True).begin() as db:
            lately = db.scalar(
                select(func.count())
                .select_from(fault_reports)
                .where(reports.reported_at > now - timedelta(hours=1))
            )
            if (lately or 0) >= MOST_FAULTS_AN_HOUR:
                return False
            db.execute(
                insert(fault_reports).values(
                    fault_id=new_id(), reported_at=now, user_id=user_id, page=page, text=text
                )
            )
        return True

    def latest(self, limit: int = 200) -> list[Fault]:
        """The newest first."""
        with self._engine.connect() as db:
            rows = db.execute(
                select(fault_reports).order_by(fault_reports.c.reported_at.desc()).limit(limit)
            ).all()
        return [
            Fault(reported_at=row.reported_at, user_id=row.user_id, page=row.page, text=row.text)
            for row in rows
        ]


def _take_turns(db: Connection, what: str) -> None:
    """Wait for whoever writes the same draft, which may not be there yet to be locked itself."""
    if db.dialect.name == "postgresql":  # SQLite lets one write at a time anyway
        db.execute(select(func.pg_advisory_xact_lock(_TURNS_AT_DRAFTS, func.hashtext(what))))


def views_seen_by(agency_id: str, user_id: str) -> Question:
    """Ask for what `SavedViews.of` gives."""
    return _views, (agency_id, user_id)


_Person = tuple[str, str]
"""Agency and user."""
_OF_PEOPLE: Final = """
SELECT p.agency_id, p.user_id, v.view_id, v.name, v.query, v.user_id IS NOT NULL
FROM json_to_recordset($1::json) AS p(agency_id text, user_id text)
JOIN saved_views v
    ON v.agency_id = p.agency_id AND (v.user_id IS NULL OR v.user_id = p.user_id)
ORDER BY v.user_id IS NOT NULL, v.name, v.view_id"""


def _by_connection(db: Connection, people: Sequence[_Person]) -> Mapping[_Person, list[SavedView]]:
    return {each: _views_of_one(db, *each) for each in people}


def _given(people: Sequence[_Person]) -> tuple[str]:
    return (json.dumps([{"agency_id": agency, "user_id": user} for agency, user in people]),)


def _found(people: Sequence[_Person], rows: Rows) -> Mapping[_Person, list[SavedView]]:
    found: dict[_Person, list[SavedView]] = {each: [] for each in people}
    for agency_id, user_id, view_id, name, query, own in rows:
        found[agency_id, user_id].append(
            SavedView(view_id=view_id, name=name, query=query, own=own)
        )
    return found


_views: Final = WireLookup(_by_connection, _OF_PEOPLE, _given, _found)


def _views_of_one(db: Connection, agency_id: str, user_id: str) -> list[SavedView]:
    views = saved_views.c
    rows = db.execute(
        select(saved_views)
        .where(views.agency_id == agency_id, _seen_by(user_id))
        .order_by(views.user_id.is_not(None), views.name, views.view_id)
    ).all()
    return [_view(row) for row in rows]


def _seen_by(user_id: str) -> Any:  # noqa: ANN401  a condition of SQL
    return or_(saved_views.c.user_id.is_(None), saved_views.c.user_id == user_id)


def _view(row: Row[Any]) -> SavedView:
    return SavedView(
        view_id=row.view_id, name=row.name, query=row.query, own=row.user_id is not None
    )
