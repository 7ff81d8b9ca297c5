"""A batch of appends, decided in memory: which hold, and what to write if the log is as assumed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from infra.log.errors import ClaimTaken, CommandKey, KeptReceipt, KeyTaken, StreamConflict
from infra.log.stored import TimedEvent, as_uuid

Conflict = StreamConflict | KeyTaken | ClaimTaken
Outcome = list[int] | Conflict


class Append:
    """What one caller wants appended: all of it or nothing, with the keys and claims it needs."""

    __slots__ = ("claims", "events", "keys", "size")

    def __init__(
        self, events: Sequence[TimedEvent], keys: Sequence[CommandKey], claims: Sequence[str]
    ) -> None:
        """Refuse an append without events or with a key or claim that stands twice in it."""
        if not events:
            raise ValueError("An append needs at least one event.")
        if len(keys) > 1 and len({key.key for key in keys}) < len(keys):
            raise ValueError("A key stands twice in one append.")
        if len(claims) > 1 and len(set(claims)) < len(claims):
            raise ValueError("A claim stands twice in one append.")
        self.events = events
        self.keys = keys
        self.claims = claims
        self.size = sum([len(event.state) for event in events])


@dataclass(slots=True)
class Known:
    """What was found in the log for the streams, keys and names of a batch."""

    versions: dict[UUID, int | None]
    receipts: dict[str, KeptReceipt]
    claimed: set[str]


@dataclass(frozen=True, slots=True)
class DraftKey:
    """A key to write with an append; ``offset`` counts from the head of the log before it."""

    key: CommandKey
    offset: int
    stream_id: UUID
    version: int

    def receipt(self, head: int) -> KeptReceipt:
        """Give what is kept, once the head is known."""
        return KeptReceipt(
            key=self.key.key,
            fingerprint=self.key.fingerprint,
            created_id=self.key.created_id,
            position=head + self.offset,
            stream_id=self.stream_id,
            version=self.version,
        )


@dataclass(slots=True)
class Draft:
    """What to write in one transaction, as long as the log is as assumed.

    Every stream must stand where ``expected`` says, and no key or claim be there yet.
    """

    rows: list[TimedEvent] = field(default_factory=list[TimedEvent])
    expected: dict[UUID, int] = field(default_factory=dict[UUID, int])
    keys: dict[str, DraftKey] = field(default_factory=dict[str, DraftKey])
    claims: dict[str, int] = field(default_factory=dict[str, int])
    # For each append: the offset of its last event and how many it has, its conflict, or the key
    # that an append before it in this batch has used.
    _ends: list[tuple[int, int] | Conflict | DraftKey] = field(
        default_factory=list[tuple[int, int] | Conflict | DraftKey]
    )

    def outcomes(self, head: int) -> list[Outcome]:
        """Give the positions or the conflict of each append, once the head is known."""
        found: list[Outcome] = []
        for end in self._ends:
            if isinstance(end, tuple):
                last = head + end[0]
                found.append([last] if end[1] == 1 else [*range(last - end[1] + 1, last + 1)])
            elif isinstance(end, DraftKey):
                found.append(KeyTaken(end.receipt(head)))
            else:
                found.append(end)
        return found

    def add(self, append: Append, reached: dict[UUID, int], known: Known | None) -> None:
        """Draft one append on top of those before it, or note its conflict.

        The key is asked first: a command that is sent again has an old version as well, and must
        get its first answer, not a conflict with itself.
        """
        for key in append.keys:
            if key.key in self.keys:
                self._ends.append(self.keys[key.key])
                return
            if known is not None and key.key in known.receipts:
                self._ends.append(KeyTaken(known.receipts[key.key]))
                return
        for name in append.claims:
            if name in self.claims or (known is not None and name in known.claimed):
                self._ends.append(ClaimTaken(name))
                return
        conflict = self._advance(append, reached, known)
        if conflict is not None:
            self._ends.append(conflict)
            return
        self.rows += append.events
        last = len(self.rows)
        self._ends.append((last, len(append.events)))
        if append.keys:
            stream_id = as_uuid(append.events[0].originator_id)
            for key in append.keys:
                self.keys[key.key] = DraftKey(key, last, stream_id, reached[stream_id])
        for name in append.claims:
            self.claims[name] = last

    def _advance(
        self, append: Append, reached: dict[UUID, int], known: Known | None
    ) -> StreamConflict | None:
        """Move the streams on; where nothing is known of one, its first append is believed."""
        moved: dict[UUID, int] = {}
        begun: dict[UUID, int] = {}
        for event in append.events:
            stream_id = as_uuid(event.originator_id)
            version = event.originator_version
            at = moved.get(stream_id)
            if at is None:
                at = reached.get(stream_id)
            if at is None:
                at = begun[stream_id] = version - 1
                if known is not None:
                    found = known.versions[stream_id]
                    # The library's aggregates begin at version 1, its plain sequences at 0.
                    at = at if found is None and at in {-1, 0} else found or 0
            if at != version - 1:
                return StreamConflict(stream_id, version - 1, at)
            moved[stream_id] = version
        reached.update(moved)
        self.expected.update(begun)
        return None


def draft(appends: Sequence[Append], known: Known | None = None) -> Draft:
    """Decide a batch in its order; without ``known`` every append is believed to be on time.

    The writer checks under the lock that the log is as assumed, and writes nothing if not. Only
    then need anybody look at what stands there: a conflict costs a batch, not every batch a look.
    """
    made = Draft()
    reached: dict[UUID, int] = {}
    for append in appends:
        made.add(append, reached, known)
    return made
