"""Other histories than the one that agencies have signed, and the words for what was done to it."""

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from tests.service.attacked import Ran

PLACE: Final = 61
"""The second issue of all: what is done is mostly done to it."""
_CHANGED = "Historiken är ändrad:", "The history was changed:"
_SPLIT = "Kluven bild, två underskrivna historier:", "Split view, two signed histories:"


@dataclass(frozen=True)
class History:
    """What is shown instead, what a witness that it is handed to answers, and the words for it.

    ``late`` is what only the verifier says, who also looks at the clocks.
    """

    shown: Sequence[bytes]
    status: int
    witness: tuple[str, str]
    verifier: tuple[str, str]
    done: Sequence[tuple[str, str]]
    late: Sequence[tuple[str, str]] = ()

    @property
    def alarm(self) -> Ran:
        """What a witness says that looks by itself."""
        return _said(self.witness, self.done)

    @property
    def verdict(self) -> Ran:
        """What the verifier says."""
        return _said(self.verifier, [*self.done, *self.late])


def _said(head: tuple[str, str], done: Sequence[tuple[str, str]]) -> Ran:
    return Ran(1, *(f"{head[at]} {'; '.join(each[at] for each in done)}" for at in (0, 1)))


def other(entry: bytes) -> bytes:
    """The entry of an event that never was, recorded now."""
    fields = json.loads(entry)
    now = datetime.now(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
    made = {
        **fields,
        "event": f"{random.getrandbits(32):08x}{fields['event'][8:]}",
        "at": f"{now}Z",
    }
    return json.dumps(made, sort_keys=True, separators=(",", ":")).encode()


def altered(entry: bytes) -> bytes:
    """The entry of an event with another content."""
    return entry.replace(json.loads(entry)["payload"].encode(), b"0" * 64)


def back_dated(entry: bytes) -> bytes:
    """The entry of an event that seems to be from six years before."""
    return entry.replace(b'"at":"2', b'"at":"1', 1)


def named(index: int, entry: bytes, sv: str, en: str, *, at: bool = False) -> tuple[str, str]:
    """How an entry is called in both languages, with its time or without, and what was done."""
    fields = json.loads(entry)
    what = f"({fields['type']} {fields['event']}{', ' + fields['at'] if at else ''})"
    return f"post {index} {what} {sv}", f"entry {index} {what} {en}"


def _gone(honest: Sequence[bytes], first: int) -> list[tuple[str, str]]:
    each = [
        named(index, honest[index], "är borttagen", "was removed")
        for index in range(first, len(honest))
    ]
    return [(f"allt från post {first} är borta", f"all from entry {first} on is gone"), *each]


def _added(first: int, entries: Sequence[bytes]) -> list[tuple[str, str]]:
    return [
        named(index, entry, "är inlagd i efterhand", "was inserted afterwards")
        for index, entry in enumerate(entries, first)
    ]


def _altered(honest: list[bytes]) -> History:
    was, now = honest[PLACE], altered(honest[PLACE])
    parts = f"(payload: {json.loads(was)['payload']} → {'0' * 64})"
    done = named(PLACE, was, f"är ändrad {parts}", f"was altered {parts}")
    grown = [*honest[:PLACE], now, *honest[PLACE + 1 :], *map(other, honest[-3:])]
    return History(grown, 422, _CHANGED, _CHANGED, [done])


def _removed(honest: list[bytes]) -> History:
    grown = [*honest[:PLACE], *honest[PLACE + 1 :], *map(other, honest[-3:])]
    done = named(PLACE, honest[PLACE], "är borttagen", "was removed")
    return History(grown, 422, _CHANGED, _CHANGED, [done])


def _back_dated(honest: list[bytes]) -> History:
    was, now = honest[PLACE], back_dated(honest[PLACE])
    before, at = json.loads(was)["at"], json.loads(now)["at"]
    parts = f"(at: {before} → {at})"
    done = named(PLACE, was, f"är tillbakadaterad {parts}", f"was back-dated {parts}")
    grown = [*honest[:PLACE], now, *honest[PLACE + 1 :], *map(other, honest[-3:])]
    return History(grown, 422, _CHANGED, _CHANGED, [done], [_late(now)])


def _late(entry: bytes) -> tuple[str, str]:
    at = json.loads(entry)["at"]
    return named(PLACE, entry, f"är tillbakadaterad till {at}", f"is back-dated to {at}")


def _inserted(honest: list[bytes]) -> History:
    new = back_dated(other(honest[PLACE]))
    grown = [*honest[:PLACE], new, *honest[PLACE:]]
    return History(grown, 422, _CHANGED, _CHANGED, _added(PLACE, [new]), [_late(new)])


def rolled_back_to(honest: list[bytes], left: int) -> History:
    """An older state of the same history."""
    size = len(honest)
    seen = f"Backad från {size} till {left}:", f"Rolled back: {size} to {left}:"
    told = f"Backad till {left} poster:", f"Rolled back to {left} entries:"
    return History(honest[:left], 409, seen, told, _gone(honest, left))


def gone_and_grown(honest: list[bytes], left: int, grown: Sequence[bytes]) -> History:
    """An older state that something else was added to, past what was signed."""
    done = [*_gone(honest, left), *_added(left, grown)]
    return History([*honest[:left], *grown], 422, _CHANGED, _CHANGED, done)


def _rolled_back_and_grown(honest: list[bytes]) -> History:
    return gone_and_grown(honest, len(honest) - 2, [other(entry) for entry in honest[-3:]])


def _split(honest: list[bytes]) -> History:
    last, new = len(honest) - 1, other(honest[-1])
    done = [*_gone(honest, last), *_added(last, [new])]
    return History([*honest[:-1], new], 409, _SPLIT, _SPLIT, done)


HISTORIES: Final[dict[str, Callable[[list[bytes]], History]]] = {
    "altered": _altered,
    "removed": _removed,
    "back-dated": _back_dated,
    "inserted and back-dated": _inserted,
    "rolled back": lambda honest: rolled_back_to(honest, len(honest) - 2),
    "rolled back and grown": _rolled_back_and_grown,
    "split view": _split,
}
"""Each of them signed with the log's own key."""


@dataclass(frozen=True)
class Edit:
    """A change to one place of the history, by chance."""

    shown: list[bytes]
    places: tuple[int, ...]


def edited(honest: Sequence[bytes], dice: random.Random) -> Edit:
    """A history with one bit, one entry or the order of two changed, grown or not."""
    shown, place = list(honest), dice.randrange(len(honest))
    places: tuple[int, ...] = (place,)
    match dice.choice(["edit", "delete", "swap", "insert"]):
        case "edit":
            raw = bytearray(shown[place])
            raw[dice.randrange(len(raw))] ^= 1 << dice.randrange(8)
            shown[place] = bytes(raw)
        case "delete":
            del shown[place]
        case "swap":
            beside = (place + 1 + dice.randrange(len(honest) - 1)) % len(honest)
            shown[place], shown[beside] = shown[beside], shown[place]
            places = (place, beside)
        case _:
            shown.insert(place, other(honest[place]))
    return Edit([*shown, *map(other, honest[: dice.randrange(3)])], places)
