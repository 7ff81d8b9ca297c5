"""Migrations go up and down, agree with the tables in the code and run once, whoever starts."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

from infra.access import tables as access
from infra.account_tables import accounts
from infra.audit import tables as audit
from infra.database import connect
from infra.log.casework import Casework
from infra.migrate import UnknownSchema, migrate, migrate_down, newest, revision
from tests.infra.ledger import Ledger

TABLES = {
    *("accounts", "claims", "command_keys", "events", "sessions", "tokens"),
    *("drafts", "fault_reports", "saved_views"),
    *access.NAMES,
    *audit.NAMES,
}


def table_names(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names())


def test_up_and_down(bare_database_url: str) -> None:
    engine = connect(bare_database_url)
    assert revision(engine) is None
    migrate(engine)
    assert table_names(engine) == TABLES | {"schema_version"}
    assert revision(engine) is not None
    migrate_down(engine, "base")
    assert table_names(engine) == {"schema_version"}
    assert revision(engine) is None
    migrate(engine)
    assert table_names(engine) == TABLES | {"schema_version"}
    engine.dispose()


def test_again_keeps_the_data(engine: Engine) -> None:
    casework = Casework(engine)
    casework.save(Ledger.begin("a"))
    migrate(engine)
    assert casework.head() == 1
    casework.close()


def test_several_at_once(bare_database_url: str) -> None:
    engines = [connect(bare_database_url) for _ in range(6)]
    with ThreadPoolExecutor(len(engines)) as starting:
        list(starting.map(migrate, engines))
    assert table_names(engines[0]) == TABLES | {"schema_version"}
    for engine in engines:
        engine.dispose()


def test_a_newer_programs_schema_is_let_alone(engine: Engine) -> None:
    with engine.begin() as db:
        db.execute(text("UPDATE schema_version SET version_num = '9999'"))
    with pytest.raises(UnknownSchema, match="9999"):
        migrate(engine)
    assert revision(engine) == "9999"


def test_the_newest_file_is_what_all_migrations_lead_to() -> None:
    assert ScriptDirectory("infra/migrations").get_heads() == [newest()]


def test_migrations_give_the_tables_of_the_code(bare_database_url: str) -> None:
    engine = connect(bare_database_url)
    migrate(engine)
    with engine.connect() as db:
        context = MigrationContext.configure(
            db, opts={"version_table": "schema_version", "compare_server_default": True}
        )
        assert compare_metadata(context, accounts.metadata) == []
    engine.dispose()
