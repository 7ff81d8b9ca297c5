"""The tables of an issue's page: heads, referrals, actions, the lines of its story, its reports."""

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

from projections.columns import Json, UtcDateTime, UuidText
from projections.issue_state import IssueState

metadata = MetaData()

heads = Table(
    "story_heads",
    metadata,
    Column("issue_id", UuidText, primary_key=True),
    Column("number", String(40), nullable=False),
    Column("status", String(20), nullable=False),
    Column("category", String(100), nullable=False),
    Column("responsible_agency", String(100), nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("state", IssueState, nullable=False),
    Column("description_sv", Text),
    Column("place", Json, nullable=False),
    Column("north", Integer),
    Column("east", Integer),
    Column("area_id", String(100)),
    Column("context_flags", Json, nullable=False),
    Column("priority_area", Text),
    Column("external_ref", Json),
    Column("registering_agency", String(100), nullable=False),
    Column("registry_refs", Json, nullable=False),
    Column("closed_at", UtcDateTime),
    Column("outcome", String(40)),
    Column("effect", String(20)),
    Column("merged_into", Json),
    Column("search", Text, nullable=False),
    Column("public_search", Text, nullable=False),
    Index("story_heads_by_number", "number", "issue_id"),
    Index("story_heads_by_opening", "opened_at", "issue_id"),
    Index("story_heads_by_responsible", "responsible_agency", "opened_at", "issue_id"),
)
"""`state` is the `IssueNow` of `issue_state`; the columns before it are copies to search by.

`north` and `east` are where an open issue lies, in steps of `nearness`; NULL for all others.
"""
_is_on_map = heads.c.north.is_not(None)
Index(
    "story_heads_by_spot",
    heads.c.north,
    heads.c.east,
    postgresql_where=_is_on_map,
    sqlite_where=_is_on_map,
)

referrals = Table(
    "story_referrals",
    metadata,
    Column("referral_id", UuidText, primary_key=True),
    Column("issue_id", UuidText, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("type", String(20), nullable=False),
    Column("status", String(20), nullable=False),
    Column("from_agency", String(100), nullable=False),
    Column("to_agency", String(100), nullable=False),
    Column("to_unit", Text),
    Column("sent_by", String(200), nullable=False),
    Column("question_sv", Text),
    Column("wanted_sv", Text),
    Column("background_sv", Text),
    Column("items_disclosed", Json, nullable=False),
    Column("deadlines", Json),
    Column("sent_at", UtcDateTime, nullable=False),
    Column("delivered_at", UtcDateTime),
    Column("opened_at", UtcDateTime),
    Column("opened_by", String(200)),
    Column("settled_at", UtcDateTime),
    Column("settled_by", String(200)),
    Column("returned_at", UtcDateTime),
    Column("completed_at", UtcDateTime),
    Column("reminded_at", UtcDateTime),
    Column("escalation_level", Integer, nullable=False),
    Column("escalated_at", UtcDateTime),
    Column("questions", Json, nullable=False),
    Column("planned_first_action_by", Date),
    Column("first_action_due_at", UtcDateTime),
    Column("reason_code", String(40)),
    Column("reason_sv", Text),
    Column("suggested_agency", String(100)),
    Column("earliest_on", Date),
    Column("sender_acts_by", UtcDateTime),
    Column("done_so_far_sv", Text),
    Column("answer_sv", Text),
    Index("story_referrals_of_issue", "issue_id", "position"),
)
"""`settled_at`: taken over, declined, answered or withdrawn, whichever ended the waiting."""

actions = Table(
    "story_actions",
    metadata,
    Column("action_id", UuidText, primary_key=True),
    Column("issue_id", UuidText, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("action_type", String(40), nullable=False),
    Column("agency_id", String(100)),
    Column("recorded_by", String(200), nullable=False),
    Column("planned_at", UtcDateTime),
    Column("due_on", Date),
    Column("owner", Text),
    Column("description_sv", Text),
    Column("expected_effect_sv", Text),
    Column("horizon", String(20)),
    Column("performed_from", UtcDateTime),
    Column("performed_to", UtcDateTime),
    Column("together_with", Json, nullable=False),
    Column("place", Json),
    Column("people", Integer),
    Column("result_sv", Text),
    Column("implementation", String(20)),
    Column("implementation_reason_sv", Text),
    Column("cancelled_at", UtcDateTime),
    Column("cancel_reason_sv", Text),
    Column("promise_commitment_id", Text),
    Column("est_focus_id", Text),
    Index("story_actions_of_issue", "issue_id", "position"),
)

links = Table(
    "story_reports",
    metadata,
    Column("issue_id", UuidText, primary_key=True),
    Column("report_id", UuidText, primary_key=True),
    Column("position", BigInteger, nullable=False),
)
"""Which reports belong to which issue; those of a merged issue belong to both."""
