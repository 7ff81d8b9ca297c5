"""Run migrations on the connection that ``infra.migrate`` has opened and locked."""

from alembic import context

from infra import account_tables, desk_tables
from infra.access import tables as access_tables
from infra.migrate import VERSION_TABLE

# All name the one metadata, which knows the tables of all only when all are imported.
METADATA = {
    each.metadata for each in (account_tables.accounts, access_tables.accesses, desk_tables.drafts)
}

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=list(METADATA),
    version_table=VERSION_TABLE,
)
with context.begin_transaction():
    context.run_migrations()
