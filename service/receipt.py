"""What a command answers, and how a command is told from another under the same key."""

import hashlib
from dataclasses import dataclass
from uuid import UUID

import msgspec

from domain.command import Command


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """A durable command: where it stands in the log and what it created.

    `position` is the place of its last event in the log; `stream_id` and `version` tell the
    report, issue or directory it changed; `created_id` is the new report, issue, referral,
    action or note; `replayed` says that the key had been used and nothing was written now.
    """

    position: int
    stream_id: UUID
    version: int
    created_id: UUID | None
    replayed: bool = False


def fingerprint(command: Command) -> str:
    """The same words in the same command give the same fingerprint: SHA-256, hexadecimal."""
    told = type(command).__name__.encode() + b"\n" + msgspec.json.encode(command, order="sorted")
    return hashlib.sha256(told).hexdigest()
