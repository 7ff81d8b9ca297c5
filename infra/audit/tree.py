"""Hashes of the Merkle tree of RFC 6962 and RFC 9162, its growing right edge, and its proofs."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

HASH_BYTES: Final = 32
TILE_HEIGHT: Final = 8
TILE_WIDTH: Final = 1 << TILE_HEIGHT
"""Hashes of a full tile; a level of stored nodes is that many times smaller than the one below."""

_LEAF: Final = b"\x00"
_NODE: Final = b"\x01"
_sha256 = hashlib.sha256

EMPTY_ROOT: Final = _sha256(b"").digest()
"""The root of a tree without leaves (RFC 9162, 2.1.1)."""


class NotProved(ValueError):
    """A proof does not show what it claims; the sentence says where it fails."""


@dataclass(frozen=True, slots=True)
class Node:
    """The root of a full subtree: ``256 ** level`` leaves from ``index * 256 ** level`` on."""

    level: int
    index: int
    hash: bytes


def leaf_hash(entry: bytes) -> bytes:
    """The hash of an entry (RFC 9162, 2.1.1): what begins with 0x00 is never taken for a node."""
    return _sha256(_LEAF + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees side by side (RFC 9162, 2.1.1)."""
    return _sha256(_NODE + left + right).digest()


def root_of(hashes: Sequence[bytes]) -> bytes:
    """The root over subtrees of the same size, of which the last may be smaller.

    Pairs are hashed level by level, and a last one without a partner goes up as it is: the same
    tree as the recursive one of RFC 9162, which splits at the largest power of two.
    """
    if not hashes:
        return EMPTY_ROOT
    row = list(hashes)
    while len(row) > 1:
        last = row[-1:] if len(row) % 2 else []
        row = [_sha256(_NODE + left + right).digest() for left, right in _pairs(row)] + last
    return row[0]


class Edge:
    """The right edge of a growing tree: at each level the hashes not yet hashed into the next.

    That is all a log must keep in memory to go on, at most 255 hashes a level. Not for several
    threads at once.
    """

    def __init__(self, levels: Iterable[Sequence[bytes]] = ()) -> None:
        """Go on from the partial tiles of a tree, that of the leaves first.

        Raises:
            ValueError: something is no hash, or a level holds a full tile or more.
        """
        self._levels = [list(level) for level in levels]
        for level in self._levels:
            if len(level) >= TILE_WIDTH or any(len(each) != HASH_BYTES for each in level):
                raise ValueError(
                    "the right edge of a tree is at most 255 hashes of 32 bytes a level"
                )

    @property
    def size(self) -> int:
        """Leaves of the tree."""
        return sum(len(level) << (TILE_HEIGHT * n) for n, level in enumerate(self._levels))

    @property
    def levels(self) -> list[list[bytes]]:
        """The partial tiles, that of the leaves first; to be kept and given to another edge."""
        return [list(level) for level in self._levels]

    def add(self, leaves: Sequence[bytes]) -> list[Node]:
        """Take the hashes of the next leaves; gives the nodes that became full, in their order."""
        made: list[Node] = []
        size, at = self.size, 0
        while at < len(leaves):
            if not self._levels:
                self._levels.append([])
            lowest = self._levels[0]
            part = leaves[at : at + TILE_WIDTH - len(lowest)]
            lowest += part
            at += len(part)
            if len(lowest) == TILE_WIDTH:
                self._close(size + at, made)
        return made

    def root(self) -> bytes:
        """The root of the tree as it is now."""
        below: list[bytes] = []
        for level in self._levels:
            if level or below:
                below = [root_of([*level, *below])]
        return below[0] if below else EMPTY_ROOT

    def _close(self, size: int, made: list[Node]) -> None:
        level = 0
        while len(self._levels[level]) == TILE_WIDTH:
            full = root_of(self._levels[level])
            self._levels[level].clear()
            level += 1
            if level == len(self._levels):
                self._levels.append([])
            self._levels[level].append(full)
            made.append(Node(level, (size >> (TILE_HEIGHT * level)) - 1, full))


def check_inclusion(
    index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes
) -> None:
    """Check that a leaf stands at an index in the tree of that size and root (RFC 9162, 2.1.3.2).

    Raises:
        NotProved: it is not shown.
    """
    _check_hashes(leaf, root, *proof)
    if not 0 <= index < size:
        raise NotProved(f"a tree of {size} leaves has none at index {index}")
    found = leaf
    for each, is_left in _way_up(index, size - 1, proof):
        found = node_hash(each, found) if is_left else node_hash(found, each)
    if found != root:
        raise NotProved("the path leads to another root")


def check_consistency(
    old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Check that a tree only grew: the old one is its beginning, unchanged (RFC 9162, 2.1.4.2).

    Of a tree without leaves there is nothing to prove: any other begins with it. Ask not.

    Raises:
        NotProved: it is not shown.
    """
    if old_size == new_size:
        if proof or old_root != new_root:
            raise NotProved("two trees of the same size have the same root and need no path")
        return
    _check_hashes(old_root, new_root, *proof)
    if not 0 < old_size < new_size:
        raise NotProved(f"a tree of {old_size} leaves does not grow to {new_size}")
    path = list(proof)
    if old_size & (old_size - 1) == 0:
        path.insert(0, old_root)
    if not path:
        raise NotProved("the path is empty")
    # The way begins at the largest full subtree that ends where the old tree ends.
    height = (old_size & -old_size).bit_length() - 1
    node, last = (old_size - 1) >> height, (new_size - 1) >> height
    old_found = new_found = path[0]
    for each, is_left in _way_up(node, last, path[1:]):
        if is_left:
            old_found = node_hash(each, old_found)
            new_found = node_hash(each, new_found)
        else:
            new_found = node_hash(new_found, each)
    if old_found != old_root:
        raise NotProved("the path leads to another old root: something old was changed")
    if new_found != new_root:
        raise NotProved("the path leads to another new root")


def _way_up(node: int, last: int, path: Sequence[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Each hash beside the way from a node to the root, and whether it stands to the left.

    ``node`` and ``last`` are the places of the node and of the last one at its level.
    """
    for each in path:
        if last == 0:
            raise NotProved("the path is longer than the tree is high")
        is_left = bool(node & 1) or node == last
        yield each, is_left
        # Where the last node has no partner it goes up as it is, until there is one.
        while is_left and node and not node & 1:
            node >>= 1
            last >>= 1
        node >>= 1
        last >>= 1
    if last != 0:
        raise NotProved("the path ends below the root")


def _pairs(row: Sequence[bytes]) -> Iterable[tuple[bytes, bytes]]:
    return zip(row[::2], row[1::2], strict=False)


def _check_hashes(*hashes: bytes) -> None:
    if any(len(each) != HASH_BYTES for each in hashes):
        raise NotProved("a hash is 32 bytes long")
