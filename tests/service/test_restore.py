"""The drill of docs/operations.md: a dump, restored elsewhere, is the whole program's data."""

from pathlib import Path

from sqlalchemy import select

from infra.log.tables import events
from projections.catalogue import PROJECTIONS
from service.assembly import Samsyn, assemble
from tests import servers
from tests.examples import a_sent_referral, a_started_samsyn
from tests.service.command_line import CommandLine
from tests.service.copies import run


def everything(samsyn: Samsyn) -> dict[str, list[str]]:
    """Every row of the log and of each read model."""
    tables = [table for each in PROJECTIONS for _, table in each.tables]
    with samsyn.engine.connect() as db:
        return {
            table.name: sorted(repr(tuple(row)) for row in db.execute(select(table)))
            for table in (events, *tables)
        }


def test_a_restored_dump_is_whole_and_goes_on(tmp_path: Path) -> None:
    with servers.own_postgresql(durable=False) as server:
        origin = servers.plain_address(servers.create_database(server.address, "origin"))
        with a_started_samsyn(origin) as started:
            a_sent_referral(started)
            started.catch_up()
            before = everything(started.samsyn)
        dump = tmp_path / "samsyn.dump"
        run("pg_dump", "--format=custom", f"--file={dump}", origin)
        restored = servers.plain_address(servers.create_database(server.address, "restored"))
        run("pg_restore", "--exit-on-error", f"--dbname={restored}", str(dump))
        assert of_database(restored) == before
        CommandLine(restored).text("rebuild", "all")
        assert of_database(restored) == before, "the log alone gives the same read models"


def of_database(url: str) -> dict[str, list[str]]:
    """Everything that a database holds."""
    samsyn = assemble(url, PROJECTIONS)
    try:
        return everything(samsyn)
    finally:
        samsyn.close()
