"""The verifier asked as its user asks it, about logs in folders, with one set of keys."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol

from infra.audit.tree import leaf_hash
from tests.infra.audit.folder import START, Keys, write_log

KEYS: Final = Keys.always_the_same()
BEGAN: Final = int(START.timestamp())


class Ask(Protocol):
    """Asks a question; gives the exit code and what was printed."""

    def __call__(self, question: str, *what: object) -> tuple[int, str]: ...


def log(folder: Path, of: Sequence[bytes], seen: int | None = None) -> Path:
    """A log that the witnesses saw soon after its last entry, or then."""
    hashes = [leaf_hash(each) for each in of]
    when = BEGAN + len(of) if seen is None else seen
    return write_log(folder, of, KEYS.checkpoint(hashes, seen=when))
