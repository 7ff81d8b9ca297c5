"""Rows of an access log may be taken away once it is recorded that they are disposed of."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_TABLE = "access_disposal"
_IS_DISPOSED = (
    f"EXISTS (SELECT 1 FROM {_TABLE} AS each "  # noqa: S608  names of ours
    "WHERE each.agency_id = OLD.agency_id AND OLD.at < each.before_at)"
)
_ONLY_ADDED_TO = "access_log is only added to"


def upgrade() -> None:
    op.create_table(
        _TABLE,
        sa.Column("agency_id", sa.Text, primary_key=True),
        sa.Column("before", sa.Date, primary_key=True),
        sa.Column("before_at", sa.BigInteger, nullable=False),
        sa.Column("event_id", sa.Uuid, nullable=False),
    )
    if op.get_bind().dialect.name == "sqlite":
        for what in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {_TABLE}_no_{what.lower()} BEFORE {what} ON {_TABLE} "
                f"BEGIN SELECT RAISE(ABORT, '{_TABLE} is only added to'); END"
            )
        op.execute("DROP TRIGGER access_log_no_delete")
        op.execute(
            "CREATE TRIGGER access_log_no_delete BEFORE DELETE ON access_log "
            f"WHEN NOT {_IS_DISPOSED} BEGIN SELECT RAISE(ABORT, '{_ONLY_ADDED_TO}'); END"
        )
        return
    op.execute(
        f"CREATE TRIGGER {_TABLE}_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON {_TABLE} "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_is_only_added_to()"
    )
    op.execute("DROP TRIGGER access_log_added_to ON access_log")
    op.execute(
        "CREATE TRIGGER access_log_added_to BEFORE UPDATE OR TRUNCATE ON access_log "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_is_only_added_to()"
    )
    op.execute(
        "CREATE FUNCTION access_log_is_disposed() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN IF {_IS_DISPOSED} THEN RETURN OLD; END IF; "
        f"RAISE EXCEPTION '{_ONLY_ADDED_TO}' USING ERRCODE = 'insufficient_privilege'; END $$"
    )
    op.execute(
        "CREATE TRIGGER access_log_disposed BEFORE DELETE ON access_log "
        "FOR EACH ROW EXECUTE FUNCTION access_log_is_disposed()"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER access_log_no_delete")
        op.execute(
            "CREATE TRIGGER access_log_no_delete BEFORE DELETE ON access_log "
            f"BEGIN SELECT RAISE(ABORT, '{_ONLY_ADDED_TO}'); END"
        )
    else:
        op.execute("DROP TRIGGER access_log_disposed ON access_log")
        op.execute("DROP FUNCTION access_log_is_disposed()")
        op.execute("DROP TRIGGER access_log_added_to ON access_log")
        op.execute(
            "CREATE TRIGGER access_log_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON access_log "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_is_only_added_to()"
        )
    op.drop_table(_TABLE)
