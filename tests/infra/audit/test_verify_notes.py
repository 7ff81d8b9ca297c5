"""What the verifier reads: notes, keys and policies as C2SP writes them, and nothing else."""

import base64
import re
from pathlib import Path

import pytest

from infra.audit import verify
from infra.audit.note import KeyType, SecretKey
from tests.infra.audit.folder import AGENCIES, Keys
from tests.infra.audit.test_vectors import examples

KEYS = Keys.always_the_same()
LOG = KEYS.log.public_key
A, B, C = (f"witness {name} {KEYS.witnesses[name].public_key}" for name in AGENCIES)
OF = "social police district"
CHECKPOINT = KEYS.checkpoint([]).encode()


@pytest.mark.shared_data
def test_the_examples_of_the_specifications(shared_data: Path) -> None:
    vectors = shared_data / "merkle_vectors"
    page = (vectors / "c2sp_signed-note.md").read_text(encoding="utf-8")
    verse, example = examples(vectors / "c2sp_signed-note.md")
    [vkey] = re.findall(r"^ {4}(example\.com/\S+)$", page, re.MULTILINE)
    key = verify.Key(vkey)
    assert verify.read_note(verse.encode())[0].endswith("\n\ned è subito sera.\n")
    assert (key.signed_at(example.encode()), key.signed_at(verse.encode())) == (0, None)
    with pytest.raises(verify.Found, match=r"Forged: example\.com/foo"):
        key.signed_at(example.replace("This", "That").encode())
    [example] = examples(vectors / "c2sp_tlog-checkpoint.md")
    assert verify.read_note(example.encode())[0].startswith(
        "example.com/behind-the-sofa\n20852163\n"
    )
    page = (vectors / "c2sp_tlog-tiles.md").read_text(encoding="utf-8")
    found = re.search(r"index (\d+) will be encoded as\s+`([^`]+)`", page)
    assert found is not None
    assert verify.tile_path(3, int(found[1])) == f"tile/3/{found[2]}"


def test_a_cosignature_says_when() -> None:
    key = verify.Key(str(KEYS.witnesses["police"].public_key), verify.WITNESS_KEY)
    assert key.signed_at(KEYS.checkpoint([], ["police"], seen=1679315147).encode()) == 1679315147
    assert key.signed_at(KEYS.checkpoint([], ["social"]).encode()) is None


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"text\n",
        b"text\n\n",
        b"text\n\nno signature\n",
        CHECKPOINT[:-1],
        CHECKPOINT.replace(b"\n", b"\r\n"),
        CHECKPOINT.replace(b"audit", b"au\tdit", 1),
        CHECKPOINT.replace(" — ".encode(), b" - ") + b"\xff",
        CHECKPOINT + "— name AAAA=\n".encode(),
        CHECKPOINT + "— name AAAAAAAB====\n".encode(),
        CHECKPOINT + "— name  AAAAAAAA\n".encode(),
    ],
)
def test_what_is_no_signed_note_is_not_read(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        verify.read_note(raw)


def test_base64_with_bits_to_spare_is_not_read() -> None:
    with pytest.raises(ValueError, match="bits to spare"):
        verify.read_note(CHECKPOINT + "— name AAAAAAB=\n".encode())


@pytest.mark.parametrize(
    "text",
    [
        "{origin}\n00\n{root}\n",
        "{origin}\n-1\n{root}\n",
        "{origin}\n1\n{short}\n",
        "{origin}\n1\n",
        "\n1\n{root}\n",
        "{origin}\n1\n{root}\n\nmore\n",
        "{origin}\n1000000000000000000\n{root}\n",
    ],
)
def test_what_is_no_checkpoint_is_not_read(text: str) -> None:
    root = base64.b64encode(bytes(32)).decode()
    short = base64.b64encode(bytes(31)).decode()
    written = text.format(origin=LOG.name, root=root, short=short)
    raw = f"{written}\n{KEYS.log.sign(written).line}".encode()
    with pytest.raises(ValueError, match=r"."):
        verify.Checkpoint(raw, verify.Policy(KEYS.policy))


def test_lines_below_the_root_are_passed_over() -> None:
    text = f"{LOG.name}\n1\n{base64.b64encode(bytes(32)).decode()}\nmore\n"
    raw = f"{text}\n{KEYS.log.sign(text).line}".encode()
    assert verify.Checkpoint(raw, verify.Policy(KEYS.policy)).size == 1


def test_a_checkpoint_that_no_known_log_signed_is_refused() -> None:
    policy = verify.Policy(Keys().policy)
    with pytest.raises(verify.Found, match="Not signed by"):
        verify.Checkpoint(CHECKPOINT, policy)


def test_a_line_of_an_unknown_key_under_a_known_name_is_passed_over() -> None:
    other = SecretKey.new("police.test/witness", KeyType.COSIGNATURE)
    text = CHECKPOINT.decode().partition("\n\n")[0] + "\n"
    raw = CHECKPOINT + other.sign(text, 7).line.encode()
    assert verify.Checkpoint(raw, verify.Policy(KEYS.policy)).is_witnessed


def test_a_forged_line_of_a_witness_refuses_the_whole() -> None:
    forged = KEYS.checkpoint([], ["police"]).replace("police.test", "social.test")
    line = KEYS.witnesses["social"].sign("other\n", 7).line
    raw = KEYS.checkpoint([], ["police"]) + line
    with pytest.raises(verify.Found, match=r"Forged: social\.test/witness"):
        verify.Checkpoint(raw.encode(), verify.Policy(KEYS.policy))
    seen = verify.Checkpoint(forged.encode(), verify.Policy(KEYS.policy)).seen
    assert seen == {}  # the id is of another name: an unknown key


@pytest.mark.parametrize(
    ("group", "enough"),
    [
        (f"group g 3 {OF}\nquorum g", [AGENCIES]),
        (f"group g all {OF}\nquorum g", [AGENCIES]),
        (f"group g 2 {OF}\nquorum g", [AGENCIES[:2], AGENCIES[1:]]),
        (f"group g any {OF}\nquorum g", [AGENCIES[:1], AGENCIES[2:]]),
        ("group g any police district\ngroup h all g social\nquorum h", [AGENCIES[:2]]),
        ("\t quorum\t police ", [("police",)]),
        ("quorum none", [()]),
    ],
)
def test_a_quorum_is_met(group: str, enough: list[tuple[str, ...]]) -> None:
    policy = verify.Policy(
        f"# ours\n\n{A}\n{B} https://b.test\n{C}\nlog {LOG} https://l.test\n{group}\n"
    )
    for names in enough:
        assert policy.is_met(names)
        assert not names or not policy.is_met(names[:-1])
    assert policy.is_met(["none"]) is (group == "quorum none")


def test_three_of_four_let_one_be_away() -> None:
    fourth = SecretKey.new("archive.test/witness", KeyType.COSIGNATURE).public_key
    lines = [A, B, C, f"witness archive {fourth}", f"group g 3 {OF} archive", "quorum g"]
    policy = verify.Policy("\n".join(lines))
    assert policy.is_met(["archive", *AGENCIES[:2]])
    assert not policy.is_met(AGENCIES[:2])


@pytest.mark.parametrize(
    "text",
    [
        "",
        A,
        "quorum g",
        "quorum none\nquorum none",
        f"{A}\n{A}\nquorum none",
        f"{A}\nwitness other {KEYS.witnesses['social'].public_key}\nquorum none",
        f"log {LOG}\nlog {LOG}\nquorum none",
        f"log {KEYS.witnesses['social'].public_key}\nquorum none",
        f"witness social {LOG}\nquorum none",
        f"witness none {KEYS.witnesses['social'].public_key}\nquorum none",
        f"{A}\ngroup g 0 social\nquorum g",
        f"{A}\ngroup g 2 social\nquorum g",
        f"{A}\ngroup g some social\nquorum g",
        f"{A}\ngroup g all\nquorum g",
        f"{A}\ngroup g any social social\nquorum g",
        f"{A}\ngroup g any none\nquorum g",
        f"{A}\ngroup g any later\nquorum g",
        f"{A}\ngroup social any social\nquorum social",
        f"{A}\ngroup g any social\ngroup h any social\nquorum h",
        f"{A}\x01\nquorum none",
        "log\nquorum none",
        "log a b c\nquorum none",
        "log name+00000000+AAAA\nquorum none",
        f"log {str(LOG).replace('+', '+0', 1)}\nquorum none",
        "hello\nquorum none",
    ],
)
def test_what_is_no_policy_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        verify.Policy(text)
