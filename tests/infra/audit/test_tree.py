"""The tree agrees with its definition at every small size and around the sizes of tiles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.audit.paths import (
    Tile,
    TileMissing,
    consistency_proof,
    consistency_spans,
    edge_tiles,
    exists,
    inclusion_proof,
    inclusion_spans,
    root_at,
)
from infra.audit.tree import (
    EMPTY_ROOT,
    Edge,
    NotProved,
    check_consistency,
    check_inclusion,
    leaf_hash,
    node_hash,
    root_of,
)
from tests.infra.audit.reference import MANY, Kept, entries, leaves, mth, path, subproof

DATA = tuple(entries(MANY))
HASHES = leaves(MANY)
ROOTS = [mth(DATA[:size]) for size in range(MANY + 1)]
AROUND = (255, 256, 257, 511, 513, 65_535, 65_536, 65_537, 70_000)


@pytest.fixture(scope="module")
def large() -> Kept:
    return Kept(leaves(max(AROUND)))


def test_roots_of_every_small_tree_are_those_of_the_definition() -> None:
    edge = Edge()
    assert edge.root() == ROOTS[0] == EMPTY_ROOT
    for size, leaf in enumerate(HASHES, 1):
        edge.add([leaf])
        assert edge.size == size
        assert edge.root() == root_of(HASHES[:size]) == ROOTS[size]


@pytest.mark.slow
def test_every_leaf_of_every_small_tree_is_proved() -> None:
    kept = Kept(HASHES)
    for size in range(1, MANY + 1):
        for index in range(size):
            proof = inclusion_proof(index, size, kept.tiles)
            assert proof == path(index, DATA[:size])
            check_inclusion(index, size, HASHES[index], proof, ROOTS[size])


@pytest.mark.slow
def test_growth_between_every_two_small_trees_is_proved() -> None:
    kept = Kept(HASHES)
    for new in range(1, MANY + 1):
        for old in range(1, new + 1):
            proof = consistency_proof(old, new, kept.tiles)
            assert proof == subproof(old, DATA[:new])
            check_consistency(old, ROOTS[old], new, ROOTS[new], proof)


@pytest.mark.parametrize("size", AROUND)
def test_around_the_sizes_of_tiles(large: Kept, size: int) -> None:
    hashes = large.levels[0]
    edge = Edge()
    edge.add(hashes[:size])
    root = edge.root()
    assert root == root_at(size, large.tiles) == root_of(hashes[:size])
    for index in {0, 1, size // 2, max(0, size - 257), size - 2, size - 1}:
        proof = inclusion_proof(index, size, large.tiles)
        check_inclusion(index, size, hashes[index], proof, root)
    for old in {1, 2, 255, 256, size // 2, size - 1, size}:
        if old <= size:
            proof = consistency_proof(old, size, large.tiles)
            check_consistency(old, root_of(hashes[:old]), size, root, proof)


@pytest.mark.parametrize("size", [*AROUND, 300, 66_000])
def test_a_proof_asks_for_at_most_two_tiles_a_level(large: Kept, size: int) -> None:
    for index in (0, size // 3, size - 1):
        large.asked.clear()
        inclusion_proof(index, size, large.tiles)
        asked = [tile.level for tile in large.asked]
        assert all(asked.count(level) <= 2 for level in asked)
        assert all(exists(tile, size) for tile in large.asked)


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 65_536, 70_000])
def test_an_edge_goes_on_from_the_tiles_that_are_kept(large: Kept, size: int) -> None:
    hashes = large.levels[0]
    before = Kept(hashes[:size])
    edge = Edge(
        before.levels.get(tile.level, [])[tile.start : tile.start + tile.width]
        for tile in edge_tiles(size)
    )
    assert (edge.size, edge.root()) == (size, before.edge.root())
    more = edge.add(hashes[size : size + 300])
    whole = Kept(hashes[: size + 300])
    assert edge.root() == whole.edge.root()
    assert [*before.nodes, *more] == whole.nodes
    assert edge.levels == whole.edge.levels


def test_the_tiles_of_seventy_thousand_leaves_are_those_of_the_specification(large: Kept) -> None:
    assert edge_tiles(70_000) == [Tile(0, 273, 112), Tile(1, 1, 17), Tile(2, 0, 1)]
    assert edge_tiles(256) == [Tile(0, 1, 0), Tile(1, 0, 1)]
    assert len(large.levels[1]) == 273
    assert exists(Tile(0, 272), 70_000)
    assert exists(Tile(0, 273, 112), 70_000)
    assert not exists(Tile(0, 273, 113), 70_000)
    assert not exists(Tile(1, 1), 70_000)
    assert exists(Tile(2, 0, 1), 70_000)
    assert not exists(Tile(64, 0, 1), 70_000)


@given(st.lists(st.integers(0, 300), max_size=8), st.integers(0, 600))
def test_any_split_in_batches_gives_the_same_nodes(batches: list[int], first: int) -> None:
    sizes = [first, *batches]
    hashes = leaves(sum(sizes))
    edge, nodes, at = Edge(), [], 0
    for size in sizes:
        edge = Edge(edge.levels)
        nodes += edge.add(hashes[at : at + size])
        at += size
    whole = Kept(hashes)
    assert nodes == whole.nodes
    assert edge.levels == whole.edge.levels
    assert edge.root() == whole.edge.root() == root_of(hashes)


def flipped(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8 % len(data)] ^= 1 << bit % 8
    return bytes(changed)


@given(st.data())
def test_any_changed_bit_of_an_inclusion_is_refused(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, MANY))
    index = data.draw(st.integers(0, size - 1))
    bit = data.draw(st.integers(0, 255))
    proof, root, leaf = path(index, DATA[:size]), ROOTS[size], HASHES[index]
    with pytest.raises(NotProved):
        check_inclusion(index, size, flipped(leaf, bit), proof, root)
    with pytest.raises(NotProved):
        check_inclusion(index, size, leaf, proof, flipped(root, bit))
    with pytest.raises(NotProved):
        check_inclusion(index ^ (1 << bit % 8), size, leaf, proof, root)
    for place, each in enumerate(proof):
        changed = [*proof[:place], flipped(each, bit), *proof[place + 1 :]]
        with pytest.raises(NotProved):
            check_inclusion(index, size, leaf, changed, root)
        with pytest.raises(NotProved):
            check_inclusion(index, size, leaf, [*proof[:place], *proof[place + 1 :]], root)
    with pytest.raises(NotProved):
        check_inclusion(index, size, leaf, [*proof, leaf], root)
    with pytest.raises(NotProved):
        check_inclusion(index, size, leaf, [leaf, *proof], root)


@given(st.data())
def test_any_changed_bit_of_a_growth_is_refused(data: st.DataObject) -> None:
    new = data.draw(st.integers(2, MANY))
    old = data.draw(st.integers(1, new - 1))
    bit = data.draw(st.integers(0, 255))
    proof = subproof(old, DATA[:new])
    with pytest.raises(NotProved):
        check_consistency(old, flipped(ROOTS[old], bit), new, ROOTS[new], proof)
    with pytest.raises(NotProved):
        check_consistency(old, ROOTS[old], new, flipped(ROOTS[new], bit), proof)
    for place, each in enumerate(proof):
        changed = [*proof[:place], flipped(each, bit), *proof[place + 1 :]]
        with pytest.raises(NotProved):
            check_consistency(old, ROOTS[old], new, ROOTS[new], changed)
        cut = [*proof[:place], *proof[place + 1 :]]
        with pytest.raises(NotProved):
            check_consistency(old, ROOTS[old], new, ROOTS[new], cut)
    with pytest.raises(NotProved):
        check_consistency(old, ROOTS[old], new, ROOTS[new], [*proof, ROOTS[old]])


@given(st.integers(1, MANY), st.integers(1, MANY))
def test_a_tree_of_another_past_is_refused(old: int, new: int) -> None:
    old, new = sorted((old, new))
    other = (b"other", *DATA[1:new])
    with pytest.raises(NotProved):
        check_consistency(old, ROOTS[old], new, mth(other), subproof(old, other))


def test_what_asks_for_nothing_of_a_tree_is_refused() -> None:
    with pytest.raises(NotProved):
        check_inclusion(0, 0, HASHES[0], [], EMPTY_ROOT)
    with pytest.raises(NotProved):
        check_inclusion(-1, 1, HASHES[0], [], ROOTS[1])
    with pytest.raises(NotProved):
        check_consistency(0, EMPTY_ROOT, 1, ROOTS[1], [])
    with pytest.raises(NotProved):
        check_consistency(2, ROOTS[2], 1, ROOTS[1], [])
    with pytest.raises(NotProved):
        check_consistency(3, ROOTS[3], 3, ROOTS[2], [])
    with pytest.raises(NotProved):
        check_consistency(3, ROOTS[3], 3, ROOTS[3], [ROOTS[3]])
    with pytest.raises(NotProved, match="32 bytes"):
        check_inclusion(0, 1, b"short", [], b"short")
    with pytest.raises(NotProved, match="empty"):
        check_consistency(3, ROOTS[3], 5, ROOTS[5], [])
    with pytest.raises(ValueError, match="none at index 3"):
        inclusion_spans(3, 3)
    with pytest.raises(ValueError, match="no proof leads"):
        consistency_spans(0, 3)


def test_an_edge_takes_no_full_level_and_no_broken_hash() -> None:
    with pytest.raises(ValueError, match="right edge"):
        Edge([leaves(256)])
    with pytest.raises(ValueError, match="right edge"):
        Edge([[b"short"]])


def test_a_tile_that_is_missing_is_named() -> None:
    kept = Kept(leaves(300))
    del kept.levels[0][299]
    with pytest.raises(TileMissing, match="tile 1 of level 0"):
        inclusion_proof(0, 300, kept.tiles)


def test_a_leaf_is_never_taken_for_a_node() -> None:
    left, right = HASHES[:2]
    assert leaf_hash(left + right) != node_hash(left, right)
