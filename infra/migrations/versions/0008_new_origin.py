"""Logs that were given up by a decision, so that a year may have a second one, begun anew."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_TABLE = "audit_given_up"
_TREES = "audit_tree"
_ONE_A_YEAR = "audit_tree_kind_year"
_BEHIND = """
CREATE VIEW audit_behind AS
SELECT ahead.origin, ahead.tree_size, ahead.text, ahead.note, ahead.found_at
FROM audit_ahead AS ahead
WHERE NOT EXISTS (
    SELECT 1 FROM audit_tree AS tree
    JOIN audit_checkpoint AS kept ON kept.tree = tree.tree AND kept.tree_size = ahead.tree_size
    WHERE tree.origin = ahead.origin AND substr(kept.note, 1, length(ahead.text)) = ahead.text)
"""
_NOT_GIVEN_UP = f"AND NOT EXISTS (SELECT 1 FROM {_TABLE} AS gone WHERE gone.origin = ahead.origin)"  # noqa: S608  a name of ours


def upgrade() -> None:
    op.create_table(
        _TABLE,
        sa.Column("origin", sa.Text, primary_key=True),
        sa.Column("successor", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("entry", sa.LargeBinary, nullable=False),
    )
    op.execute("DROP VIEW audit_behind")
    if op.get_bind().dialect.name == "sqlite":
        # The table is made anew without the rule, and its triggers with it.
        with op.batch_alter_table(_TREES) as trees:
            trees.drop_constraint(_ONE_A_YEAR, type_="unique")
        _only_added_to(_TREES)
        _only_added_to(_TABLE)
    else:
        op.drop_constraint(_ONE_A_YEAR, _TREES, type_="unique")
        op.execute(
            f"CREATE TRIGGER {_TABLE}_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON {_TABLE} "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_is_only_added_to()"
        )
    op.execute(_BEHIND + _NOT_GIVEN_UP)


def downgrade() -> None:
    op.execute("DROP VIEW audit_behind")
    op.drop_table(_TABLE)
    if op.get_bind().dialect.name == "sqlite":
        with op.batch_alter_table(_TREES) as trees:
            trees.create_unique_constraint(_ONE_A_YEAR, ["kind", "year"])
        _only_added_to(_TREES)
    else:
        op.create_unique_constraint(_ONE_A_YEAR, _TREES, ["kind", "year"])
    op.execute(_BEHIND)


def _only_added_to(table: str) -> None:
    for what in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{what.lower()} BEFORE {what} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is only added to'); END"
        )
