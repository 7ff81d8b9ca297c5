"""The mirrors that a log is healed from: a witness's file, an exported folder, or an address."""

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from infra.audit.checkpoint import Checkpoint
from infra.audit.healing import Source
from infra.audit.mirror import Mirror
from infra.audit.note import Note
from infra.audit.witness import entries_from
from infra.audit.witness_http import LogOverHttp

_CHECKPOINT = "checkpoint"


@dataclass(frozen=True)
class InFile(Source):
    """What a witness's own SQLite file has of one log."""

    mirror: Mirror
    origin: str

    @property
    def note(self) -> Note:
        return Note.parse(self.mirror.head(self.origin).note)

    def entries(self, start: int, size: int) -> Iterator[bytes]:
        if (kept := self.mirror.mirrored(self.origin)) < size:
            raise ValueError(f"the mirror has {kept} of {size} entries")
        for index, entry in enumerate(self.mirror.entries(self.origin, start), start):
            if index < size:
                yield entry


@dataclass(frozen=True)
class InTiles(Source):
    """A log as tlog-tiles lays it out, read file by file."""

    read: Callable[[str], bytes]

    @property
    def note(self) -> Note:
        return Note.parse(self.read(_CHECKPOINT).decode())

    def entries(self, start: int, size: int) -> Iterator[bytes]:
        whole = Checkpoint.parse(self.note.text).size
        for index, entry in enumerate(entries_from(self.read, whole, start), start):
            if index < size:
                yield entry


def mirrors_at(where: str, token: str) -> list[Source]:
    """All logs of a mirror; ``token`` is for an address that asks for one.

    Raises:
        OSError: it cannot be read. ValueError: it is none.
    """
    if where.startswith(("http://", "https://")):
        return [InTiles(LogOverHttp(where, token).read)]
    path = Path(where)
    if path.is_dir():
        return [InTiles(_reader(each.parent)) for each in sorted(path.rglob(_CHECKPOINT))]
    if not path.is_file():
        raise FileNotFoundError(where)
    try:
        mirror = Mirror(path)
        return [InFile(mirror, each) for each in mirror.origins() if mirror.head(each).line]
    except sqlite3.Error as error:
        raise ValueError(f"{path} is no witness's file") from error


def _reader(folder: Path) -> Callable[[str], bytes]:
    return lambda path: (folder / path).read_bytes()
