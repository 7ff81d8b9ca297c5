"""What a log signs (C2SP tlog-checkpoint), and the proof file that holds one (tlog-proof)."""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from infra.audit.note import BadNote, Note
from infra.audit.tree import HASH_BYTES

MOST_PATH: Final = 63
_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_MOST: Final = 2**63 - 1
_PROOF: Final = "c2sp.org/tlog-proof@v1"
_LINES: Final = 3


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A tree as its log vouches for it: which log, how many leaves, which root."""

    origin: str
    size: int
    root: bytes

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """Read a note's text; lines that follow the root are passed over.

        Raises:
            BadNote: it is none.
        """
        lines = text.split("\n")
        if lines.pop() or len(lines) < _LINES or not all(lines):
            raise BadNote("a checkpoint has an origin, a size and a root, each on a line")
        return cls(lines[0], number(lines[1]), hash_of(lines[2]))

    @property
    def text(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode('ascii')}\n"


@dataclass(frozen=True, slots=True)
class ProofFile:
    """That an entry stands at an index of a signed tree; a ``.tlog-proof`` file.

    ``extra`` is for whoever made the file, and is vouched for by nobody.
    """

    index: int
    path: tuple[bytes, ...]
    note: Note
    extra: bytes | None = None

    @classmethod
    def parse(cls, text: str) -> "ProofFile":
        """Read a file; raises BadNote."""
        head, gap, note = text.partition("\n\n")
        first, *lines = head.split("\n")
        if first != _PROOF or not gap or not lines:
            raise BadNote(f"a proof begins with {_PROOF}, an index and a path")
        extra: bytes | None = None
        if lines[0].startswith("extra "):
            extra = _decoded(lines.pop(0).removeprefix("extra "))
        if not lines or not lines[0].startswith("index "):
            raise BadNote("a proof has a line with the index of the entry")
        index = number(lines.pop(0).removeprefix("index "))
        if len(lines) > MOST_PATH:
            raise BadNote(f"a path has at most {MOST_PATH} hashes")
        return cls(index, tuple(hash_of(line) for line in lines), Note.parse(note), extra)

    def __str__(self) -> str:
        """The file's text."""
        lines = [_PROOF]
        if self.extra is not None:
            lines.append(f"extra {base64.b64encode(self.extra).decode('ascii')}")
        lines.append(f"index {self.index}")
        lines += written_hashes(self.path)
        return "\n".join([*lines, "", str(self.note)])


def written_hashes(hashes: Sequence[bytes]) -> list[str]:
    """Hashes as the lines of a path."""
    return [base64.b64encode(each).decode("ascii") for each in hashes]


def number(text: str) -> int:
    """Read a number as C2SP writes it, without leading zeroes; raises BadNote."""
    if not _NUMBER.fullmatch(text) or int(text) > _MOST:
        raise BadNote("a number is written in digits, without zeroes in front")
    return int(text)


def hash_of(text: str) -> bytes:
    """Read a hash in base64; raises BadNote."""
    data = _decoded(text)
    if len(data) != HASH_BYTES:
        raise BadNote("a hash is 32 bytes long")
    return data


def _decoded(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadNote("not base64") from error
    if base64.b64encode(data).decode("ascii") != text:
        raise BadNote("not base64 in its one form")
    return data
