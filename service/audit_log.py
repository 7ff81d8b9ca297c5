"""What the web and the command line ask of the audit log: whom to believe, and proofs."""

from functools import lru_cache
from uuid import UUID

from sqlalchemy import Connection

from infra.audit import store
from infra.audit.checkpoint import ProofFile
from infra.audit.note import KeyType, Note, PublicKey
from infra.audit.paths import inclusion_proof
from infra.audit.policy import Policy
from infra.audit.store import KeptLeaf, Sealed, Tree
from service.settings import Settings

_NO_WITNESS = "quorum none\n"


def witnesses_of(settings: Settings) -> Policy:
    """The witnesses that the agencies have agreed on; none where no policy is set.

    Raises:
        BadNote: the file is no policy.
    """
    try:
        text = settings.audit_policy.read_text(encoding="utf-8")
    except FileNotFoundError:
        text = _NO_WITNESS
    return _parsed(text)


@lru_cache(maxsize=8)
def _parsed(text: str) -> Policy:
    return Policy.parse(text)


def policy_of(db: Connection, tree: Tree, settings: Settings) -> Policy:
    """The policy for one tree: the keys that the log says it signs with, and the witnesses.

    An agency compares the keys with those it was given; it must not take them from here.

    Raises:
        BadNote: the file is no policy.
    """
    agreed = witnesses_of(settings)
    keys = tuple(store.known_keys(db, tree.tree))
    return Policy(keys, agreed.witnesses, agreed.groups, agreed.quorum, agreed.addresses)


def keys_told(db: Connection, origin: str) -> list[PublicKey]:
    """The keys that the database itself names, as those of one log; raises BadNote.

    The same bytes sign each year's log, also one that an older copy of the database lacks.
    """
    known = [key for tree in store.find_trees(db) for key in store.known_keys(db, tree.tree)]
    return [PublicKey(origin, KeyType.LOG, each) for each in {key.public for key in known}]


def best_checkpoint(db: Connection, tree: Tree, above: int, settings: Settings) -> Sealed | None:
    """The newest checkpoint of more leaves than so many that enough witnesses have signed.

    Where none has enough, the newest of all. None if it is not sealed yet. Raises BadNote.
    """
    newest = store.last_checkpoint(db, tree.tree)
    if newest is None or newest.size <= above:
        return None
    policy = witnesses_of(settings)
    for size in store.cosigned_sizes(db, tree.tree, above):
        sealed = store.checkpoint_at(db, tree.tree, size)
        if sealed is not None and is_witnessed(store.witnessed(db, tree.tree, sealed), policy):
            return sealed
    return newest


def is_witnessed(note: Note, policy: Policy) -> bool:
    """Whether enough witnesses have signed a checkpoint; a line that does not hold counts not."""
    known = {(key.name, key.key_id): key for key in policy.witnesses.values()}
    signed = [each for each in note.signatures if (each.name, each.key_id) in known]
    holding = [
        known[each.name, each.key_id]
        for each in signed
        if known[each.name, each.key_id].holds(note.text, each)
    ]
    return policy.is_quorum(holding)


def proof_of(db: Connection, event_id: UUID, settings: Settings) -> ProofFile | None:
    """The proof that an event is in the log, with its entry in it; None if it is not sealed yet.

    Raises:
        BadNote: the policy or a kept note cannot be read.
        TileMissing: the log is not whole.
    """
    leaf = store.leaf_about(db, event_id)
    tree = _tree_of(db, leaf)
    if leaf is None or tree is None:
        return None
    sealed = best_checkpoint(db, tree, leaf.index, settings)
    if sealed is None:
        return None
    path = inclusion_proof(leaf.index, sealed.size, store.tiles_in(db, tree.tree))
    note = store.witnessed(db, tree.tree, sealed)
    return ProofFile(leaf.index, tuple(path), note, leaf.entry)


def _tree_of(db: Connection, leaf: KeptLeaf | None) -> Tree | None:
    if leaf is None:
        return None
    return next((tree for tree in store.find_trees(db) if tree.tree == leaf.tree), None)
