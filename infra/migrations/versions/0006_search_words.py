"""What was searched for, encrypted, in the row of the access log."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("access_log", sa.Column("words", sa.Text, nullable=True))


def downgrade() -> None:
    op.drop_column("access_log", "words")
