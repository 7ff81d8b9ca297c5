"""The stored events as the offline verifier reads them: to be held against the log, one by one."""

import base64
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from sqlalchemy import Connection

from domain.log_entry import LogEntry
from infra.audit import anew, store
from infra.audit.leaf import NoLeaf, leaf_of
from infra.audit.store import Tree

_AT_A_TIME: Final = 1_000


def written_states(
    db: Connection, tree: Tree, read: Callable[[int, int], Sequence[LogEntry]]
) -> Iterator[str]:
    """A line of JSON for each event of a year: its entry, with the stored bytes for their hash.

    Of what is no event any more, erased or spoilt, the entry is taken from the log; then the line
    has the hash as well, which fits only if a decision in the log has erased the bytes. Of a
    closed entry ``place`` says what it does not say, so that a lost event can be put back.
    """
    trees = store.find_trees(db, tree.kind)
    earlier = trees[: trees.index(tree)]
    first = store.entries_in(db, tree.tree, 0, 1)
    for link in first if earlier or anew.told_in(first[0]) else ():
        yield link.decode()
    after = (store.last_position(db, earlier[-1].tree) or 0) if earlier else 0
    is_last = tree == trees[-1]
    until = None if is_last else store.last_position(db, tree.tree)
    while found := read(after, _AT_A_TIME):
        for entry in found:
            if until is not None and entry.position > until:
                return
            fields = _fields(db, tree, entry)
            fields["state"] = base64.b64encode(entry.state).decode()
            yield json.dumps(fields, ensure_ascii=False, sort_keys=True)
        after = found[-1].position


def _fields(db: Connection, tree: Tree, entry: LogEntry) -> dict[str, object]:
    try:
        fields: dict[str, object] = json.loads(leaf_of(entry).entry)
    except NoLeaf:
        kept = store.entry_at(db, tree.kind, entry.position)
        fields = {} if kept is None else json.loads(kept)
        return {"at": "", "event": f"position {entry.position}", "type": entry.topic, **fields}
    del fields["payload"]
    if "stream" not in fields:
        stream = str(entry.stream_id)
        fields["place"] = {"n": entry.version, "stream": stream, "type": entry.topic}
    return fields
