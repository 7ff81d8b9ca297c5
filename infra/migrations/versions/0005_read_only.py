"""What witnesses have signed and this database does not hold, and by that: whether to write."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_TABLE = "audit_ahead"
_BEHIND = """
CREATE VIEW audit_behind AS
SELECT ahead.origin, ahead.tree_size, ahead.text, ahead.note, ahead.found_at
FROM audit_ahead AS ahead
WHERE NOT EXISTS (
    SELECT 1 FROM audit_tree AS tree
    JOIN audit_checkpoint AS kept ON kept.tree = tree.tree AND kept.tree_size = ahead.tree_size
    WHERE tree.origin = ahead.origin AND substr(kept.note, 1, length(ahead.text)) = ahead.text)
"""


def upgrade() -> None:
    op.create_table(
        _TABLE,
        sa.Column("origin", sa.Text, primary_key=True),
        sa.Column("tree_size", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("text", sa.Text, primary_key=True),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("found_at", sa.BigInteger, nullable=False),
    )
    op.execute(_BEHIND)
    if op.get_bind().dialect.name == "sqlite":
        for what in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {_TABLE}_no_{what.lower()} BEFORE {what} ON {_TABLE} "
                f"BEGIN SELECT RAISE(ABORT, '{_TABLE} is only added to'); END"
            )
    else:
        op.execute(
            f"CREATE TRIGGER {_TABLE}_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON {_TABLE} "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_is_only_added_to()"
        )


def downgrade() -> None:
    op.execute("DROP VIEW audit_behind")
    op.drop_table(_TABLE)
