"""Run migrations on the connection that ``infra.migrate`` has opened and locked."""

from alembic import context

from infra import account_tables, desk_tables
from infra.migrate import VERSION_TABLE

# Both name the one metadata, which knows the tables of both only when both are imported.
METADATA = {each.metadata for each in (account_tables.accounts, desk_tables.drafts)}

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=list(METADATA),
    version_table=VERSION_TABLE,
)
with context.begin_transaction():
    context.run_migrations()
