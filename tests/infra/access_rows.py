"""Rows of the access log as tests write them, without a page being read."""

from collections.abc import Iterable
from datetime import datetime
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, insert

from domain.access import AccessKind, AccessReason, NameSought
from infra.access.tables import accesses

_numbers = count(1)


def row(
    agency_id: str,
    user_id: str,
    at: datetime,
    *,
    role: str = "caseworker",
    kind: AccessKind = AccessKind.READ,
    issue_id: UUID | None = None,
    reason: AccessReason = AccessReason.ASSIGNED,
    name_sought: NameSought | None = None,
) -> dict[str, Any]:
    """What one row says; each has an id of its own, the same in every run."""
    number = next(_numbers)
    return {
        "agency_id": agency_id,
        "position": 1_000_000 + number,
        "row_id": UUID(int=number),
        "at": at,
        "user_id": user_id,
        "role": role,
        "kind": kind.value,
        "issue_id": issue_id,
        "report_id": None,
        "operation": "GET /issues/{issue_id}",
        "shape": None,
        "found": None,
        "reason": reason.value,
        "code": None,
        "request_id": f"request-{number}",
        "salt": "00" * 16,
        "words": None,
        "name_sought": name_sought and name_sought.value,
    }


def add_rows(engine: Engine, rows: Iterable[dict[str, Any]]) -> None:
    """Add them as they are."""
    with engine.execution_options(writes=True).begin() as db:
        db.execute(insert(accesses), list(rows))
