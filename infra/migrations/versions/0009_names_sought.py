"""Whether what was searched for was the searcher's own name, or a colleague's."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("access_log", sa.Column("name_sought", sa.Text, nullable=True))


def downgrade() -> None:
    op.drop_column("access_log", "name_sought")
