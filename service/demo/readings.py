"""What was read in the demo's year: rows of three agencies' access logs, and months signed."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, func, insert, select

from domain.access import AccessKind, AccessReason, NameSought
from domain.access_review import PerformAccessReview
from domain.agencies import Agencies
from domain.codes import AccessFinding
from domain.values import Actor
from domain.working_days import LOCAL_ZONE
from infra.access.tables import POSITIONS, accesses
from projections.issue_story_tables import heads
from projections.visibility import issue_party
from service.access_review import Month, months_of
from service.assembly import Samsyn
from service.demo.draw import Draw
from service.demo.people import CASEWORKERS, OUT
from service.demo.plan import SEED

MANAGERS: Final[Mapping[str, str]] = {
    "district": "u-man-01",
    "police": "u-man-02",
    "social": "u-man-03",
}
"""Who looks through each log."""
SIGNED: Final[Mapping[int, tuple[AccessFinding, ...]]] = {
    2: (),
    1: (AccessFinding.HANDED_ON,),
}
"""So many months before the last one that is over, what was remarked; the last is left to do."""
OF_A_MONTH: Final = 60
_OTHERWISE: Final = 0.03
"""So often it does not show why somebody read."""
_REASONS: Final[Mapping[AccessReason, float]] = {
    AccessReason.ASSIGNED: 5,
    AccessReason.OWN_ACTION: 2,
    AccessReason.TAKES_PART: 3,
}


def tell_readings(samsyn: Samsyn, now: datetime) -> int:
    """Add what was read in the months that are over, and sign two of them; gives how many rows.

    An access log that has rows already is left alone. Read models must have come along.
    """
    agencies, added = samsyn.execution.agencies(), 0
    for agency_id, manager in MANAGERS.items():
        months = months_of(agency_id, now)
        with samsyn.engine.execution_options(writes=True).begin() as db:
            rows = list(_rows(db, samsyn, agencies, agency_id, months))
            if not rows:
                continue
            _add(db, rows)
        added += len(rows)
        grant = agencies.grants[manager]
        for back, findings in SIGNED.items():
            month = months[back]
            samsyn.execution.execute(
                PerformAccessReview(
                    agency_id=agency_id,
                    period_from=month.first,
                    period_to=month.last,
                    findings=findings,
                ),
                Actor(user_id=manager, agency_id=agency_id, role=grant.role),
                f"demo-review:{month.review_id}",
            )
    return added


def _rows(
    db: Connection, samsyn: Samsyn, agencies: Agencies, agency_id: str, months: Sequence[Month]
) -> Iterator[dict[str, Any]]:
    """The rows of an agency, the oldest first; none if its log has any."""
    if db.scalar(select(accesses.c.row_id).where(accesses.c.agency_id == agency_id).limit(1)):
        return
    draw = Draw(f"{SEED}:read:{agency_id}", samsyn.calendar)
    opened = _opened(db, agency_id)
    readers = [*CASEWORKERS[agency_id], *OUT.get(agency_id, ())]
    number = 0
    for month in reversed(months):
        begins = datetime.combine(month.first, time(), LOCAL_ZONE)
        days = (month.last - month.first).days
        known = [issue_id for issue_id, at in opened if at < begins + timedelta(days=2)]
        moments = [
            (draw.office(begins + timedelta(days=draw.between(2, days - 5))), False)
            for _ in range(OF_A_MONTH)
        ]
        if month.first.month % 3 == 0:
            night = begins + timedelta(days=days - 3, hours=2.5)
            moments += [(night + timedelta(minutes=4 * n), True) for n in range(3)]
        for nth, (at, is_night) in enumerate(sorted(moments) if known else ()):
            number += 1
            is_list = not is_night and draw.chance(0.2)
            reader = readers[0] if is_night else draw.one(readers)
            unexplained = is_night or draw.chance(_OTHERWISE)
            yield {
                "agency_id": agency_id,
                "position": number,
                "row_id": UUID(int=draw.number(0, 2**128 - 1), version=4),
                "at": at,
                "user_id": reader,
                "role": agencies.grants[reader].role.value,
                "kind": (AccessKind.SEARCH if is_list else AccessKind.READ).value,
                "issue_id": None if is_list else draw.one(known),
                "report_id": None,
                "operation": "GET /issues" if is_list else "GET /issues/{issue_id:uuid}",
                "shape": "text" if is_list else None,
                "found": draw.number(1, 40) if is_list else None,
                "reason": (AccessReason.NONE if unexplained else draw.weighted(_REASONS)).value,
                "code": None,
                "request_id": f"{draw.number(0, 2**128 - 1):032x}",
                "salt": f"{draw.number(0, 2**128 - 1):032x}",
                "words": None,
                "name_sought": NameSought.COLLEAGUE.value if is_list and not nth else None,
            }


def _opened(db: Connection, agency_id: str) -> Sequence[tuple[UUID, datetime]]:
    party = issue_party.c
    query = (
        select(heads.c.issue_id, heads.c.opened_at)
        .join(issue_party, party.issue_id == heads.c.issue_id)
        .where(party.agency_id == agency_id)
        .order_by(heads.c.opened_at, heads.c.issue_id)
    )
    return [(row.issue_id, row.opened_at) for row in db.execute(query)]


def _add(db: Connection, rows: Sequence[dict[str, Any]]) -> None:
    if db.dialect.name != "postgresql":
        db.execute(insert(accesses), rows)
        return
    adding = insert(accesses).values(position=func.nextval(POSITIONS))
    db.execute(adding, [{name: row[name] for name in row if name != "position"} for row in rows])
