"""Which versions of the police's notices are new: by when each was seen, against what is known."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
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
    """One version of a notice, from `file`, as it was seen at the source at `seen_at` (UTC).

    Unless it is `dated`, the file does not tell when, and `seen_at` is the earliest it can be.
    """

    event: PoliceEvent
    file: str
    seen_at: datetime
    dated: bool

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
    notice in it, and as the files of that kind before it. All versions are
    held at once: 45,000 need about 80 MB.
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
            dated = event.seen_at is not None
            version = Version(event, str(path), event.seen_at or youngest, dated)
            by_id.setdefault(event.external_id, []).append(version)
    ordered = {external_id: _in_order(versions) for external_id, versions in by_id.items()}
    progress("reading", summary.read, summary.read)
    return ordered


def _in_order(versions: list[Version]) -> list[Version]:
    if len(versions) == 1:
        return versions
    dated = [version for version in versions if version.dated]
    placed: list[Version] = []
    earliest = min(version.seen_at for version in versions)
    for version in versions:
        if not version.dated:
            earliest = max(earliest, version.seen_at)
            # Words that are known to have been seen later than that: it is what was seen then.
            seen = (d.seen_at for d in dated if _says(d) == _says(version))
            at = max(seen, default=earliest)
            placed.append(replace(version, seen_at=max(at, earliest)))
    return sorted(dated + placed, key=lambda version: version.seen_at)


def _says(version: Version) -> str:
    return version.event.content_hash


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
    only ever goes forward. One that is not dated comes as late as it is read, if it says what
    none has said before.
    """
    recorded = list(known.versions) if known else []
    new: list[Version] = []
    for version in versions:
        if recorded:
            latest = max(seen_at for _, seen_at in recorded)
            if not _is_new(version, recorded, latest):
                continue
            if version.seen_at < latest:
                version = replace(version, seen_at=latest)  # noqa: PLW2901  the same, placed
        recorded.append((_says(version), version.seen_at))
        new.append(version)
    return new


def _is_new(version: Version, recorded: Sequence[tuple[str, datetime]], latest: datetime) -> bool:
    if _says(version) == recorded[-1][0] or (_says(version), version.seen_at) in recorded:
        return False
    if version.seen_at >= latest:
        return True
    return not version.dated and all(_says(version) != said for said, _ in recorded)
