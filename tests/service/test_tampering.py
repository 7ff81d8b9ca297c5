"""What somebody who owns the database and the log's key does to a served instance is found out.

Each row of the tables in `docs/attacks.md` that names a test of this file is done with SQL, and
judged by the programs that the agencies run; afterwards a copy is put back.
"""

import json
import random
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from sqlalchemy import URL, text
from sqlalchemy.exc import DBAPIError

from infra.audit import verify
from infra.audit.keys import read_keys
from infra.audit.leaf import ISSUES, leaves_of
from infra.audit.mirror import Mirror
from infra.audit.sequencer import Sequencer
from infra.database import connect
from infra.log.casework import Casework
from tests.infra.audit.sealing import real_time
from tests.servers import create_database, drop_database, plain_address
from tests.service.attacked import AGENCIES, Ran, Site, a_site
from tests.service.attacker import GUARDED
from tests.service.attacks_page import PAGE, rows
from tests.service.histories import (
    HISTORIES,
    PLACE,
    History,
    edited,
    gone_and_grown,
    named,
    other,
    rolled_back_to,
)
from tests.service.running_log import NAME, WITNESSES
from tests.service.served import eventually

pytestmark = pytest.mark.slow
EDITS: Final = 200
NAMED: Final = 20
"""One in so many random edits is put into words by the verifier, too."""


@pytest.fixture(scope="module")
def site(
    postgresql_server: URL,
    postgresql_template: str,
    worker_name: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Site]:
    name = f"samsyn_{worker_name}_attacked"
    url = plain_address(create_database(postgresql_server, name, postgresql_template))
    try:
        with a_site(url, tmp_path_factory.mktemp("attacked")) as found:
            yield found
    finally:
        drop_database(postgresql_server, name)


@pytest.fixture(autouse=True)
def put_back(site: Site) -> Iterator[None]:
    """The log and the events are as all three witnesses have signed them, before and after."""
    yield
    site.owner.put_back("now")


@pytest.fixture
def documented(request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """What is said in a test: the sentences on the page about it must be among it."""
    said: list[str] = []
    yield said
    row = rows(PAGE.read_text(encoding="utf-8"))[request.node.name]
    assert row.says(*said), (row.sentences, said)


def whole(site: Site, policy: Path | None = None) -> Ran:
    return site.verifies("log", site.instance.log, policy=policy)


def well(size: int) -> Ran:
    by = "police, social, district"
    return Ran(
        0,
        f"Stämmer: alla {size} poster ger roten; bevittnat av {by}.",
        f"Right: all {size} entries give the root; witnessed by {by}.",
    )


def judge(site: Site, history: History, documented: list[str]) -> None:
    """All three refuse it, and a witness and the verifier say what was done to which entry."""
    refused = [site.pushes(name) for name in AGENCIES]
    assert [each.status_code for each in refused] == [history.status] * 3
    if history.status == 409:
        assert {each.text for each in refused} == {f"{len(site.honest)}\n"}
    alarm, verdict = site.pulls("police"), site.grew()
    assert alarm == history.alarm
    assert verdict == history.verdict
    documented += [alarm.sv, alarm.en]


@pytest.mark.parametrize("attack", HISTORIES)
def test_another_history_is_refused_by_every_witness_and_named(
    site: Site, attack: str, documented: list[str]
) -> None:
    history = HISTORIES[attack](site.honest)
    site.shows(history.shown)
    judge(site, history, documented)
    mirror = Mirror(site.instance.folder / "police.db")
    origin = site.instance.head()[0]
    assert list(mirror.entries(origin)) == site.honest
    # The log itself has signed both: they convince whoever trusts neither side.
    policy = verify.Policy(site.policy.read_text(encoding="utf-8"))
    sizes = {
        tuple(verify.Checkpoint(note.encode(), policy).size for note in each[2:4])
        for each in mirror.evidence()
    }
    assert (len(site.honest), len(history.shown)) in sizes


def test_of_two_branches_none_is_ever_witnessed_by_all(site: Site, documented: list[str]) -> None:
    honest = site.honest
    branches = [*honest, other(honest[0])], [*honest, other(honest[1])]
    notes: list[verify.Checkpoint] = []
    policy = verify.Policy(site.policy.read_text(encoding="utf-8"))
    with site.keeping_the_witnesses():
        for branch, names in zip(branches, (("police",), ("social", "district")), strict=True):
            site.shows(branch)
            assert [site.pulls(name).code for name in names] == [0] * len(names)
            found, seen = whole(site), ", ".join(names)
            said = f"Stämmer: alla {len(branch)} poster ger roten, men bevittnat av för få: {seen}."
            assert (found.code, found.sv) == (verify.UNWITNESSED, said)
            documented += [found.sv, found.en]
            notes.append(verify.Checkpoint(site.instance.get("checkpoint").content, policy))
        # Two notes that the log has signed, of one size and with two roots: anybody sees it lied.
        assert (notes[0].size, notes[0].origin) == (notes[1].size, notes[1].origin)
        assert notes[0].root != notes[1].root
        grown = [*branches[1], other(honest[2])]
        site.shows(grown)
        assert (
            site.pushes("police", len(branches[0])).status_code == httpx.codes.UNPROCESSABLE_ENTITY
        )
        history = gone_and_grown(branches[0], len(honest), grown[len(honest) :])
        assert site.pulls("police") == history.alarm
        documented += [history.alarm.sv, history.alarm.en]


def test_hundreds_of_random_edits_are_each_refused_and_named(
    site: Site, documented: list[str]
) -> None:
    dice = random.Random(7)
    site.owner.takes_the_triggers_away()
    for number in range(EDITS):
        edit = edited(site.honest, dice)
        site.shows(edit.shown)
        refused = site.pushes("district")
        grew = len(edit.shown) > len(site.honest)
        assert refused.status_code == (422 if grew else 409), edit
        if number % NAMED:
            continue
        found = site.grew()
        assert found.code == verify.TAMPERED
        assert any(f"post {place} (" in found.sv for place in edit.places), (edit.places, found)
        assert any(f"entry {place} (" in found.en for place in edit.places), (edit.places, found)
        documented += [found.sv, found.en]
    assert Mirror(site.instance.folder / "district.db").head(site.instance.head()[0]).size == len(
        site.honest
    )


def test_an_older_copy_put_in_place_is_named_and_nothing_more_is_written(
    site: Site, documented: list[str]
) -> None:
    site.owner.put_back("backup")
    judge(site, rolled_back_to(site.honest, site.instance.head()[1]), documented)
    refused = site.instance.opens_an_issue()
    assert (refused.status_code, refused.json()["code"]) == (503, "read_only")


def test_a_decision_that_was_made_up_to_write_on_an_older_copy_is_named(
    site: Site, documented: list[str]
) -> None:
    site.owner.put_back("backup")
    left = site.instance.head()
    judge(site, rolled_back_to(site.honest, left[1]), documented)
    assert site.instance.opens_an_issue().status_code == httpx.codes.SERVICE_UNAVAILABLE
    told = {"origin": left[0], "root": "00" * 32, "size": len(site.honest)}
    entry = json.dumps({"decided_at": "2026-01-01T00:00:00Z", "decision": "Dnr 1",
                        "given_up": [told], "previous": told, "v": 1})  # fmt: skip
    site.owner.does(
        "INSERT INTO audit_given_up "  # noqa: S608  words of this test
        f"VALUES ('{left[0]}', '{left[0]}', 'issues', 2026, convert_to('{entry}', 'UTF8'))"
    )
    assert site.instance.opens_an_issue().status_code == httpx.codes.CREATED, "it is escaped"
    found = site.found()
    documented += [*found[0], *found[1]]
    alarm = site.pulls("social")
    assert alarm == rolled_back_to(site.honest, left[1]).alarm
    assert site.instance.head() == left, "and nothing more is sealed"


def test_several_that_seal_at_once_make_one_log_in_the_order_of_the_events(
    site: Site, documented: list[str]
) -> None:
    """The instance's own worker, and two more that know of nobody."""
    casework = Casework(site.owner.engine)
    done = threading.Event()

    def seal() -> None:
        sealer = Sequencer(
            site.owner.engine,
            leaves_of(casework.read),
            site.instance.keys,
            kind=ISSUES,
            name=NAME,
            clock=real_time,
        )
        while not done.wait(0.02):
            sealer.seal(1)

    with ThreadPoolExecutor(2) as pool:
        others = [pool.submit(seal) for _ in range(2)]
        try:
            size = len(site.honest) + 4
            for _ in range(4):
                assert site.instance.opens_an_issue().status_code == httpx.codes.CREATED
            eventually(lambda: site.instance.head()[1] == size or any(map(_failed, others)))
        finally:
            done.set()
        assert [each.result() for each in others] == [None, None]
    site.settle()
    assert site.honest == [leaf.entry for leaf in leaves_of(casework.read)(0, size + 1)]
    casework.close()
    assert whole(site) == well(size)
    documented += [well(size).sv, well(size).en]


def _failed(sealing: Any) -> bool:
    return bool(sealing.done() and sealing.exception())


def test_the_program_s_own_role_can_change_nothing_that_is_sealed(
    site: Site, documented: list[str]
) -> None:
    with site.owner.engine.connect() as db:
        query = "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal"
        assert {str(each) for each in db.scalars(text(query))} == set(GUARDED)
    engine = connect(site.instance.database_url).execution_options(writes=True)
    try:
        for name in GUARDED:
            refused = [f"TRUNCATE {name}", f"DELETE FROM {name}"]  # noqa: S608  the names are above
            column = _column_of(site, name)
            refused.append(f"UPDATE {name} SET {column} = NULL")  # noqa: S608  as above
            for statement in refused:
                with pytest.raises(DBAPIError) as told, engine.begin() as db:
                    db.execute(text(statement))
                documented.append(str(told.value.orig))
    finally:
        engine.dispose()
    assert whole(site) == well(len(site.honest))


def _column_of(site: Site, name: str) -> str:
    with site.owner.engine.connect() as db:
        query = "SELECT column_name FROM information_schema.columns WHERE table_name = :name"
        found: str = db.execute(text(f"{query} LIMIT 1"), {"name": name}).scalar_one()
    return found


CHANGES: Final = {
    "UPDATE events SET state = convert_to(replace(convert_from(state, 'UTF8'), 'Otrygghet',"
    " 'Ordning'), 'UTF8') WHERE position = :p": (
        "är ändrad: innehållet är ett annat än det som förseglades",
        "was altered: its content is not what was sealed",
    ),
    "DELETE FROM events WHERE position = :p": (
        "är borttagen ur databasen",
        "was removed from the database",
    ),
    "UPDATE events SET recorded_at = recorded_at - 86400000000 WHERE position = :p": (
        "är tillbakadaterad (at: 2026-01-12T07:15:00.000000Z → 2026-01-11T07:15:00.000000Z)",
        "was back-dated (at: 2026-01-12T07:15:00.000000Z → 2026-01-11T07:15:00.000000Z)",
    ),
    "UPDATE events SET state = 'no event at all' WHERE position = :p": (
        "är ändrad: innehållet är ett annat än det som förseglades",
        "was altered: its content is not what was sealed",
    ),
    """UPDATE events SET state = '{"erased_by":"0199f2bf-0000-7000-8000-000000000001"}'"""
    " WHERE position = :p": (
        "är tömd utan ett beslut i loggen",
        "was emptied without a decision in the log",
    ),
}
"""What is done to events one after the other, and what the operator's own check says of it."""


def test_the_events_held_against_the_log_are_named(site: Site, documented: list[str]) -> None:
    places = range(PLACE, PLACE + len(CHANGES))
    statements = [
        each.replace(":p", str(place + 1)) for place, each in zip(places, CHANGES, strict=True)
    ]
    site.owner.does(*statements)
    found = site.found()
    expected = [
        named(place, site.honest[place], *words, at=True)
        for place, words in zip(places, CHANGES.values(), strict=True)
    ]
    for language in (0, 1):
        assert sorted(found[language]) == sorted(each[language] for each in expected)
        documented += found[language]
    # The agencies' engineers ask the verifier, to which the operator gives what is stored.
    states = site.instance.folder / "states"
    assert site.samsyn("audit", "states", states).exit_code == 0
    told = site.verifies("store", states, site.instance.log)
    assert (told.code, told.sv[:12]) == (verify.TAMPERED, "Manipulerat:")
    short = ["ändrad", "borttagen", "tillbakadaterad", "ändrad", "ändrad"]
    for place, word in zip(places, short, strict=True):
        assert named(place, site.honest[place], f"är {word}", "")[0] in told.sv


def test_an_event_that_was_never_logged_is_proved_by_its_receipt(
    site: Site, documented: list[str]
) -> None:
    instance, folder = site.instance, site.instance.folder / "receipts"
    instance.stop_the_worker()
    answer = instance.opens_an_issue()
    folder.mkdir()
    receipt = answer.json()["receipt"]
    (folder / "1.receipt").write_text(receipt, encoding="utf-8")
    event = dict(line.split(" ", 1) for line in receipt.splitlines() if " " in line)["event"]
    site.owner.does(f"DELETE FROM events WHERE position = {len(site.honest) + 1}")  # noqa: S608  a number
    assert whole(site) == well(len(site.honest))
    note = instance.get("checkpoint").text
    signed = f"{note.partition(chr(10) * 2)[0]}\n"
    later = int(datetime.now(UTC).timestamp()) + 90
    archive = WITNESSES["archive"]
    shown = folder / "shown"
    keys = read_keys(instance.folder / "receipts.key")
    assert keys is not None
    (public,) = keys.public(f"{NAME}/receipts")
    (folder / "key").write_text(f"{public}\n", encoding="utf-8")
    policy = folder / "policy"
    logs = "\n".join(f"log {key}" for key in instance.keys.public(instance.head()[0]))
    policy.write_text(f"{logs}\nwitness archive {archive.public_key}\nquorum archive\n")
    _lay_out(site, shown, f"{note}{archive.sign(signed, later).line}")
    told = site.verifies("receipts", folder, shown, folder / "key", policy=policy)
    assert told == Ran(
        verify.TAMPERED,
        f"Aldrig loggat, eller ändrat: ['{event}']",
        f"Never logged, or altered: ['{event}']",
    )
    documented += [told.sv, told.en]


def _lay_out(site: Site, folder: Path, note: str) -> None:
    """The log as it is shown, with a checkpoint that somebody saw a minute and a half from now."""
    size = site.instance.head()[1]
    for path in (verify.tile_path(level, 0, size) for level in (0, "entries")):
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(site.instance.get(path).content)
    (folder / "checkpoint").write_text(note, encoding="utf-8")


def test_what_was_false_when_it_was_recorded_is_right_for_every_checker(
    site: Site, documented: list[str]
) -> None:
    """No log catches it; it stands there under the account that said it, for good."""
    instance, size = site.instance, len(site.honest)
    assert whole(site) == well(size)
    documented += [well(size).sv, well(size).en]
    asked = {"Authorization": f"Bearer {instance.auditor}"}
    trail = instance.client.get(f"{instance.address}/api/v1/audit-trail", headers=asked).json()
    assert trail["items"][0]["user_id"] == "u-dis-01"


def test_an_older_copy_that_the_program_itself_grew_on_is_named(
    site: Site, documented: list[str]
) -> None:
    """The real worker seals with the real key, and has forgotten that it once was further."""
    site.instance.stop_the_worker()
    site.owner.put_all_back("backup")
    left = site.instance.head()[1]
    site.instance.start_the_worker()
    for _ in range(len(site.honest) - left + 1):
        assert site.instance.opens_an_issue().status_code == httpx.codes.CREATED
    eventually(lambda: site.instance.head()[1] > len(site.honest))
    grown = site.owner.entries()[left:]
    judge(site, gone_and_grown(site.honest, left, grown), documented)
    # The last test: this worker would not go on from what is put back.
    site.instance.stop_the_worker()
