"""The access log: who read what, when and why; only ever added to."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "access_log",
        sa.Column("agency_id", sa.Text, primary_key=True),
        sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("row_id", sa.Uuid, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("issue_id", sa.Uuid, nullable=True),
        sa.Column("report_id", sa.Uuid, nullable=True),
        sa.Column("operation", sa.Text, nullable=False),
        sa.Column("shape", sa.Text, nullable=True),
        sa.Column("found", sa.Integer, nullable=True),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("code", sa.Text, nullable=True),
        sa.Column("request_id", sa.Text, nullable=False),
        sa.Column("salt", sa.Text, nullable=False),
    )
    op.create_index("access_log_row", "access_log", ["row_id"], unique=True)
    op.create_index("access_log_of_agency", "access_log", ["agency_id", "at", "row_id"])
    op.create_index("access_log_of_issue", "access_log", ["issue_id", "at", "row_id"])
    if op.get_bind().dialect.name == "sqlite":
        for what in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER access_log_no_{what.lower()} BEFORE {what} ON access_log "
                "BEGIN SELECT RAISE(ABORT, 'access_log is only added to'); END"
            )
        return
    op.execute("CREATE SEQUENCE access_log_position")
    op.execute(
        "CREATE TRIGGER access_log_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON access_log "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_is_only_added_to()"
    )


def downgrade() -> None:
    op.drop_table("access_log")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP SEQUENCE access_log_position")
