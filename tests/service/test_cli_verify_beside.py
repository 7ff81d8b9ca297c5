"""`samsyn verify` says what was done beside the history: to what no agency has signed."""

import json
from collections.abc import Iterator
from typing import Final

import pytest

from infra.access.leaves import AccessLeaves, kind_of_agency
from infra.audit import store, writing
from infra.audit.leaf import ISSUES
from infra.audit.note import KeyType, Note, SecretKey
from infra.audit.sequencer import Sequencer
from tests.databases import Databases
from tests.faults.waiting import wait_until
from tests.infra.access.reading import entries, read_some
from tests.infra.audit.sealing import NAME, real_time, ticking
from tests.servers import plain_address
from tests.service.attacks_page import PAGE, rows
from tests.service.running_log import WITNESSES
from tests.service.sealed_store import Store, a_sealed_store, undone

COUNT: Final = 300
READINGS: Final = 3
POLICE: Final = WITNESSES["police"]
EXCHANGED: Final = (
    "UPDATE events SET state = convert_to(replace(convert_from(events.state, 'UTF8'),"
    """ substring(convert_from(events.state, 'UTF8') from '"salt":"[0-9a-f]*"'),"""
    """ substring(convert_from(beside.state, 'UTF8') from '"salt":"[0-9a-f]*"')), 'UTF8')"""
    " FROM events AS beside"
    " WHERE events.position IN (100, 101) AND beside.position = 201 - events.position"
)
IN_FRONT: Final = (
    "INSERT INTO events SELECT -5, stream_id, 2, topic, recorded_at, convert_to(replace("
    "convert_from(state, 'UTF8'), substr(convert_from(state, 'UTF8'), 14, 36),"
    " gen_random_uuid()::text), 'UTF8') FROM events WHERE position = 200"
)
NONSENSE: Final = {
    94: '{"at":"x","event":"x","type":"\\\\ud800"}',
    95: "[" * 9_000,
    96: '{"lost":[{"first":"x","last":[],"origin":[]}]}',
    97: '{"decided_at":[],"decision":[],"given_up":"x","previous":{"size":"x"}}',
    98: "[]",
    99: "\\xff",
}
"""What is no entry: half a letter, too deep, of the wrong types, no object, no UTF-8."""
STRANGER: Final = str(SecretKey("audit.example/issues/2026", KeyType.LOG, bytes(32)).public_key)
MADE_UP: Final = json.dumps(
    {
        "decided_at": "2026-05-01T00:00:00Z",
        "decision": "-",
        "given_up": [{"origin": f"{NAME}/issues/2026", "root": "", "size": 9}],
        "previous": {"origin": f"{NAME}/issues/2026", "root": "", "size": 9},
    }
)
_GIVEN_UP: Final = (
    "INSERT INTO audit_given_up VALUES ('audit.example/issues/2026', '{successor}', 'issues', 2026,"
    " convert_to('{entry}', 'UTF8'))"
)
BESIDE: Final = {
    "two salts": [EXCHANGED],
    "an entry's event": [
        "UPDATE audit_leaf SET event_id = gen_random_uuid() WHERE tree = 1 AND leaf_index = 99"
    ],
    "two places": [
        "UPDATE audit_leaf SET notification_id = 1000 WHERE tree = 1 AND leaf_index = 99",
        "UPDATE audit_leaf SET notification_id = 100 WHERE tree = 1 AND leaf_index = 100",
        "UPDATE audit_leaf SET notification_id = 101 WHERE tree = 1 AND leaf_index = 99",
    ],
    "the last event's place": ["UPDATE events SET position = 1000 WHERE position = 300"],
    "a log's kind": ["UPDATE audit_tree SET kind = 'issue' WHERE tree = 1"],
    "a log's year": ["UPDATE audit_tree SET year = 2025 WHERE tree = 1"],
    "a log's name": ["UPDATE audit_tree SET origin = 'audit.example/other' WHERE tree = 1"],
    "a log": ["DELETE FROM audit_tree WHERE tree = 1"],
    "a log given up by nobody": [
        _GIVEN_UP.format(successor="audit.example/issues/2026-2", entry="{}")
    ],
    "a log given up for itself": [_GIVEN_UP.format(successor=f"{NAME}/issues/2026", entry=MADE_UP)],
    "a witness's line": [
        "UPDATE audit_cosignature SET line = overlay(line placing 'AAAA' from 70)"
    ],
    "half a line": ["UPDATE audit_cosignature SET line = left(line, 40)"],
    "a witnessed checkpoint": ["DELETE FROM audit_checkpoint WHERE tree_size = 250"],
    "who has read": ["UPDATE access_log SET user_id = 'u-pol-02' WHERE position % 3 = 1"],
    "when it was read": ["UPDATE access_log SET at = at - 86400000000 WHERE position % 3 = 1"],
    "a reading": ["DELETE FROM access_log WHERE position % 3 = 1"],
    "an event in front": [IN_FRONT],
    "an event's copy in front": [
        IN_FRONT.replace("gen_random_uuid()::text", "substr(convert_from(state, 'UTF8'), 14, 36)")
    ],
    "an entry in front": [
        (
            "INSERT INTO audit_leaf SELECT tree, -1, NULL, event_id, leaf_hash, entry"
            " FROM audit_leaf WHERE tree = 1 AND leaf_index = 99"
        )
    ],
    "a node to come": ["INSERT INTO audit_node VALUES (1, 1, 1, sha256('x'))"],
    "a node of no level": ["INSERT INTO audit_node VALUES (1, -1, 0, sha256('x'))"],
    "a line below a checkpoint": [
        (
            "UPDATE audit_checkpoint SET note = note || (SELECT line FROM audit_cosignature)"
            " WHERE tree = 1 AND tree_size = 300"
        )
    ],
    "an older checkpoint": [
        (
            "UPDATE audit_checkpoint SET note ="
            " (SELECT note FROM audit_checkpoint WHERE tree = 1 AND tree_size = 250)"
            " WHERE tree = 1 AND tree_size = 300"
        )
    ],
    "a key": [f"INSERT INTO audit_key VALUES (1, '{STRANGER}', 0)"],  # noqa: S608  a key of ours
    "a key's bytes": ["UPDATE audit_key SET vkey = 'nonsense' WHERE tree = 1"],
    "the key": ["DELETE FROM audit_key WHERE tree = 1"],
    "what a witness handed in": [
        "INSERT INTO audit_ahead VALUES ('audit.example/issues/2026', 999, 'x', 'x', 0)"
    ],
    "a reading in front": [
        (
            "INSERT INTO access_log SELECT 'police', -1, gen_random_uuid(), at, user_id, role,"
            " kind, issue_id, report_id, operation, shape, found, reason, code, request_id, salt"
            " FROM access_log WHERE position % 3 = 1"
        )
    ],
    "what kind of reading": ["UPDATE access_log SET kind = 'seen' WHERE position % 3 = 1"],
    "a reading of no year": ["UPDATE access_log SET at = 9e18 WHERE position % 3 = 1"],
    "whose reading": ["UPDATE access_log SET agency_id = 'social' WHERE position % 3 = 1"],
}


@pytest.fixture(scope="module")
def watched(
    databases: Databases, postgresql_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    """A log that one witness has signed under, and an access log."""
    folder = tmp_path_factory.mktemp("watched")
    with (
        databases.another(postgresql_template) as address,
        a_sealed_store(plain_address(address), folder, COUNT) as found,
    ):
        read_some(found.engine, READINGS)
        sealer = Sequencer(
            found.engine,
            AccessLeaves(found.engine).of("police"),
            found.keys,
            kind=kind_of_agency("police"),
            name="audit.example",
            clock=ticking,
        )

        def is_sealed() -> bool:
            sealer.seal()
            return len(entries(found.engine)) == READINGS

        wait_until(is_sealed, "the seal of the access log")
        with found.engine.execution_options(writes=True).begin() as db:
            tree = store.last_tree(db, ISSUES)
            assert tree is not None
            sealed = store.checkpoint_at(db, tree.tree, 250)
            assert sealed is not None
            line = POLICE.sign(Note.parse(sealed.note).text, 7).line
            writing.add_cosignature(db, tree.tree, 250, POLICE.name, line, real_time())
        policy = folder / "policy"
        policy.write_text(f"witness police {POLICE.public_key}\nquorum police\n", encoding="utf-8")
        with pytest.MonkeyPatch.context() as patched:
            patched.setenv("SAMSYN_AUDIT_KEY", str(folder / "audit.key"))
            patched.setenv("SAMSYN_AUDIT_POLICY", str(policy))
            assert found.verify()[1]["findings"] == []
            yield found


@pytest.mark.parametrize("done", BESIDE)
def test_what_is_done_beside_the_history_is_told(
    watched: Store, done: str, request: pytest.FixtureRequest
) -> None:
    with undone(watched, *BESIDE[done]):
        code, told = watched.verify()
    found = [each[word] for each in told["findings"] for word in ("sv", "en")]
    assert (code, 0 < len(found) <= 8) == (1, True), found
    row = rows(PAGE.read_text(encoding="utf-8"))[request.node.name]
    assert row.says(*found), (row.sentences, found)


def test_entries_rewritten_into_nonsense_are_each_told(
    watched: Store, request: pytest.FixtureRequest
) -> None:
    written = [
        f"UPDATE audit_leaf SET notification_id = NULL, event_id = NULL, entry = '{nonsense}'"  # noqa: S608  ours
        f" WHERE tree = 1 AND leaf_index = {index}"
        for index, nonsense in NONSENSE.items()
    ]
    with undone(watched, *written):
        code, told = watched.verify()
    found = [each[word] for each in told["findings"] for word in ("sv", "en")]
    assert code == 1
    for index in NONSENSE:
        assert sum(each.startswith(f"entry {index} (") for each in found) == 1, found
    row = rows(PAGE.read_text(encoding="utf-8"))[request.node.name]
    assert row.says(*found), (row.sentences, found)
