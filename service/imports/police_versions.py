"""Which versions of the police's notices are new: by when each was seen, against what is known."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from infra.log.errors import KeptReceipt
from infra.sources.police_events import PoliceEvent, read_police_events
from infra.sources.unreadable import SourceError, Unreadable
from service.imports.summary import Progress, Summary

FindKeys = Callable[[Sequence[str]], dict[str, KeptReceipt]]
_SHOW_EVERY = 1_000


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a notice, from `file`, as it was seen at the source at `seen_at` (UTC)."""

    event: PoliceEvent
    file: str
    seen_at: datetime

    @property
    def told_by(self) -> str:
        """What is kept with the version's idempotency key, to know it again."""
        return f"{self.event.content_hash} {self.seen_at.isoformat()}"


@dataclass(frozen=True, slots=True)
class Known:
    """A report that was imported before: the hash and the time of each recorded version."""

    report_id: UUID
    versions: tuple[tuple[str, datetime], ...]


def key_of(external_id: str, number: int) -> str:
    """The idempotency key of the n-th recorded version of a notice, counted from 1."""
    return f"police-events:{external_id}:{number}"


def read_versions(
    files: Iterable[Path], summary: Summary, now: datetime, progress: Progress
) -> dict[str, list[Version]]:
    """Every version in the files by the notice's id, the earliest seen first.

    A file that does not tell when its versions were seen is at least as young as the youngest
    notice in it. All versions are held at once: 45,000 need about 80 MB.
    """
    by_id: dict[str, list[Version]] = {}
    for path in files:
        events: list[PoliceEvent] = []
        try:
            for row in read_police_events(path):
                if isinstance(row, Unreadable):
                    summary.unreadable(row)
                else:
                    summary.read += 1
                    events.append(row)
                if summary.read % _SHOW_EVERY == 0:
                    progress("reading", summary.read, None)
        except SourceError as error:
            summary.broken(error)
        published = (event.published_at for event in events if event.published_at <= now)
        youngest = max(published, default=now)
        for event in events:
            version = Version(event, str(path), event.seen_at or youngest)
            by_id.setdefault(event.external_id, []).append(version)
    for versions in by_id.values():
        versions.sort(key=lambda version: version.seen_at)
    progress("reading", summary.read, summary.read)
    return by_id


def find_known(ids: Sequence[str], find_keys: FindKeys, scope: str) -> dict[str, Known]:
    """What is recorded of these notices, with one query for each number of versions."""
    found: dict[str, Known] = {}
    wanted, number = list(ids), 1
    while wanted:
        kept = find_keys([f"{scope}:{key_of(id_, number)}" for id_ in wanted])
        still: list[str] = []
        for id_ in wanted:
            receipt = kept.get(f"{scope}:{key_of(id_, number)}")
            if receipt is None:
                continue
            content_hash, _, seen_at = receipt.fingerprint.partition(" ")
            earlier = found[id_].versions if id_ in found else ()
            version = (content_hash, datetime.fromisoformat(seen_at))
            found[id_] = Known(receipt.stream_id, (*earlier, version))
            still.append(id_)
        wanted, number = still, number + 1
    return found


def new_versions(versions: Iterable[Version], known: Known | None) -> list[Version]:
    """Those that say something else than the version before them and were not recorded yet.

    A version that was seen earlier than the last recorded one comes too late: what a report says
    only ever goes forward.
    """
    recorded = known.versions if known else ()
    latest = max((seen_at for _, seen_at in recorded), default=None)
    current = recorded[-1][0] if recorded else None
    new: list[Version] = []
    for version in versions:
        content_hash, seen_at = version.event.content_hash, version.seen_at
        too_late = latest is not None and seen_at < latest
        if too_late or content_hash == current or (content_hash, seen_at) in recorded:
            continue
        current = content_hash
        new.append(version)
    return new
