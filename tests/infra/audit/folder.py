"""Logs laid out in folders as tlog-tiles says, with keys of a log and of three witnesses."""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from infra.audit.note import KeyType, SecretKey
from infra.audit.paths import Tile, edge_tiles, exists, inclusion_proof
from infra.audit.tiles import bundle, entries_path, tile_path
from infra.audit.tree import TILE_WIDTH, leaf_hash, root_of
from tests.infra.audit.reference import Kept

ORIGIN: Final = "audit.samsyn.test/issues/2026"
START: Final = datetime(2026, 1, 13, 13, 20, tzinfo=UTC)
AGENCIES: Final = ("social", "police", "district")
SEEN: Final = int(START.timestamp()) + 100_000


def at(second: float) -> str:
    """When an entry was recorded, as entries have it."""
    moment = START + timedelta(seconds=second)
    return moment.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def canonical(fields: Mapping[str, object]) -> bytes:
    return json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def state(number: int) -> bytes:
    return canonical({"event_id": str(UUID(int=number)), "salt": f"{number:032x}", "text": "å"})


def fields(number: int) -> dict[str, object]:
    """An entry without its payload."""
    return {
        "agency": "social",
        "at": at(number),
        "event": str(UUID(int=number)),
        "n": 1,
        "stream": str(UUID(int=1_000_000 + number)),
        "type": "domain.referral:ReferralDeclined",
        "v": 1,
    }


def entry(number: int, **other: object) -> bytes:
    payload = hashlib.sha256(b"\x02" + state(number)).hexdigest()
    return canonical({**fields(number), "payload": payload, **other})


def entries(count: int) -> list[bytes]:
    return [entry(number) for number in range(count)]


@dataclass
class Keys:
    """A log's key and those of the witnesses, with the policy that asks for all three."""

    log: SecretKey = field(default_factory=lambda: SecretKey.new(ORIGIN, KeyType.LOG))
    receipts: SecretKey = field(
        default_factory=lambda: SecretKey.new("audit.samsyn.test/receipts", KeyType.LOG)
    )
    witnesses: dict[str, SecretKey] = field(
        default_factory=lambda: {
            name: SecretKey.new(f"{name}.test/witness", KeyType.COSIGNATURE) for name in AGENCIES
        }
    )

    @classmethod
    def always_the_same(cls) -> "Keys":
        """Keys that tests may be named by: two processes that share the tests must agree."""

        def key(name: str, key_type: KeyType) -> SecretKey:
            return SecretKey(name, key_type, hashlib.sha256(name.encode()).digest())

        return cls(
            log=key(ORIGIN, KeyType.LOG),
            receipts=key("audit.samsyn.test/receipts", KeyType.LOG),
            witnesses={name: key(f"{name}.test/witness", KeyType.COSIGNATURE) for name in AGENCIES},
        )

    @property
    def policy(self) -> str:
        lines = [f"log {self.log.public_key}"]
        lines += [f"witness {name} {key.public_key}" for name, key in self.witnesses.items()]
        names = " ".join(self.witnesses)
        return "\n".join(
            [*lines, f"group agencies {len(self.witnesses)} {names}", "quorum agencies\n"]
        )

    def checkpoint(
        self,
        hashes: Sequence[bytes],
        seen_by: Sequence[str] = AGENCIES,
        *,
        seen: int = SEEN,
        root: bytes | None = None,
    ) -> str:
        """A checkpoint of these leaves, cosigned."""
        encoded = base64.b64encode(root or root_of(hashes)).decode()
        text = f"{self.log.name}\n{len(hashes)}\n{encoded}\n"
        lines = [self.log.sign(text).line]
        lines += [self.witnesses[name].sign(text, seen).line for name in seen_by]
        return f"{text}\n{''.join(lines)}"

    def proof(self, index: int, of: Sequence[bytes], seen_by: Sequence[str] = AGENCIES) -> str:
        """A file that proves an entry, with the entry in it."""
        hashes = [leaf_hash(each) for each in of]
        path = inclusion_proof(index, len(hashes), Kept(hashes).tiles)
        lines = ["c2sp.org/tlog-proof@v1", f"extra {base64.b64encode(of[index]).decode()}"]
        lines += [f"index {index}", *(base64.b64encode(each).decode() for each in path)]
        return "\n".join([*lines, "", self.checkpoint(hashes, seen_by)])

    def receipt(self, entry: bytes, when: str) -> str:
        """A receipt for an entry."""
        event = json.loads(entry)["event"]
        text = f"{self.receipts.name}\nevent {event}\nentry {leaf_hash(entry).hex()}\n"
        text += f"position 1\ntime {when}\n"
        return f"{text}\n{self.receipts.sign(text).line}"


def write_log(folder: Path, of: Sequence[bytes], checkpoint: str) -> Path:
    """Lay out a log in a folder; give the folder."""
    hashes = [leaf_hash(each) for each in of]
    kept = Kept(hashes)
    wanted = [tile for tile in edge_tiles(len(of)) if tile.width]
    wanted += [
        tile
        for level, found in kept.levels.items()
        for tile in (Tile(level, number) for number in range(len(found) // TILE_WIDTH))
    ]
    for tile, data in kept.tiles(wanted).items():
        assert exists(tile, len(of))
        places = {tile_path(tile): data}
        if tile.level == 0:
            places[entries_path(tile)] = bundle(of[tile.start : tile.start + tile.width])
        for place, content in places.items():
            path = folder / "tile" / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "checkpoint").write_text(checkpoint, encoding="utf-8")
    return folder
