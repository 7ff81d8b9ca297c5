"""Vectors and examples from outside: RFC 6962 trees and proofs, and the texts of C2SP."""

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.audit.checkpoint import Checkpoint, ProofFile
from infra.audit.note import KeyType, Note, PublicKey, SecretKey
from infra.audit.paths import Tile
from infra.audit.tiles import tile_path
from infra.audit.tree import (
    NotProved,
    check_consistency,
    check_inclusion,
    leaf_hash,
    root_of,
)
from tests.infra.audit.reference import mth

pytestmark = pytest.mark.shared_data


@pytest.fixture
def vectors(shared_data: Path) -> Path:
    return shared_data / "merkle_vectors"


def rows(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        yield json.loads(line)


def decoded(proof: list[str] | None) -> list[bytes]:
    return [base64.b64decode(each) for each in proof or []]


def examples(page: Path) -> list[str]:
    """The blocks between fences of a page."""
    text = page.read_text(encoding="utf-8")
    return re.findall(r"^```\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def test_no_file_is_left_out(vectors: Path) -> None:
    tests = Path(__file__).read_text(encoding="utf-8")
    files = {file.name for file in vectors.iterdir()} - {"README.md"}
    assert files
    assert [name for name in sorted(files) if f'vectors / "{name}"' not in tests] == []


def test_every_tree_of_the_reference(vectors: Path) -> None:
    known = json.loads((vectors / "rfc6962_reference_tree.json").read_text(encoding="utf-8"))
    inputs = [bytes.fromhex(each) for each in known["leaf_inputs_hex"]]
    hashes = [leaf_hash(each) for each in inputs]
    assert [each.hex() for each in hashes] == known["leaf_hashes_hex"]
    for size, root in enumerate(known["root_by_tree_size_hex"]):
        assert root_of(hashes[:size]).hex() == mth(tuple(inputs[:size])).hex() == root


def test_every_inclusion_proof(vectors: Path) -> None:
    seen = {True: 0, False: 0}
    for row in rows(vectors / "rfc6962_inclusion_proofs.jsonl"):
        seen[row["wantErr"]] += 1
        leaf, root = base64.b64decode(row["leafHash"]), base64.b64decode(row["root"])
        given = row["leafIdx"], row["treeSize"], leaf, decoded(row["proof"]), root
        if row["wantErr"]:
            with pytest.raises(NotProved):
                check_inclusion(*given)
        else:
            check_inclusion(*given)
    assert (seen[True] >= 49, seen[False] >= 4) == (True, True), seen


def test_every_consistency_proof(vectors: Path) -> None:
    seen = {True: 0, False: 0}
    for row in rows(vectors / "rfc6962_consistency_proofs.jsonl"):
        seen[row["wantErr"]] += 1
        old, new = base64.b64decode(row["root1"]), base64.b64decode(row["root2"])
        given = row["size1"], old, row["size2"], new, decoded(row["proof"])
        if row["wantErr"]:
            with pytest.raises(NotProved):
                check_consistency(*given)
        else:
            check_consistency(*given)
    assert (seen[True] >= 40, seen[False] >= 3) == (True, True), seen


def test_the_notes_of_the_specification_byte_for_byte(vectors: Path) -> None:
    page = vectors / "c2sp_signed-note.md"
    verse, example = examples(page)
    assert str(Note.parse(verse)) == verse
    assert Note.parse(verse).text.endswith("\n\ned è subito sera.\n")
    text = page.read_text(encoding="utf-8")
    (vkey,) = re.findall(r"^ {4}(example\.com/\S+)$", text, re.MULTILINE)
    key = PublicKey.parse(vkey)
    assert (str(key), key.key_id.hex(), key.type) == (vkey, "530d903a", KeyType.LOG)
    note = Note.parse(example)
    assert str(note) == example
    assert [signed.key for signed in note.checked([key])] == [key]


def test_the_checkpoint_of_the_specification_byte_for_byte(vectors: Path) -> None:
    (example,) = examples(vectors / "c2sp_tlog-checkpoint.md")
    note = Note.parse(example)
    assert str(note) == example
    checkpoint = Checkpoint.parse(note.text)
    assert checkpoint.text == note.text
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)


def test_the_proof_of_the_specification_byte_for_byte(vectors: Path) -> None:
    (example,) = examples(vectors / "c2sp_tlog-proof.md")
    head, _, note = example.partition("\n\n")
    # The page shortens the opaque bytes and the signatures: what can be read is all the rest.
    head = re.sub(r"^extra .*\n", "", head, flags=re.MULTILINE)
    text = note.partition("\n\n")[0] + "\n"
    key = SecretKey.new("example.com/fancylog", KeyType.LOG)
    whole = f"{head}\n\n{text}\n{key.sign(text).line}"
    proof = ProofFile.parse(whole)
    assert str(proof) == whole
    assert (proof.index, len(proof.path), proof.extra) == (73894, 5, None)
    assert Checkpoint.parse(proof.note.text).size == 109482


def test_the_tile_path_of_the_specification(vectors: Path) -> None:
    page = (vectors / "c2sp_tlog-tiles.md").read_text(encoding="utf-8")
    found = re.search(r"index (\d+) will be encoded as\s+`([^`]+)`", page)
    assert found is not None
    assert tile_path(Tile(3, int(found[1]))) == f"3/{found[2]}"
