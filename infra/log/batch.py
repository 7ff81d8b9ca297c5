"""A batch of appends, decided in memory: which hold, and what to write if the log is as assumed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from infra.log.errors import ClaimTaken, CommandKey, KeptReceipt, KeyTaken, StreamConflict
from infra.log.series import Draw
from infra.log.stored import TimedEvent, as_uuid

Conflict = StreamConflict | KeyTaken | ClaimTaken
Outcome = list[int] | Conflict


class Append:
    """What one caller wants appended: all of it or nothing, with the keys and claims it needs.

    ``draws`` are numbers that its events take from a series when they are written.
    """

    __slots__ = ("claims", "draws", "events", "keys", "size")

    def __init__(
        self,
        events: Sequence[TimedEvent],
        keys: Sequence[CommandKey],
        claims: Sequence[str],
        draws: Sequence[Draw] = (),
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
        self.draws = draws
        self.size = sum([len(event.state) for event in events])


@dataclass(frozen=True, slots=True)
class DrawnAt:
    """A number to be drawn for an event of an append; ``row`` is that event's place in a draft."""

    draw: Draw
    append: Append
    nth: int
    row: int

    def learn(self, number: int) -> None:
        """Take the number drawn into the append, which is written."""
        if number != self.draw.number:
            written = [*self.append.events]
            written[self.nth] = self.draw.mended(written[self.nth], number)
            self.append.events = written
            self.draw.number = number


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
    draws: list[DrawnAt] = field(default_factory=list[DrawnAt])
    # For each append: the offset of its last event and how many it has, its conflict, or the key
    # that an append before it in this batch has used.
    _ends: list[tuple[int, int] | Conflict | DraftKey] = field(
        default_factory=list[tuple[int, int] | Conflict | DraftKey]
    )

    def series(self) -> list[DrawnAt]:
        """The numbers to be drawn, those of one series one after the other."""
        return sorted(self.draws, key=lambda each: each.draw.names())

    def sought(self) -> list[int]:
        """The rows that say whether this draft was written, the first one, and what was drawn."""
        return [*dict.fromkeys([0, *(each.row for each in self.draws)])]

    def recognise(self, states: dict[int, bytes]) -> bool:
        """Whether what stands in the log for the rows sought is this draft's; takes in numbers.

        The salt makes an event's bytes unlike those that anybody else wrote for the same command.
        """
        drawn = {
            each.row: each.draw.drawn_in(self.rows[each.row], states.get(each.row, b""))
            for each in self.draws
        }
        if None in drawn.values() or (0 not in drawn and states.get(0) != self.rows[0].state):
            return False
        for each in self.draws:
            each.learn(drawn[each.row] or 0)
        return True

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
        self.draws += _draws_of(append, len(self.rows))
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


def _draws_of(append: Append, begins_at: int) -> list[DrawnAt]:
    if not append.draws:
        return []
    streams = [as_uuid(event.originator_id) for event in append.events]
    places = [(draw, streams.index(draw.stream_id)) for draw in append.draws]
    return [DrawnAt(draw, append, nth, begins_at + nth) for draw, nth in places]


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
