"""Hands checkpoints in to witnesses that wait for them (C2SP tlog-witness, add-checkpoint)."""

import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from infra.audit.checkpoint import written_hashes
from infra.audit.note import BadNote, Note, PublicKey, Signed, parse_line

ADD_CHECKPOINT: Final = "/add-checkpoint"
_PATIENCE_SECONDS: Final = 10
_MOST_BYTES: Final = 64_000
_MOST_DIGITS: Final = 18
_TEXT: Final = {"Content-Type": "text/plain; charset=utf-8"}

Proof = Callable[[int, int], Sequence[bytes]]
"""The consistency proof from one size to another."""


class Refused(Exception):
    """A witness does not sign; the sentence says with which code."""


class WitnessAhead(Refused):
    """A witness has signed more leaves than it was shown: perhaps an older copy is in place."""

    def __init__(self, size: int, shown: int) -> None:
        super().__init__(f"{size} leaves, of which the log has {shown}")
        self.size = size


@dataclass(frozen=True)
class Answer:
    """What a witness answered."""

    status: int
    body: str


def add_checkpoint(address: str, body: bytes) -> Answer:
    """Hand it in under a witness's address; raises OSError."""
    if not address.startswith(("http://", "https://")):
        raise OSError(f"{address} is no address that begins with https://")
    asked = urllib.request.Request(  # noqa: S310  http(s), see above
        address.rstrip("/") + ADD_CHECKPOINT, data=body, headers=_TEXT
    )
    try:
        with urllib.request.urlopen(asked, timeout=_PATIENCE_SECONDS) as answer:  # noqa: S310  as above
            return Answer(answer.status, answer.read(_MOST_BYTES).decode())
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.read(_MOST_BYTES).decode(errors="replace"))
    except UnicodeDecodeError as error:
        raise OSError("the answer is no text") from error


def push(
    note: Note,
    size: int,
    known: int,
    key: PublicKey,
    proof: Proof,
    hand_in: Callable[[bytes], Answer],
) -> Signed:
    """Have a witness sign a checkpoint; ``known`` is the size that it has signed as far as we know.

    A witness that tells of another size is asked again, once, with the proof from there.

    Raises:
        WitnessAhead, Refused: it does not sign.
        BadNote: what it answers is not its signature. OSError: it cannot be reached.
    """
    answer = hand_in(_body(note, known, size, proof))
    if answer.status == HTTPStatus.CONFLICT:
        told = answer.body.strip()
        if not (told.isascii() and told.isdecimal() and len(told) <= _MOST_DIGITS):
            raise Refused("409 without a size")
        known = int(told)
        if known > size:
            raise WitnessAhead(known, size)
        answer = hand_in(_body(note, known, size, proof))
    if answer.status != HTTPStatus.OK:
        raise Refused(f"{answer.status}")
    lines = [parse_line(line) for line in answer.body.splitlines(keepends=True)]
    for line in lines:
        if (line.name, line.key_id) == (key.name, key.key_id):
            return key.check(note.text, line)
    raise BadNote(f"{key.name} has not signed")


def _body(note: Note, known: int, size: int, proof: Proof) -> bytes:
    path = proof(known, size) if 0 < known < size else ()
    lines = [f"old {known}", *written_hashes(path), "", str(note)]
    return "\n".join(lines).encode()
