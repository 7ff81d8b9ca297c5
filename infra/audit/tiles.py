"""How tiles and entry bundles are named and written (C2SP tlog-tiles)."""

import re
from collections.abc import Sequence
from typing import Final

from infra.audit.paths import Tile
from infra.audit.tree import TILE_WIDTH

MOST_ENTRY_BYTES: Final = 65_535
"""An entry's length stands in two bytes in front of it."""

_PATH: Final = re.compile(
    r"(?:(?P<level>[0-9]|[1-5][0-9]|6[0-3])|entries)"
    r"/(?P<index>(?:x[0-9]{3}/){0,5}[0-9]{3})"
    r"(?:\.p/(?P<width>[1-9][0-9]{0,2}))?",
    re.ASCII,
)
_LENGTH_BYTES: Final = 2


class BadBundle(ValueError):
    """What was read is no whole sequence of entries."""


def tile_path(tile: Tile) -> str:
    """The place of a tile below ``tile/``."""
    return f"{tile.level}/{_index_path(tile)}"


def entries_path(tile: Tile) -> str:
    """The place below ``tile/`` of the entries whose hashes are in a tile of level 0."""
    return f"entries/{_index_path(tile)}"


def parse_tile_path(path: str) -> tuple[Tile, bool] | None:
    """The tile that is asked for, and whether its entries are wanted; None if it is no tile."""
    found = _PATH.fullmatch(path)
    if found is None:
        return None
    width = int(found["width"] or TILE_WIDTH)
    index = found["index"].replace("x", "").replace("/", "")
    tile = Tile(int(found["level"] or 0), int(index), width)
    # One name for each: a full tile has no width, and the index no group of zeroes in front.
    named = entries_path(tile) if found["level"] is None else tile_path(tile)
    return (tile, found["level"] is None) if named == path else None


def bundle(entries: Sequence[bytes]) -> bytes:
    """Entries one after the other, each after its length; raises ValueError for one too long."""
    if any(len(entry) > MOST_ENTRY_BYTES for entry in entries):
        raise ValueError(f"an entry has at most {MOST_ENTRY_BYTES} bytes")
    return b"".join(len(entry).to_bytes(_LENGTH_BYTES) + entry for entry in entries)


def split_bundle(data: bytes) -> list[bytes]:
    """The entries of a bundle; raises BadBundle."""
    entries: list[bytes] = []
    at = 0
    while at < len(data):
        start = at + _LENGTH_BYTES
        end = start + int.from_bytes(data[at:start])
        if start > len(data) or end > len(data):
            raise BadBundle("the bundle ends within an entry")
        entries.append(data[start:end])
        at = end
    return entries


def _index_path(tile: Tile) -> str:
    digits = str(tile.index)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    *first, last = (digits[at : at + 3] for at in range(0, len(digits), 3))
    width = "" if tile.width == TILE_WIDTH else f".p/{tile.width}"
    return "".join(f"x{group}/" for group in first) + last + width
