"""A restored backup under a running service: a witness finds out, and everything is only read."""

import json
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from litestar.testing import TestClient
from sqlalchemy import URL, make_url

from infra.audit import ahead, anew, store, verify
from infra.audit.following_on import untrue_links
from infra.audit.leaf import ISSUES
from infra.audit.mirror import Head, Mirror
from infra.audit.witness import Witness
from infra.audit.witness_http import serve
from projections.catalogue import PROJECTIONS
from service.app import create_app
from service.assembly import assemble
from service.exposition import registry_of
from service.probes import Probes
from service.pushing import Pushing
from service.settings import Settings
from service.witnessed import WELL, look
from tests import servers
from tests.examples import Started, an_open_issue
from tests.infra.audit.sealing import KEYS, real_time
from tests.service.audited import WITNESSES, Audited, Shown, a_sequencer, an_audited_web
from tests.service.command_line import CommandLine
from tests.service.copies import backed_up, put_back
from tests.service.visiting import Visit, open_accounts
from tests.service.web import Web

READ_ONLY = "Samsyn är skrivskyddat"
ISSUE = {"public_title": "Otrygg passage", "category": "other", "place": {"name": "Heden"}}


@contextmanager
def started_again(url: str, audited: Audited, settings: Settings) -> Generator[Web]:
    """The service, started on a database that was put back."""
    samsyn = assemble(url, PROJECTIONS, audited.web.clock)
    app = create_app(samsyn, settings)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield Web(Started(samsyn, audited.web.clock), client, app.state.services)
    samsyn.close()


@pytest.fixture
def restored(
    postgresql_url: str, postgresql_server: URL, tmp_path: Path
) -> Iterator[tuple[Audited, Web]]:
    """What three witnesses watched, and the service on a copy that is two issues older."""
    name = f"{make_url(postgresql_url).database}_older"
    older = servers.plain_address(servers.create_database(postgresql_server, name))
    with an_audited_web(postgresql_url, tmp_path) as audited:
        open_accounts(audited.web.started)
        an_open_issue(audited.web.started)
        audited.seal()
        audited.watch()
        put_back(older, backed_up(postgresql_url, tmp_path))
        an_open_issue(audited.web.started)
        an_open_issue(audited.web.started)
        audited.seal()
        audited.watch()
        settings = replace(audited.web.services.settings, database_url=older)
        with started_again(older, audited, settings) as web:
            yield audited, web
    servers.drop_database(postgresql_server, name)


def opened_over_http(web: Web, **headers: str) -> Any:
    return web.post("/issues", ISSUE, **headers)


def test_the_first_witness_that_looks_makes_the_service_read_only_until_it_is_healed(
    restored: tuple[Audited, Web],
) -> None:
    audited, web = restored
    assert opened_over_http(web).status_code == 201, "until then nobody can know"
    with pytest.raises(verify.Found, match="Rolled back"):
        audited.witnesses["social"].pull(Shown(web))
    answer = opened_over_http(web, accept_language="en")
    assert (answer.status_code, answer.json()["code"]) == (503, "read_only")
    assert "restored from a backup" in answer.json()["detail"]
    assert READ_ONLY in opened_over_http(web, accept_language="sv").json()["detail"]
    assert web.get("/issues").status_code == 200
    ready = web.client.get("/ready").json()
    assert (ready["status"], ready["log"], shown_as_read_only(web)) == ("degraded", "read-only", 1)

    settings = web.services.settings
    environ = {
        "SAMSYN_AUDIT_POLICY": str(settings.audit_policy),
        "SAMSYN_DATA_DIR": str(audited.folder),
    }
    mirror = audited.folder / "police.db"
    healed = CommandLine(settings.database_url).run(
        "restore-check", "--heal-from", mirror, **environ
    )
    assert healed.exit_code == 0, healed.output
    assert "LOST are 2 events" in healed.stdout
    assert opened_over_http(web).status_code == 201
    assert shown_as_read_only(web) == 0
    grown = replace(audited, web=web, sequencer=a_sequencer(web), shown=Shown(web))
    grown.seal()
    web.clock.now = real_time() + timedelta(minutes=2)
    grown.watch()
    with web.started.samsyn.engine.connect() as db:
        found = look(db, settings, real_time())
    assert found is not None
    assert (found.state, found.size) == (WELL, len(grown.entries()))
    assert len(grown.entries()) == len(audited.entries()) + 3, "the loss, and the two since"
    page = Visit(web.client, web.started).as_user("u-man-01").get("/trail/health").text
    assert "2 händelser gick förlorade" in page


def test_pages_say_that_nothing_is_saved_and_keep_what_was_typed(
    restored: tuple[Audited, Web],
) -> None:
    audited, web = restored
    with pytest.raises(verify.Found):
        audited.witnesses["police"].pull(Shown(web))
    visit = Visit(web.client, web.started).as_user("u-dis-01")
    assert READ_ONLY in visit.get("/issues").text
    assert "Databasen saknar sådant som redan är bevittnat" in visit.get("/trail/health").text
    typed = {"public_title": "Trasig lampa", "category": "graffiti", "place": "haga"}
    answer = visit.fill("/issues/new", **typed)
    assert answer.status_code == 503
    assert READ_ONLY in answer.text
    assert "Trasig lampa" in answer.text


def test_a_checkpoint_that_the_log_never_signed_stops_nobody(
    restored: tuple[Audited, Web],
) -> None:
    audited, web = restored
    head = audited.mirrors["police"].head(audited.origin)
    larger = head.note.replace(f"\n{head.size}\n", f"\n{head.size + 1}\n", 1)
    by_witness_alone = head.cosignature
    for note in (larger, by_witness_alone):
        with pytest.raises(OSError, match="no_such_checkpoint"):
            Shown(web).tell(note)
    assert opened_over_http(web).status_code == 201


def shown_as(visit: Visit, state: str) -> int:
    """How many of the first lines of the trail are in a state."""
    return int(visit.get("/trail").text.count(f'<td data-word="Läge">{state}<'))


@contextmanager
def waiting(witness: Witness) -> Generator[str]:
    """A witness that is not let out of its agency: the log comes to it, at this address."""
    with serve(witness, "127.0.0.1", 0) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_a_witness_that_the_log_comes_to_stops_it_by_the_size_that_it_tells(
    restored: tuple[Audited, Web], tmp_path: Path
) -> None:
    audited, web = restored
    settings, samsyn = web.services.settings, web.started.samsyn
    agreed = settings.audit_policy.read_text(encoding="utf-8")
    social = str(WITNESSES["social"].public_key)
    with waiting(audited.witnesses["social"]) as address:
        settings.audit_policy.write_text(agreed.replace(social, f"{social} {address}"))
        Pushing(samsyn, settings).push_all()
    size = audited.mirrors["social"].head(audited.origin).size
    assert opened_over_http(web).json()["code"] == "read_only"
    assert shown_as_read_only(web) == 1
    with samsyn.engine.execution_options(writes=True).begin() as db:
        (lacking,) = ahead.lacking(db)
        tree = store.last_tree(db, ISSUES)
        assert tree is not None
        sealed = store.last_checkpoint(db, tree.tree)
        assert sealed is not None
        said = ahead.keep_said(db, tree, sealed.size, "social.example", web.clock())
    assert (lacking.size, lacking.note, lacking.signed) == (size, "social.example", None)
    assert not said, "whoever has signed what is here is not ahead"

    line = CommandLine(settings.database_url)
    environ = {"SAMSYN_AUDIT_POLICY": str(settings.audit_policy), "SAMSYN_DATA_DIR": str(tmp_path)}
    shown = line.run("restore-check", **environ)
    assert f"up to {size} entries, as social.example says and has not shown" in shown.stdout
    checked = line.run("verify", **environ).stdout
    assert f"social.example says that it has witnessed {size} entries" in checked
    healed = line.run("restore-check", "--heal-from", audited.folder / "police.db", **environ)
    assert healed.exit_code == 0, healed.output
    assert opened_over_http(web).status_code == 201


def test_what_a_witness_only_said_can_be_given_up_too(restored: tuple[Audited, Web]) -> None:
    audited, web = restored
    samsyn = web.started.samsyn
    with samsyn.engine.execution_options(writes=True).begin() as db:
        tree = store.last_tree(db, ISSUES)
        assert tree is not None
        assert ahead.keep_said(db, tree, 9_000, "social.example", web.clock())
    with pytest.raises(verify.Found):
        audited.witnesses["police"].pull(Shown(web))
    (begun,) = anew.begin_anew(samsyn.engine, "Dnr 2026-0417", web.clock())
    told = anew.told_in(begun.entry)
    assert told is not None
    head = audited.mirrors["police"].head(audited.origin)
    assert {(each.size, each.root) for each in told.given_up} == {
        (head.size, head.root.hex()),
        (9_000, ""),
    }
    assert untrue_links(begun.entry, audited.mirrors["police"]) == []
    assert opened_over_http(web).status_code == 201


def shown_as_read_only(web: Web) -> float:
    """What Prometheus is told."""
    probes = Probes(web.services.settings, web.clock)
    try:
        shown = {each.name: each for each in registry_of(probes).collect()}
        return shown["samsyn_read_only"].samples[0].value
    finally:
        probes.close()


def test_a_new_log_is_witnessed_once_the_agencies_have_agreed_to_it_and_pages_say_why(
    restored: tuple[Audited, Web], tmp_path: Path
) -> None:
    audited, web = restored
    assert opened_over_http(web).status_code == 201
    sealed_here = replace(audited, web=web, sequencer=a_sequencer(web), shown=Shown(web))
    sealed_here.seal()
    with pytest.raises(verify.Found, match="Rolled back"):
        audited.witnesses["police"].pull(Shown(web))
    settings = web.services.settings
    environ = {"SAMSYN_AUDIT_POLICY": str(settings.audit_policy), "SAMSYN_DATA_DIR": str(tmp_path)}
    done = CommandLine(settings.database_url).run(
        "restore-check", "--begin-anew", "Dnr 2026-0417", **environ
    )
    assert (done.exit_code, "GIVEN UP by decision" in done.stdout) == (0, True), done.output
    assert opened_over_http(web).status_code == 201
    grown = replace(sealed_here, sequencer=a_sequencer(web))
    grown.seal()
    with pytest.raises(verify.Found, match="Not signed by"):
        audited.witnesses["police"].pull(Shown(web))
    web.started.catch_up()
    visit = Visit(web.client, web.started).as_user("u-man-01")
    assert shown_as(visit, "Bevittnad") > 0, "what was witnessed in the old log was so"
    assert shown_as(visit, "Förseglad") == 2, "what has come since"

    origin = f"{audited.origin}-2"
    logs = [f"log {key}" for key in KEYS.public(origin)]
    agreed = "\n".join([*logs, settings.audit_policy.read_text(encoding="utf-8")])
    policy = verify.Policy(agreed)
    web.clock.now = real_time() + timedelta(minutes=2)
    now = int(web.clock().timestamp())
    signed = {
        Witness(audited.mirrors[name], key, [policy], lambda: now).pull(Shown(web)).size
        for name, key in WITNESSES.items()
    }
    assert signed == {len(grown.entries())}
    with web.started.samsyn.engine.connect() as db:
        found = look(db, settings, real_time())
    assert found is not None
    assert (found.state, found.size) == (WELL, max(signed)), "the old log is waited for no more"

    with web.started.samsyn.engine.connect() as db:
        old = store.find_trees(db, ISSUES)[0]
        names = [key.name for key in WITNESSES.values()]
        then = (
            store.sizes_signed_by(db, old.tree, names, len(names))[0],
            store.leaf_count(db, old.tree),
        )
    assert then[0] < then[1]

    log = verify.Log(str(grown.download("new")), policy)
    said = log.growth(log)
    assert "ny logg genom beslut Dnr 2026-0417" in said
    assert "a new log by decision Dnr 2026-0417" in said
    for part in ("2026", "2026-2"):
        assert (
            f"/issues/{part}\n" in Shown(web, f"/audit/issues/{part}").read("checkpoint").decode()
        )
    visit = Visit(web.client, web.started).as_user("u-man-01")
    page = visit.get("/trail/health").text
    assert "Äldre logg 2026: {} av {} poster bevittnades då.".format(*then) in page
    assert shown_as(visit, "Förseglad") == 0, "the new log's first entry covers the old one"
    assert "Loggen är begynt på nytt" in page
    assert "Dnr 2026-0417" in page


def test_a_new_log_that_lies_of_the_old_one_is_not_witnessed(tmp_path: Path) -> None:
    mirror = Mirror(tmp_path / "police.db")
    entries = [b"a", b"b", b"c"]
    head = Head("old/issues/2026", 3, verify.tree_root([*map(verify.leaf_hash, entries)]))
    assert mirror.advance(Head(head.origin), head, 0, entries)
    first_two = verify.tree_root([*map(verify.leaf_hash, entries[:2])]).hex()
    held = {"origin": head.origin, "size": 2, "root": "00" * 32}

    def named(size: int, root: str) -> list[str]:
        told = {"given_up": [{"origin": head.origin, "size": size, "root": root}], "previous": held}
        return untrue_links(json.dumps(told).encode(), mirror)

    assert named(3, head.root.hex()) == named(2, first_two) == named(9, "11" * 32) == []
    assert "2 entries of old/issues/2026 that are not" in named(2, head.root.hex())[0]
    assert "3 entries" in named(3, first_two)[0]
    year = json.dumps({"previous": held, "v": 1}).encode()
    assert len(untrue_links(year, mirror)) == 1
    assert untrue_links(b'{"event":"e"}', mirror) == untrue_links(b"\xff", mirror) == []
