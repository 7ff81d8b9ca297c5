"""What somebody who owns the database and the log's key does to it, and how agencies find out."""

import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from infra.audit import store, verify
from infra.audit.leaf import ISSUES
from infra.audit.states import written_states
from tests.examples import an_open_issue
from tests.service.audited import Audited, an_audited_web

pytestmark = pytest.mark.slow

ALTER = """
UPDATE events SET state = replace(convert_from(state, 'UTF8'), 'Otrygghet', 'Ordning')::bytea
WHERE position = :p
"""
EARLIER = "UPDATE events SET recorded_at = recorded_at - 86400000000 WHERE position = :p"


@pytest.fixture
def audited(postgresql_url: str, tmp_path: Path) -> Iterator[Audited]:
    """A log that all three agencies have witnessed, with two issues in it."""
    with an_audited_web(postgresql_url, tmp_path) as found:
        an_open_issue(found.web.started)
        an_open_issue(found.web.started)
        found.seal()
        found.watch()
        yield found


def judged(audited: Audited, capsys: pytest.CaptureFixture[str], *asked: object) -> tuple[int, str]:
    code = verify.main(str(audited.policy), *map(str, asked))
    return code, capsys.readouterr().out


def back_dated(entry: bytes) -> bytes:
    return entry.replace(json.loads(entry)["at"][:4].encode(), b"2020", 1)


def other(entry: bytes) -> bytes:
    """Another event's entry: what it would have been had something else happened."""
    fields = json.loads(entry)
    return entry.replace(fields["event"].encode(), b"0" * 8 + fields["event"][8:].encode())


def altered(entry: bytes) -> bytes:
    return entry.replace(json.loads(entry)["payload"].encode(), b"0" * 64)


def test_a_whole_log_is_right_and_witnessed(
    audited: Audited, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = judged(audited, capsys, "log", audited.download("now"))
    assert (code, "witnessed by police, social, district" in said) == (verify.WELL, True), said
    an_open_issue(audited.web.started)
    audited.seal()
    grown = audited.download("grown")
    assert judged(audited, capsys, "growth", audited.mirror("police"), grown)[0] == 3
    audited.watch()
    found = judged(audited, capsys, "growth", audited.mirror("police"), audited.download("seen"))
    assert found[0] == verify.WELL, found


@pytest.mark.parametrize(
    ("attack", "said"),
    [
        ("altered", "entry 3 .* was altered .payload"),
        ("removed", "entry 3 .* was removed"),
        ("back-dated", "entry 3 .* was back-dated .at"),
        ("inserted and back-dated", "entry 3 .* was inserted afterwards"),
        ("rolled back", "Rolled back.* is gone"),
        ("rolled back and grown", "The history was changed: all from entry .* is gone"),
        ("split view", "Split view, two signed histories"),
    ],
)
def test_another_history_is_refused_by_every_witness_and_named(
    audited: Audited, capsys: pytest.CaptureFixture[str], attack: str, said: str
) -> None:
    honest = audited.entries()
    growth = [other(entry) for entry in honest[:3]]
    shown = {
        "altered": [*honest[:3], altered(honest[3]), *honest[4:], *growth],
        "removed": [*honest[:3], *honest[4:], *growth],
        "back-dated": [*honest[:3], back_dated(honest[3]), *honest[4:], *growth],
        "inserted and back-dated": [*honest[:3], back_dated(other(honest[3])), *honest[3:]],
        "rolled back": honest[:-2],
        "rolled back and grown": [*honest[:-2], *map(other, [*honest[-2:], *honest[-2:-1]])],
        "split view": [*honest[:-1], other(honest[-1])],
    }[attack]
    kept = {name: audited.mirror(name) for name in audited.mirrors}
    audited.forge(shown)
    for name, witness in audited.witnesses.items():
        with pytest.raises(verify.Found, match=said):
            witness.pull(audited.shown)
        mirror = audited.mirrors[name]
        assert list(mirror.entries(audited.origin)) == honest
        [(_, _, signed, lied, _)] = mirror.evidence()
        policy = verify.Policy(audited.policy.read_text(encoding="utf-8"))
        # The log itself has signed both: they convince whoever trusts neither side.
        assert verify.Checkpoint(signed.encode(), policy).size == len(honest)
        assert verify.Checkpoint(lied.encode(), policy).size == len(shown)
    code, words = judged(audited, capsys, "growth", kept["police"], audited.download("shown"))
    assert code == verify.TAMPERED
    assert judged(audited, capsys, "log", audited.download("shown"))[0] != verify.WELL
    assert "entry" in words or "post" in words


def test_two_branches_are_never_both_witnessed(audited: Audited) -> None:
    honest = audited.entries()
    branches = {
        "police": [*honest, other(honest[0])],
        "social": [*honest, other(honest[1])],
    }
    for name, branch in branches.items():
        audited.forge(branch)
        audited.witnesses[name].pull(audited.shown)
        raw = audited.shown.read("checkpoint")
        policy = verify.Policy(audited.policy.read_text(encoding="utf-8"))
        assert not verify.Checkpoint(raw, policy).is_witnessed
    audited.forge([*branches["social"], other(honest[2])])
    with pytest.raises(verify.Found, match="The history was changed"):
        audited.witnesses["police"].pull(audited.shown)


def test_hundreds_of_random_edits_are_all_caught(audited: Audited) -> None:
    dice, honest = random.Random(7), audited.entries()
    police = audited.witnesses["police"]
    for _ in range(200):
        shown, place = list(honest), dice.randrange(len(honest))
        match dice.choice(["edit", "delete", "swap", "insert"]):
            case "edit":
                raw = bytearray(shown[place])
                raw[dice.randrange(len(raw))] ^= 1 << dice.randrange(8)
                shown[place] = bytes(raw)
            case "delete":
                del shown[place]
            case "swap":
                beside = (place + 1 + dice.randrange(len(honest) - 1)) % len(honest)
                shown[place], shown[beside] = shown[beside], shown[place]
            case _:
                shown.insert(place, other(honest[place]))
        audited.forge([*shown, *map(other, honest[: dice.randrange(3)])])
        with pytest.raises(verify.Found):
            police.pull(audited.shown)
    assert audited.mirrors["police"].head(audited.origin).size == len(honest)


def test_an_entry_edited_in_the_table_is_named_without_any_mirror(
    audited: Audited, capsys: pytest.CaptureFixture[str]
) -> None:
    with audited.owner() as db:
        db.execute(
            text("UPDATE audit_leaf SET entry = :entry WHERE leaf_index = 3"),
            {"entry": altered(audited.entries()[3])},
        )
    code, said = judged(audited, capsys, "log", audited.download("shown"))
    assert (code, "entry 3 " in said, "was altered after it was sealed" in said) == (1, True, True)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (ALTER, "was altered"),
        ("DELETE FROM events WHERE position = :p", "was removed"),
        (EARLIER, "was back-dated"),
        ("UPDATE events SET state = 'no event at all' WHERE position = :p", "was altered"),
    ],
    ids=["altered", "removed", "back-dated", "spoilt"],
)
def test_the_database_held_against_the_log_names_what_was_done_to_it(
    audited: Audited, capsys: pytest.CaptureFixture[str], statement: str, said: str
) -> None:
    casework = audited.web.started.samsyn.casework
    log, file = audited.download("now"), audited.folder / "states"

    def dump() -> None:
        with audited.web.started.samsyn.engine.connect() as db:
            tree = store.last_tree(db, ISSUES)
            assert tree is not None
            lines = written_states(db, tree, casework.read)
            file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")

    dump()
    assert judged(audited, capsys, "store", file, log)[0] == verify.WELL
    entries = casework.read(0, 10_000)
    opened = next(each for each in entries if b"Otrygghet" in each.state)
    place = entries.index(opened)
    with audited.owner() as db:
        db.execute(text(statement), {"p": opened.position})
    dump()
    code, words = judged(audited, capsys, "store", file, log)
    assert (code, f"entry {place} " in words, said in words) == (verify.TAMPERED, True, True), words
