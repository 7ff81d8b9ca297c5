"""The facts that figures are made of: one row a report, issue, referral, planned action, ending."""

from sqlalchemy import BigInteger, Boolean, Column, Date, Index, Integer, MetaData, String, Table

from projections.columns import Json, UtcDateTime, UuidText

_AGENCY = String(100)
_CODE = String(40)

metadata = MetaData()

reports = Table(
    "follow_up_reports",
    metadata,
    Column("report_id", UuidText, primary_key=True),
    Column("receiving_agency", _AGENCY, nullable=False),
    Column("category", _CODE, nullable=True),
    Column("place_name", String, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("responded_at", UtcDateTime, nullable=True),
    Column("wants_reply", Boolean, nullable=False),
    Column("reply_by", UtcDateTime, nullable=False),
    Column("feedback_at", UtcDateTime, nullable=True),
    Column("issue_id", UuidText, nullable=True),
    Index("follow_up_reports_by_reception", "received_at", "report_id"),
)

issues = Table(
    "follow_up_issues",
    metadata,
    Column("issue_id", UuidText, primary_key=True),
    Column("number", _CODE, nullable=False),
    Column("title", String, nullable=False),
    Column("category", _CODE, nullable=False),
    Column("place_key", String, nullable=True),
    Column("place_name", String, nullable=False),
    Column("responsible_agency", _AGENCY, nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("is_open", Boolean, nullable=False),
    Column("does_not_count", Boolean, nullable=False),
    Column("first_action_at", UtcDateTime, nullable=True),
    Column("first_action_after", BigInteger, nullable=True),
    Column("first_action_parked", BigInteger, nullable=True),
    Column("acting_agencies", Json, nullable=False),
    Column("declines", Integer, nullable=False),
    Column("bounced", Boolean, nullable=False),
    Column("handovers", Integer, nullable=False),
    Column("assessed", Boolean, nullable=False),
    Column("parked_at", UtcDateTime, nullable=True),
    Column("parked", Json, nullable=False),
    Column("closing", Integer, nullable=True),
    Index("follow_up_issues_by_opening", "opened_at", "issue_id"),
    Index("follow_up_issues_open", "is_open", "issue_id"),
)
"""Durations in microseconds, parked time taken out and kept apart.

`place_key` is what recurring places are found by (None for a whole area); `parked` the ended
spans of rest; `closing` the version of the latest closing; merged and voided ones do not count.
"""

referrals = Table(
    "follow_up_referrals",
    metadata,
    Column("referral_id", UuidText, primary_key=True),
    Column("issue_id", UuidText, nullable=False),
    Column("type", _CODE, nullable=False),
    Column("from_agency", _AGENCY, nullable=False),
    Column("to_agency", _AGENCY, nullable=False),
    Column("sent_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("asked_at", UtcDateTime, nullable=True),
    Column("pauses", Json, nullable=False),
    Column("settled_at", UtcDateTime, nullable=True),
    Column("outcome", _CODE, nullable=True),
    Column("reason_code", _CODE, nullable=True),
    Column("answered_after", BigInteger, nullable=True),
    Column("paused", BigInteger, nullable=True),
    Column("parked", BigInteger, nullable=True),
    Column("returned_at", UtcDateTime, nullable=True),
    Column("return_reason_code", _CODE, nullable=True),
    Index("follow_up_referrals_by_sending", "sent_at", "referral_id"),
    Index("follow_up_referrals_by_due_time", "due_at", "referral_id"),
    Index("follow_up_referrals_of_issue", "issue_id", "sent_at"),
)
"""Referrals that expect an answer; `asked_at` while information is asked for."""

planned = Table(
    "follow_up_planned",
    metadata,
    Column("action_id", UuidText, primary_key=True),
    Column("issue_id", UuidText, nullable=False),
    Column("agency_id", _AGENCY, nullable=False),
    Column("action_type", _CODE, nullable=False),
    Column("planned_at", UtcDateTime, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("settled_at", UtcDateTime, nullable=True),
    Column("performed", Boolean, nullable=True),
    Index("follow_up_planned_by_day", "due_on", "action_id"),
)
"""Planned actions; settled when performed or cancelled."""

effects = Table(
    "follow_up_effects",
    metadata,
    Column("issue_id", UuidText, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("effect", _CODE, nullable=False),
    Column("agency_id", _AGENCY, nullable=False),
    Index("follow_up_effects_by_time", "recorded_at", "issue_id", "version"),
)
"""Each follow-up recorded; `agency_id` was responsible for the issue then."""

closings = Table(
    "follow_up_closings",
    metadata,
    Column("issue_id", UuidText, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("closed_at", UtcDateTime, nullable=False),
    Column("agency_id", _AGENCY, nullable=False),
    Column("outcome", _CODE, nullable=False),
    Column("acted", Boolean, nullable=False),
    Column("assessed", Boolean, nullable=False),
    Column("reopened_at", UtcDateTime, nullable=True),
    Index("follow_up_closings_by_time", "closed_at", "issue_id", "version"),
)
"""Each closing: whether anything had been done by then and its effect assessed."""
