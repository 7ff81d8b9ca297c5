"""Holds the first entry of a new log to what a witness knows of the log that it follows on."""

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from infra.audit.mirror import Mirror
from infra.audit.verify import leaf_hash, tree_root


def untrue_links(entry: bytes, mirror: Mirror) -> list[str]:
    """Each state of an older log that an entry names otherwise than it was, in both languages.

    A new year names the last state of the year before, a log that was begun anew those that were
    given up. What its own database held then may well be another history: that is why.
    """
    try:
        told: Any = json.loads(entry)
        named = told.get("given_up") or [told["previous"]] if "previous" in told else []
        return list(_untrue(named, mirror))
    except (ValueError, TypeError, KeyError, AttributeError):
        return []  # no link of any form that is known: nothing is said of an older log


def _untrue(named: list[dict[str, Any]], mirror: Mirror) -> Iterator[str]:
    for each in named:
        origin, size = str(each["origin"]), int(each["size"])
        head = mirror.head(origin)
        known = head.root if size == head.size else b""
        if mirror.mirrored(origin) >= size:
            known = tree_root([*map(leaf_hash, islice(mirror.entries(origin), size))])
        if known and each["root"] and known.hex() != each["root"]:  # no root: it was only said
            yield (
                f"den nämner {size} poster av {origin} som inte är de bevittnade"
                f"|it names {size} entries of {origin} that are not those that were witnessed"
            )
