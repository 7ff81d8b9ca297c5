"""The table of the access log, to which is only added until its time is out; one for each agency.

``position`` is a row's place in its agency's log and says nothing but which comes first: on
PostgreSQL the numbers of all agencies come from one sequence, and some are never used.
"""

from typing import Final

from sqlalchemy import BigInteger, Column, Date, Index, Integer, Table, Text, Uuid

from infra.database import UtcDateTime
from infra.log.tables import METADATA

POSITIONS: Final = "access_log_position"
"""The sequence of positions on PostgreSQL."""

accesses: Final = Table(
    "access_log",
    METADATA,
    # Whose user it was: that agency's log it stands in.
    Column("agency_id", Text, primary_key=True),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    # Made before the row: what is sent once more after a lost connection is one row.
    Column("row_id", Uuid, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("issue_id", Uuid, nullable=True),
    Column("report_id", Uuid, nullable=True),
    Column("operation", Text, nullable=False),
    Column("shape", Text, nullable=True),
    Column("found", Integer, nullable=True),
    Column("reason", Text, nullable=False),
    Column("code", Text, nullable=True),
    Column("request_id", Text, nullable=False),
    Column("salt", Text, nullable=False),
    # What was searched for, as ``infra.access.terms`` keeps it.
    Column("words", Text, nullable=True),
    # Whether that was a name of the searcher or a colleague: told when it was known in plain.
    Column("name_sought", Text, nullable=True),
    Index("access_log_row", "row_id", unique=True),
    Index("access_log_of_agency", "agency_id", "at", "row_id"),
    Index("access_log_of_issue", "issue_id", "at", "row_id"),
)

disposals: Final = Table(
    "access_disposal",
    METADATA,
    Column("agency_id", Text, primary_key=True),
    Column("before", Date, primary_key=True),
    # When that day begins: rows from before it, and no others, can be deleted.
    Column("before_at", UtcDateTime, nullable=False),
    Column("event_id", Uuid, nullable=False),
)

NAMES: Final = (accesses.name, disposals.name)
