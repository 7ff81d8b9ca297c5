"""Run migrations on the connection that ``infra.migrate`` has opened and locked."""

from alembic import context

from infra import account_tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=account_tables.accounts.metadata,
    version_table="schema_version",
)
with context.begin_transaction():
    context.run_migrations()
