"""The verifier's own mathematics: held to outside vectors, to the definition and to the log's."""

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.audit import verify
from infra.audit.paths import consistency_proof, inclusion_proof, inclusion_spans
from infra.audit.tree import EMPTY_ROOT, NotProved, check_consistency, check_inclusion
from tests.infra.audit.reference import MANY, Kept, entries, leaves, mth, path, subproof
from tests.infra.audit.test_vectors import decoded, rows

ENTRIES = tuple(entries(MANY))
LEAVES = leaves(MANY)
ROOTS = [mth(ENTRIES[:size]) for size in range(MANY + 1)]


@pytest.mark.shared_data
def test_every_tree_and_proof_of_the_vectors(shared_data: Path) -> None:
    vectors = shared_data / "merkle_vectors"
    known = json.loads((vectors / "rfc6962_reference_tree.json").read_text(encoding="utf-8"))
    hashes = [verify.leaf_hash(bytes.fromhex(each)) for each in known["leaf_inputs_hex"]]
    assert [each.hex() for each in hashes] == known["leaf_hashes_hex"]
    for size, root in enumerate(known["root_by_tree_size_hex"]):
        assert verify.tree_root(hashes[:size]).hex() == root
    seen = {True: 0, False: 0}
    for row in rows(vectors / "rfc6962_inclusion_proofs.jsonl"):
        leaf, root = base64.b64decode(row["leafHash"]), base64.b64decode(row["root"])
        found = verify.root_by_inclusion(
            leaf, row["leafIdx"], row["treeSize"], decoded(row["proof"])
        )
        # A root of a checkpoint has 32 bytes: nothing else is compared with it.
        is_proved = found == root and len(root) == verify.HASH
        assert is_proved is not row["wantErr"], row["desc"]
        seen[row["wantErr"]] += 1
    for row in rows(vectors / "rfc6962_consistency_proofs.jsonl"):
        old, new = base64.b64decode(row["root1"]), base64.b64decode(row["root2"])
        grew = verify.grew(row["size1"], row["size2"], old, new, decoded(row["proof"]))
        # Of nothing nothing is proved: the vectors refuse to, tlog-witness lets anything follow.
        is_from_nothing = row["size1"] == 0 < row["size2"]
        assert is_from_nothing or grew is not row["wantErr"], row["desc"]
        seen[row["wantErr"]] += 1
    assert (seen[True] >= 89, seen[False] >= 7) == (True, True), seen


def test_every_size_index_and_pair_agrees_with_the_definition() -> None:
    checked = 0
    for size in range(1, MANY + 1):
        data = ENTRIES[:size]
        assert verify.tree_root(LEAVES[:size]) == ROOTS[size]
        for index in range(size):
            found = verify.root_by_inclusion(LEAVES[index], index, size, path(index, data))
            assert found == ROOTS[size]
        for old in range(1, size + 1):
            assert verify.grew(old, size, ROOTS[old], ROOTS[size], subproof(old, data))
            checked += 1
    assert checked == MANY * (MANY + 1) // 2


@pytest.mark.parametrize("size", [255, 256, 257, 65_535, 65_536, 65_537, 70_000])
def test_proofs_made_from_tiles_lead_to_the_root(size: int) -> None:
    hashes = leaves(size)
    root, kept = verify.tree_root(hashes), Kept(hashes)
    for index in {0, 1, 253, 254, 255 % size, 256 % size, size // 2, size - 1}:
        proof = inclusion_proof(index, size, kept.tiles)
        assert verify.root_by_inclusion(hashes[index], index, size, proof) == root
    for old in {1, 2, 254, 255, size // 2, size - 1, size}:
        proof = consistency_proof(old, size, kept.tiles)
        assert verify.grew(old, size, verify.tree_root(hashes[:old]), root, proof)


def flipped(data: bytes, bit: int) -> bytes:
    place = bit // 8 % len(data)
    return data[:place] + bytes([data[place] ^ 1 << bit % 8]) + data[place + 1 :]


@given(st.data())
def test_a_single_bit_changed_in_an_inclusion_proof_is_refused(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, MANY))
    index = data.draw(st.integers(0, size - 1))
    proof, bit = path(index, ENTRIES[:size]), data.draw(st.integers(0, 255))
    what = data.draw(st.sampled_from(["leaf", "path", "index", "longer", "shorter"]))
    leaf, at = LEAVES[index], index
    match what:
        case "leaf":
            leaf = flipped(leaf, bit)
        case "path" if proof:
            place = data.draw(st.integers(0, len(proof) - 1))
            proof[place] = flipped(proof[place], bit)
        case "shorter" if proof:
            proof = proof[1:]
        case "index":
            at = data.draw(st.integers(-2, 1 << 40).filter(lambda other: other != index))
        case _:
            proof = [*proof, ROOTS[1]]
    # Another size is refused by the signature of the checkpoint: one path may fit several sizes.
    assert verify.root_by_inclusion(leaf, at, size, proof) != ROOTS[size]


@given(st.data())
def test_a_single_bit_changed_in_a_consistency_proof_is_refused(data: st.DataObject) -> None:
    new = data.draw(st.integers(2, MANY))
    old = data.draw(st.integers(1, new - 1))
    proof, bit = subproof(old, ENTRIES[:new]), data.draw(st.integers(0, 255))
    first, second, of = ROOTS[old], ROOTS[new], old
    match data.draw(st.sampled_from(["old", "new", "path", "size", "longer", "shorter"])):
        case "old":
            first = flipped(first, bit)
        case "new":
            second = flipped(second, bit)
        case "path":
            place = data.draw(st.integers(0, len(proof) - 1))
            proof[place] = flipped(proof[place], bit)
        case "size":
            of = data.draw(st.integers(-1, MANY + 1).filter(lambda other: other != old))
        case "longer":
            proof = [*proof, ROOTS[1]]
        case _:
            proof = proof[1:]
    assert not verify.grew(of, new, first, second, proof)


@given(st.data())
def test_paths_of_trees_that_nobody_could_fill_lead_where_the_log_s_own_check_says(
    data: st.DataObject,
) -> None:
    size = data.draw(st.integers(1 << 50, 1 << 64))
    index = data.draw(st.integers(0, size - 1))
    proof = [LEAVES[at % MANY] for at in range(len(inclusion_spans(index, size)))]
    root = verify.root_by_inclusion(LEAVES[0], index, size, proof)
    check_inclusion(index, size, LEAVES[0], proof, root)
    for wrong in (proof[1:], [*proof, LEAVES[0]]):
        assert verify.root_by_inclusion(LEAVES[0], index, size, wrong) != root
        with pytest.raises(NotProved):
            check_inclusion(index, size, LEAVES[0], wrong, root)
    with pytest.raises(NotProved):
        check_inclusion(size, size, LEAVES[0], proof, root)


def test_a_tree_is_itself_whatever_its_root_is_called() -> None:
    for size in (0, 1, 5, 1 << 63):
        assert verify.grew(size, size, b"no hash", b"no hash", [])
        check_consistency(size, b"no hash", size, b"no hash", [])
        for other, proof in ((b"another", []), (b"no hash", [ROOTS[1]])):
            assert not verify.grew(size, size, b"no hash", other, proof)
            with pytest.raises(NotProved):
                check_consistency(size, b"no hash", size, other, proof)


def test_the_empty_tree_grows_into_any_and_shrinks_into_none() -> None:
    assert verify.tree_root([]) == EMPTY_ROOT
    assert verify.grew(0, 5, EMPTY_ROOT, ROOTS[5], [])
    assert not verify.grew(0, 5, ROOTS[1], ROOTS[5], [])
    assert not verify.grew(0, 5, EMPTY_ROOT, ROOTS[5], [ROOTS[1]])
    assert not verify.grew(5, 0, ROOTS[5], EMPTY_ROOT, [])
    assert not verify.grew(5, 5, b"", b"", [])
