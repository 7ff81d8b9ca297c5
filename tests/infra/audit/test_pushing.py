"""A log that hands its checkpoints in gets a signature that holds, or says why it has none."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from infra.audit import verify
from infra.audit.mirror import Mirror
from infra.audit.note import BadNote, Note
from infra.audit.paths import consistency_proof
from infra.audit.pushing import Answer, Refused, WitnessAhead, add_checkpoint, push
from infra.audit.tree import leaf_hash
from infra.audit.witness import Witness
from tests.infra.audit.asking import KEYS
from tests.infra.audit.folder import entries
from tests.infra.audit.reference import Kept

HASHES = [leaf_hash(each) for each in entries(300)]
POLICE = KEYS.witnesses["police"]


def note_of(size: int) -> Note:
    return Note.parse(KEYS.checkpoint(HASHES[:size], []))


def proof(old: int, new: int) -> Sequence[bytes]:
    return consistency_proof(old, new, Kept(HASHES[:new]).tiles)


class Police:
    """A witness, and how often it was asked."""

    def __init__(self, folder: Path) -> None:
        mirror = Mirror(folder / "police.db")
        self._witness = Witness(mirror, POLICE, [verify.Policy(KEYS.policy)], lambda: 7)
        self.asked = 0

    def __call__(self, body: bytes) -> Answer:
        self.asked += 1
        answer = self._witness.add_checkpoint(body)
        return Answer(answer.status, answer.body)


def pushed(size: int, known: int, police: Police) -> int | None:
    note, key = note_of(size), POLICE.public_key
    signed = push(note, size, known, key, proof, police)
    assert key.holds(note.text, signed.signature)
    return signed.time


def test_each_checkpoint_is_signed_at_the_first_asking(tmp_path: Path) -> None:
    police, known = Police(tmp_path), 0
    for size in (1, 2, 255, 256, 300):
        assert pushed(size, known, police) == 7
        known = size
    assert police.asked == 5


def test_a_witness_that_has_signed_something_else_says_from_where_to_prove(tmp_path: Path) -> None:
    police = Police(tmp_path)
    pushed(10, 0, police)
    # What it signed may never have come in here, and it may have lost all that it had.
    pushed(20, 0, police)
    pushed(30, 10, police)
    assert police.asked == 1 + 2 + 2
    pushed(30, 30, police)
    assert police.asked == 6


def test_a_witness_that_has_signed_more_than_there_is_is_ahead(tmp_path: Path) -> None:
    police = Police(tmp_path)
    pushed(20, 0, police)
    with pytest.raises(WitnessAhead, match="20 leaves") as raised:
        pushed(10, 0, police)
    assert raised.value.size == 20


@pytest.mark.parametrize(
    ("status", "body"), [(403, ""), (404, ""), (422, ""), (409, "many\n"), (409, ""), (500, "x")]
)
def test_a_witness_that_does_not_sign_is_told_of(status: int, body: str) -> None:
    with pytest.raises(Refused, match=str(status)):
        push(note_of(5), 5, 0, POLICE.public_key, proof, lambda _body: Answer(status, body))


@pytest.mark.parametrize("other", ["", "hello", "social", "forged"])
def test_what_is_not_the_witness_s_own_signature_is_not_taken(other: str) -> None:
    note = note_of(5)
    body = {
        "": "",
        "hello": "hello\n",
        "social": KEYS.witnesses["social"].sign(note.text, 7).line,
        "forged": POLICE.sign(note_of(6).text, 7).line,
    }[other]
    with pytest.raises(BadNote):
        push(note, 5, 0, POLICE.public_key, proof, lambda _body: Answer(200, body))


@pytest.mark.parametrize("address", ["file:///etc/passwd", "http://127.0.0.1:9"])
def test_an_address_where_nobody_answers_is_an_error_that_passes(address: str) -> None:
    with pytest.raises(OSError, match=r"."):
        add_checkpoint(address, b"")
