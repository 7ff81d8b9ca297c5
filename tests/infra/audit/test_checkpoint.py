"""Checkpoints, proof files, tile names and bundles have one form each, that of C2SP."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.audit.checkpoint import Checkpoint, ProofFile
from infra.audit.note import BadNote, KeyType, Note, SecretKey
from infra.audit.paths import Tile
from infra.audit.tiles import (
    MOST_ENTRY_BYTES,
    BadBundle,
    bundle,
    entries_path,
    parse_tile_path,
    split_bundle,
    tile_path,
)

LOG = SecretKey("example.com/log", KeyType.LOG, bytes(32))
ROOT = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
CHECKPOINT = f"example.com/log\n7\n{ROOT}\n"


def test_a_checkpoint_is_three_lines() -> None:
    read = Checkpoint.parse(CHECKPOINT)
    assert read.text == CHECKPOINT
    assert (read.origin, read.size) == ("example.com/log", 7)
    assert Checkpoint.parse(CHECKPOINT + "extension\n") == read


@pytest.mark.parametrize(
    "text",
    [
        "",
        "example.com/log\n7\n",
        CHECKPOINT.rstrip("\n"),
        CHECKPOINT + "\nextension\n",
        CHECKPOINT.replace("7", "07"),
        CHECKPOINT.replace("7", "-7"),
        CHECKPOINT.replace("7", "7 "),
        CHECKPOINT.replace("7", "9223372036854775808"),
        CHECKPOINT.replace("7", "\N{ARABIC-INDIC DIGIT SEVEN}"),
        CHECKPOINT.replace(ROOT, ROOT[:-1]),
        CHECKPOINT.replace(ROOT, "AAAA"),
        CHECKPOINT.replace("q2I=", "q2J="),
        "\n7\n" + ROOT + "\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(BadNote):
        Checkpoint.parse(text)


@given(
    st.integers(0, 2**63 - 1),
    st.lists(st.binary(min_size=32, max_size=32), max_size=63),
    st.none() | st.binary(max_size=100),
)
def test_a_proof_file_is_read_back(index: int, path: list[bytes], extra: bytes | None) -> None:
    note = Note(CHECKPOINT, (LOG.sign(CHECKPOINT),))
    proof = ProofFile(index, tuple(path), note, extra)
    assert ProofFile.parse(str(proof)) == proof


def test_the_bytes_of_a_proof_file() -> None:
    line = LOG.sign(CHECKPOINT).line
    proof = ProofFile(3, (bytes(32),), Note(CHECKPOINT, (LOG.sign(CHECKPOINT),)), b"extra")
    assert str(proof) == (
        "c2sp.org/tlog-proof@v1\nextra ZXh0cmE=\nindex 3\n"
        f"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n{CHECKPOINT}\n{line}"
    )


@pytest.mark.parametrize(
    ("there", "instead"),
    [
        ("c2sp.org/tlog-proof@v1", "c2sp.org/tlog-proof@v2"),
        ("index 3", "index 03"),
        ("index 3\n", ""),
        ("index 3", "extra ZXh0cmE=\nextra ZXh0cmE=\nindex 3"),
        ("index 3", "extra ?\nindex 3"),
        ("index 3", "extra AB==\nindex 3"),
        ("AAAA=\n", "AAAB=\n"),
        ("AAAA=\n", "\n"),
        ("\n\n", "\n"),
        ("index 3\n", "index 3\n" + ("A" * 43 + "=\n") * 63),
    ],
)
def test_what_is_no_proof_file_is_refused(there: str, instead: str) -> None:
    good = str(ProofFile(3, (bytes(32),), Note(CHECKPOINT, (LOG.sign(CHECKPOINT),))))
    changed = good.replace(there, instead)
    assert changed != good
    with pytest.raises(BadNote):
        ProofFile.parse(changed)


@given(st.integers(0, 63), st.integers(0, 10**15), st.integers(1, 256))
def test_names_of_tiles_are_read_back(level: int, index: int, width: int) -> None:
    tile = Tile(level, index, width)
    assert parse_tile_path(tile_path(tile)) == (tile, False)
    leaves = Tile(0, index, width)
    assert parse_tile_path(entries_path(leaves)) == (leaves, True)


def test_names_of_tiles_are_those_of_the_specification() -> None:
    assert tile_path(Tile(0, 0)) == "0/000"
    assert tile_path(Tile(0, 999)) == "0/999"
    assert tile_path(Tile(63, 1000, 1)) == "63/x001/000.p/1"
    assert entries_path(Tile(0, 1_234_067)) == "entries/x001/x234/067"


@pytest.mark.parametrize(
    "name",
    [
        "", "0", "0/0", "0/00", "0/0000", "00/000", "64/000", "-1/000", "0/x000/001", "0/001/002",
        "0/000.p/0", "0/000.p/256", "0/000.p/01", "0/000.p/", "0/000.p", "0/000/", "/0/000",
        "0/x01/001", "entries/", "entries/000.p/256", "entry/000", "0/000\n",
        "0/" + "\N{ARABIC-INDIC DIGIT ZERO}" * 3,
        "0/" + "x999/" * 6 + "999",
    ],
)  # fmt: skip
def test_what_names_no_tile(name: str) -> None:
    assert parse_tile_path(name) is None


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_bundles_are_read_back(entries: list[bytes]) -> None:
    assert split_bundle(bundle(entries)) == entries


def test_the_bytes_of_a_bundle() -> None:
    assert bundle([b"", b"ab"]) == b"\x00\x00\x00\x02ab"
    assert bundle([bytes(MOST_ENTRY_BYTES)])[:2] == b"\xff\xff"
    with pytest.raises(ValueError, match="at most"):
        bundle([bytes(MOST_ENTRY_BYTES + 1)])
    for broken in (b"\x00", b"\x00\x01", b"\x00\x00\x00\x02a"):
        with pytest.raises(BadBundle):
            split_bundle(broken)
