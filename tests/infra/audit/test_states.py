"""The stored events of each year, written for the verifier, fit that year's log."""

import json
from pathlib import Path

from sqlalchemy import Engine

from infra.audit import store, verify
from infra.audit.states import written_states
from infra.audit.tree import leaf_hash
from infra.log.casework import Casework
from tests.infra.audit.folder import write_log
from tests.infra.audit.sealing import KEYS, append, sequencer


def test_each_year_is_held_against_its_own_log(
    engine: Engine, casework: Casework, tmp_path: Path
) -> None:
    for year in (2025, 2026):
        append(casework, 3, year)
    seal = sequencer(engine, casework)
    while seal.seal():
        pass
    append(casework, 1)  # not sealed yet
    with engine.connect() as db:
        for tree in store.find_trees(db):
            entries = store.entries_in(db, tree.tree, 0, 100)
            sealed = store.last_checkpoint(db, tree.tree)
            assert sealed is not None
            folder = write_log(tmp_path / str(tree.year), entries, sealed.note)
            assert [leaf_hash(each) for each in entries]
            keys = "".join(f"log {key}\n" for key in KEYS.public(tree.origin))
            (folder / "policy").write_text(f"{keys}quorum none\n", encoding="utf-8")
            lines = list(written_states(db, tree, casework.read))
            assert ("previous" in json.loads(lines[0])) is (tree.year == 2026)
            (folder / "states").write_text("\n".join(lines), encoding="utf-8")
            asked = str(folder / "policy"), "store", str(folder / "states"), str(folder)
            assert verify.main(*asked) == verify.WELL


def test_a_closed_event_is_put_back_where_it_stood_from_what_somebody_kept(
    engine: Engine, casework: Casework
) -> None:
    append(casework, 2, layer="B")
    sequencer(engine, casework).seal()
    with engine.connect() as db:
        (tree,) = store.find_trees(db)
        lines = [json.loads(line) for line in written_states(db, tree, casework.read)]
    kept = casework.read(0, 10)
    assert [line["place"]["stream"] for line in lines] == [str(each.stream_id) for each in kept]
    assert {line["place"]["n"] for line in lines} == {1}
    assert all("stream" not in line for line in lines), "the entry itself does not say"
