"""A witness that checkpoints are pushed to says a size without showing what it has signed."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_BEHIND = """
CREATE VIEW audit_behind AS
SELECT ahead.origin, ahead.tree_size, ahead.text, ahead.note, ahead.found_at
FROM audit_ahead AS ahead
WHERE NOT EXISTS (
    SELECT 1 FROM audit_tree AS tree
    JOIN audit_checkpoint AS kept ON kept.tree = tree.tree AND kept.tree_size = ahead.tree_size
    WHERE tree.origin = ahead.origin AND substr(kept.note, 1, length(ahead.text)) = ahead.text)
AND NOT EXISTS (SELECT 1 FROM audit_given_up AS gone WHERE gone.origin = ahead.origin)
"""
# What is only said is held by any log of so many entries; a note begins with its text.
_ONLY_SAID = """
AND NOT EXISTS (
    SELECT 1 FROM audit_tree AS tree
    JOIN audit_checkpoint AS kept ON kept.tree = tree.tree AND kept.tree_size >= ahead.tree_size
    WHERE tree.origin = ahead.origin AND substr(ahead.note, 1, length(ahead.text)) <> ahead.text)
"""


def upgrade() -> None:
    op.execute("DROP VIEW audit_behind")
    op.execute(_BEHIND + _ONLY_SAID)


def downgrade() -> None:
    op.execute("DROP VIEW audit_behind")
    op.execute(_BEHIND)
