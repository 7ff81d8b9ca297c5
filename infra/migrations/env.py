"""Run migrations on the connection that ``infra.migrate`` has opened and locked."""

from alembic import context

from infra import account_tables
from infra.migrate import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=account_tables.accounts.metadata,
    version_table=VERSION_TABLE,
)
with context.begin_transaction():
    context.run_migrations()
