"""What a witness keeps in one SQLite file: each log's last tree head, and a copy of its entries."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

from infra.audit.paths import Tile
from infra.audit.tiles import bundle, entries_path, tile_path
from infra.audit.verify import TILE, leaf_hash, tree_root

# The root of each full tile is kept: with them a tree of millions is recomputed in milliseconds.
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS head (
    origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL,
    signed TEXT NOT NULL, line TEXT NOT NULL, is_told INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS entry (
    origin TEXT NOT NULL, place INTEGER NOT NULL, entry BLOB NOT NULL,
    PRIMARY KEY (origin, place)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tile (
    origin TEXT NOT NULL, place INTEGER NOT NULL, root BLOB NOT NULL,
    PRIMARY KEY (origin, place)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS evidence (
    at INTEGER NOT NULL, origin TEXT NOT NULL, kept TEXT NOT NULL,
    shown TEXT NOT NULL, said TEXT NOT NULL);
"""


@dataclass(frozen=True)
class Head:
    """The largest tree of a log that the witness has signed.

    ``signed`` is the checkpoint with the log's signatures, ``line`` what the witness signed below;
    both are empty before the first. ``is_told`` once the log has taken the line.
    """

    origin: str
    size: int = 0
    root: bytes = tree_root([])
    signed: str = ""
    line: str = ""
    is_told: bool = False

    @property
    def cosignature(self) -> str:
        """The checkpoint's text with the witness's line only, as a log takes it."""
        return f"{self.signed.rpartition(chr(10) * 2)[0]}\n\n{self.line}"

    @property
    def note(self) -> str:
        """The checkpoint with both signatures: what binds the log, and proves it if it lied."""
        return self.signed + self.line


@dataclass(frozen=True)
class Grown:
    """The tree of the mirrored entries with some more: roots of full tiles, then single hashes."""

    tops: Sequence[bytes]
    rest: Sequence[bytes]

    def root_at(self, size: int) -> bytes:
        """Recompute the root at a size that is not within the full tiles."""
        rest = self.rest[: size - TILE * len(self.tops)]
        return tree_root([*self.tops, *_roots(rest)])

    def full_tiles(self) -> list[bytes]:
        """The roots of tiles that became full."""
        return _roots(self.rest[: len(self.rest) // TILE * TILE])


class Mirror:
    """The file. Any number of threads and processes may use it; what is stored is on the disk."""

    def __init__(self, path: Path) -> None:
        """Make the file if there is none; raises sqlite3.Error."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        with closing(self._connect()) as db:
            db.execute("PRAGMA journal_mode = WAL")
            db.executescript(_TABLES)

    def origins(self) -> list[str]:
        """The logs it has seen."""
        with closing(self._connect()) as db:
            return [origin for (origin,) in db.execute("SELECT origin FROM head ORDER BY origin")]

    def head(self, origin: str) -> Head:
        """What was signed last; size zero if nothing was."""
        query = "SELECT size, CAST(root AS BLOB), signed, line, is_told FROM head WHERE origin = ?"
        with closing(self._connect()) as db:
            row = db.execute(query, (origin,)).fetchone()
        if row is None:
            return Head(origin)
        size, root, signed, line, is_told = row
        return Head(origin, size, root, signed, line, is_told=bool(is_told))

    def mirrored(self, origin: str) -> int:
        """How many of a log's entries are here: fewer than were signed if they were only pushed."""
        with closing(self._connect()) as db:
            return self._mirrored(db, origin)

    def entries(self, origin: str, start: int = 0) -> Iterator[bytes]:
        """The mirrored entries from an index on."""
        query = (
            "SELECT CAST(entry AS BLOB) FROM entry WHERE origin = ? AND place >= ? ORDER BY place"
        )
        with closing(self._connect()) as db:
            for (entry,) in db.execute(query, (origin, start)):
                yield entry

    def with_more(self, origin: str, more: Sequence[bytes]) -> Grown:
        """The tree that the mirrored entries make together with those that follow."""
        query = "SELECT CAST(root AS BLOB) FROM tile WHERE origin = ? ORDER BY place"
        with closing(self._connect()) as db:
            tops = [root for (root,) in db.execute(query, (origin,))]
        hashes = [leaf_hash(entry) for entry in self.entries(origin, TILE * len(tops))]
        return Grown(tops, [*hashes, *map(leaf_hash, more)])

    def gives(self, head: Head) -> bool:
        """Whether the mirrored entries still give the root that was signed, as they were kept."""
        if self.mirrored(head.origin) < head.size:
            return True  # they were handed in without their entries, or are yet to come
        hashes = [leaf_hash(each) for each in islice(self.entries(head.origin), head.size)]
        tops = self.with_more(head.origin, ()).tops
        kept = [*tops, *_roots(hashes[TILE * len(tops) :])]
        return head.root == tree_root(hashes) == tree_root(kept)

    def advance(
        self, old: Head, new: Head, first: int | None = None, more: Sequence[bytes] = ()
    ) -> bool:
        """Keep a new head if the last is still the old one, with entries from ``first`` on.

        That it is checked and stored is one step: of two that were checked against the same head
        one gets False, and must not be signed.
        """
        origin = new.origin
        grown = None if first is None else self.with_more(origin, more)
        with closing(self._connect()) as db:
            db.execute("BEGIN IMMEDIATE")
            before = Head(origin)
            db.execute(
                "INSERT OR IGNORE INTO head VALUES (?, ?, ?, '', '', 0)",
                (origin, before.size, before.root),
            )
            stored = db.execute(
                "UPDATE head SET size = ?, root = ?, signed = ?, line = ?, is_told = 0"
                " WHERE origin = ? AND size = ? AND root = ?",
                (new.size, new.root, new.signed, new.line, origin, old.size, old.root),
            ).rowcount
            if not stored or (first is not None and self._mirrored(db, origin) != first):
                db.execute("ROLLBACK")
                return False
            if grown is not None:
                places = range(first or 0, (first or 0) + len(more))
                rows = [(origin, *row) for row in zip(places, more, strict=True)]
                db.executemany("INSERT INTO entry VALUES (?, ?, ?)", rows)
                tiles = enumerate(grown.full_tiles(), len(grown.tops))
                db.executemany(
                    "INSERT INTO tile VALUES (?, ?, ?)", [(origin, *tile) for tile in tiles]
                )
            db.execute("COMMIT")
        return True

    def told(self, head: Head) -> None:
        """Note that the log has taken the line."""
        with closing(self._connect()) as db:
            db.execute(
                "UPDATE head SET is_told = 1 WHERE origin = ? AND size = ? AND line = ?",
                (head.origin, head.size, head.line),
            )

    def keep_evidence(self, at: int, head: Head, shown: str, said: str) -> None:
        """Keep what was signed before beside what is shown now: two notes prove that a log lied."""
        with closing(self._connect()) as db:
            known = db.execute(
                "SELECT 1 FROM evidence WHERE origin = ? AND shown = ? AND kept = ?",
                (head.origin, shown, head.note),
            ).fetchone()
            if known is None:
                db.execute(
                    "INSERT INTO evidence VALUES (?, ?, ?, ?, ?)",
                    (at, head.origin, head.note, shown, said),
                )

    def evidence(self) -> list[tuple[int, str, str, str, str]]:
        """When, which log, what was signed, what was shown, and what is said of it."""
        query = "SELECT at, origin, kept, shown, said FROM evidence ORDER BY at, origin"
        with closing(self._connect()) as db:
            return list(db.execute(query))

    def export(self, origin: str, folder: Path) -> None:
        """Lay the mirror out as a log (tlog-tiles) that the offline verifier reads."""
        head = self.head(origin)
        for first in range(0, self.mirrored(origin), TILE):
            entries = list(islice(self.entries(origin, first), TILE))
            tile = Tile(0, first // TILE, len(entries))
            files = {entries_path(tile): bundle(entries)}
            files[tile_path(tile)] = b"".join(map(leaf_hash, entries))
            for name, data in files.items():
                path = folder / "tile" / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "checkpoint").write_text(head.note, encoding="utf-8")

    def _mirrored(self, db: sqlite3.Connection, origin: str) -> int:
        query = "SELECT COALESCE(MAX(place) + 1, 0) FROM entry WHERE origin = ?"
        found: Any = db.execute(query, (origin,)).fetchone()
        return int(found[0])

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, timeout=30, isolation_level=None)
        # Before an answer leaves, what it says must survive a power cut.
        db.execute("PRAGMA synchronous = FULL")
        return db


def _roots(hashes: Sequence[bytes]) -> list[bytes]:
    return [tree_root(hashes[at : at + TILE]) for at in range(0, len(hashes), TILE)]
