"""The tree of RFC 9162 as its text defines it: slow, recursive, a second opinion."""

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final

from infra.audit.paths import Tile
from infra.audit.tree import Edge, Node, leaf_hash

MANY: Final = 129


def entries(count: int) -> list[bytes]:
    return [b"entry %d" % number for number in range(count)]


def leaves(count: int) -> list[bytes]:
    return [leaf_hash(entry) for entry in entries(count)]


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def split(count: int) -> int:
    """The largest power of two below a count, found by trying."""
    power = 1
    while power * 2 < count:
        power *= 2
    return power


@cache
def mth(data: tuple[bytes, ...]) -> bytes:
    """MTH of 2.1.1, over entries."""
    if not data:
        return sha256(b"")
    if len(data) == 1:
        return sha256(b"\x00" + data[0])
    k = split(len(data))
    return sha256(b"\x01" + mth(data[:k]) + mth(data[k:]))


def path(index: int, data: tuple[bytes, ...]) -> list[bytes]:
    """PATH of 2.1.3.1."""
    if len(data) == 1:
        return []
    k = split(len(data))
    if index < k:
        return [*path(index, data[:k]), mth(data[k:])]
    return [*path(index - k, data[k:]), mth(data[:k])]


def subproof(old: int, data: tuple[bytes, ...], *, known: bool = True) -> list[bytes]:
    """SUBPROOF of 2.1.4.1."""
    if old == len(data):
        return [] if known else [mth(data)]
    k = split(len(data))
    if old <= k:
        return [*subproof(old, data[:k], known=known), mth(data[k:])]
    return [*subproof(old - k, data[k:], known=False), mth(data[:k])]


class Kept:
    """The hashes of a tree as a log stores them: leaves, and nodes of full groups of 256."""

    def __init__(self, hashes: Sequence[bytes]) -> None:
        self.edge = Edge()
        self.nodes: list[Node] = self.edge.add(hashes)
        self.levels: dict[int, list[bytes]] = {0: list(hashes)}
        for node in self.nodes:
            level = self.levels.setdefault(node.level, [])
            assert len(level) == node.index
            level.append(node.hash)
        self.asked: list[Tile] = []

    def tiles(self, wanted: Sequence[Tile]) -> Mapping[Tile, bytes]:
        self.asked += wanted
        return {
            tile: b"".join(self.levels.get(tile.level, [])[tile.start : tile.start + tile.width])
            for tile in wanted
        }
