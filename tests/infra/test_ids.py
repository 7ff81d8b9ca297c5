"""Ids are UUIDs of version 7 that sort by the time they were made."""

import time
import uuid

from infra.ids import new_id


def test_version_and_variant() -> None:
    made = new_id()
    assert made.version == 7
    assert made.variant == uuid.RFC_4122


def test_time_comes_first() -> None:
    before = time.time_ns() // 1_000_000
    made = new_id()
    after = time.time_ns() // 1_000_000
    assert before <= made.int >> 80 <= after


def test_ids_differ_and_sort() -> None:
    ids: list[uuid.UUID] = []
    for _ in range(50):
        ids.append(new_id())
        time.sleep(0.000_01)
    assert len(set(ids)) == 50
    assert ids == sorted(ids)
