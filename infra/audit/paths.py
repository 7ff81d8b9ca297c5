"""Makes the proofs of a tree out of its tiles: few tiles a proof, whatever the tree's size."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from infra.audit.tree import (
    EMPTY_ROOT,
    HASH_BYTES,
    TILE_HEIGHT,
    TILE_WIDTH,
    node_hash,
    root_of,
)

Span: TypeAlias = tuple[int, int]
"""The leaves of a subtree: the first, and the one after the last."""

_MOST_LEVEL: Final = 63


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """Hashes side by side at a level of a tree, ``width`` of at most 256 (C2SP tlog-tiles).

    Those of level 0 are of leaves, each of a higher level is the root of a full tile below.
    """

    level: int
    index: int
    width: int = TILE_WIDTH

    @property
    def start(self) -> int:
        """The place of its first hash among all of its level."""
        return self.index * TILE_WIDTH


Tiles: TypeAlias = Callable[[Sequence[Tile]], Mapping[Tile, bytes]]
"""Gives the bytes of several tiles, 32 for each hash."""


class TileMissing(LookupError):
    """A tile that a tree of this size must have is not there, or not whole."""


def inclusion_spans(index: int, size: int) -> list[Span]:
    """The subtrees beside the way from a leaf to the root, the lowest first (RFC 9162, 2.1.3.1).

    Raises:
        ValueError: the tree has no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has none at index {index}")
    spans: list[Span] = []
    start, end = 0, size
    while end - start > 1:
        split = start + _largest_power_below(end - start)
        if index < split:
            spans.append((split, end))
            end = split
        else:
            spans.append((start, split))
            start = split
    return spans[::-1]


def consistency_spans(old_size: int, new_size: int) -> list[Span]:
    """The subtrees that lead from an old tree to its root and to the new (RFC 9162, 2.1.4.1).

    Raises:
        ValueError: the old tree is empty or the larger one.
    """
    if not 0 < old_size <= new_size:
        raise ValueError(f"no proof leads from {old_size} leaves to {new_size}")
    spans: list[Span] = []
    start, end, known = 0, new_size, True
    while old_size != end:
        split = start + _largest_power_below(end - start)
        if old_size <= split:
            spans.append((split, end))
            end = split
        else:
            spans.append((start, split))
            start, known = split, False
    if not known:
        spans.append((start, end))
    return spans[::-1]


def edge_tiles(size: int) -> list[Tile]:
    """The partial tiles at the right edge of a tree, that of the leaves first; some are empty."""
    tiles: list[Tile] = []
    level = 0
    while size >> (TILE_HEIGHT * level):
        hashes = size >> (TILE_HEIGHT * level)
        tiles.append(Tile(level, hashes // TILE_WIDTH, hashes % TILE_WIDTH))
        level += 1
    return tiles


def exists(tile: Tile, size: int) -> bool:
    """Whether a tree of this size has a tile with so many hashes."""
    if not (0 <= tile.level <= _MOST_LEVEL and tile.index >= 0 and 0 < tile.width <= TILE_WIDTH):
        return False
    return tile.start + tile.width <= size >> (TILE_HEIGHT * tile.level)


def hashes_of(spans: Sequence[Span], size: int, tiles: Tiles) -> list[bytes]:
    """The hashes of subtrees of the tree of this size; asks for all tiles at once.

    Raises:
        TileMissing: the tiles do not hold what they must.
    """
    parts = [list(_full_subtrees(span)) for span in spans]
    wanted = sorted({_tile_of(*each, size) for part in parts for each in part})
    found = tiles(wanted)
    return [_folded([_hash(each, size, found) for each in part]) for part in parts]


def root_at(size: int, tiles: Tiles) -> bytes:
    """The root that the tree had at a size; raises TileMissing."""
    return hashes_of([(0, size)], size, tiles)[0] if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, tiles: Tiles) -> list[bytes]:
    """The path of a leaf; raises ValueError or TileMissing."""
    return hashes_of(inclusion_spans(index, size), size, tiles)


def consistency_proof(old_size: int, new_size: int, tiles: Tiles) -> list[bytes]:
    """The path from an old tree to a new one; raises ValueError or TileMissing."""
    return hashes_of(consistency_spans(old_size, new_size), new_size, tiles)


def _largest_power_below(count: int) -> int:
    """The largest power of two that is smaller: where a tree of so many leaves is split."""
    return 1 << ((count - 1).bit_length() - 1)


def _full_subtrees(span: Span) -> Iterator[tuple[int, int]]:
    """The full subtrees that make up a span, as height and index; the largest stands first."""
    start, end = span
    while start < end:
        height = (end - start).bit_length() - 1
        yield height, start >> height
        start += 1 << height


def _tile_of(height: int, index: int, size: int) -> Tile:
    """The tile in whose hashes the full subtree lies, as wide as it is in a tree of this size."""
    level, rest = divmod(height, TILE_HEIGHT)
    tile = (index << rest) // TILE_WIDTH
    width = min(TILE_WIDTH, (size >> (TILE_HEIGHT * level)) - tile * TILE_WIDTH)
    return Tile(level, tile, width)


def _hash(subtree: tuple[int, int], size: int, found: Mapping[Tile, bytes]) -> bytes:
    height, index = subtree
    tile = _tile_of(height, index, size)
    data = found.get(tile, b"")
    if len(data) != tile.width * HASH_BYTES:
        raise TileMissing(f"tile {tile.index} of level {tile.level} with {tile.width} hashes")
    rest = height % TILE_HEIGHT
    first = (index << rest) - tile.start
    return root_of(split_hashes(data)[first : first + (1 << rest)])


def split_hashes(data: bytes) -> list[bytes]:
    """The hashes that lie one after the other in a tile."""
    return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]


def _folded(hashes: Iterable[bytes]) -> bytes:
    """One hash of full subtrees that grow smaller to the right."""
    *left, found = hashes
    for each in reversed(left):
        found = node_hash(each, found)
    return found
