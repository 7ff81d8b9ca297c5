"""What people keep at their desk: drafts, saved views, and faults they have reported."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "drafts",
        sa.Column("user_id", sa.Text, primary_key=True),
        sa.Column("form", sa.Text, primary_key=True),
        sa.Column("typed", sa.Text, nullable=False),
        sa.Column("saved_at", sa.BigInteger, nullable=False),
    )
    op.create_index("drafts_saved", "drafts", ["saved_at"])
    op.create_table(
        "saved_views",
        sa.Column("view_id", sa.Uuid, primary_key=True),
        sa.Column("agency_id", sa.Text, nullable=False),
        sa.Column("user_id", sa.Text, nullable=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("query", sa.Text, nullable=False),
        sa.Column("saved_at", sa.BigInteger, nullable=False),
    )
    op.create_index("saved_views_agency", "saved_views", ["agency_id"])
    op.create_table(
        "fault_reports",
        sa.Column("fault_id", sa.Uuid, primary_key=True),
        sa.Column("reported_at", sa.BigInteger, nullable=False),
        sa.Column("user_id", sa.Text, nullable=True),
        sa.Column("page", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_index("fault_reports_at", "fault_reports", ["reported_at"])


def downgrade() -> None:
    op.drop_table("fault_reports")
    op.drop_table("saved_views")
    op.drop_table("drafts")
