"""The tables of what people keep at their desk: drafts, saved views, and faults they have reported.

Not in the log: none of it has happened to an issue. All of it can be deleted.
"""

from typing import Final

from sqlalchemy import Column, Index, Table, Text, Uuid

from infra.database import UtcDateTime
from infra.log.tables import METADATA

drafts: Final = Table(
    "drafts",
    METADATA,
    Column("user_id", Text, primary_key=True),
    Column("form", Text, primary_key=True),
    Column("typed", Text, nullable=False),
    Column("saved_at", UtcDateTime, nullable=False),
    Index("drafts_saved", "saved_at"),
)

saved_views: Final = Table(
    "saved_views",
    METADATA,
    Column("view_id", Uuid, primary_key=True),
    Column("agency_id", Text, nullable=False),
    Column("user_id", Text, nullable=True),
    Column("name", Text, nullable=False),
    Column("query", Text, nullable=False),
    Column("saved_at", UtcDateTime, nullable=False),
    Index("saved_views_agency", "agency_id"),
)
"""A view without a user is the whole agency's."""

fault_reports: Final = Table(
    "fault_reports",
    METADATA,
    Column("fault_id", Uuid, primary_key=True),
    Column("reported_at", UtcDateTime, nullable=False),
    Column("user_id", Text, nullable=True),
    Column("page", Text, nullable=False),
    Column("text", Text, nullable=False),
    Index("fault_reports_at", "reported_at"),
)
