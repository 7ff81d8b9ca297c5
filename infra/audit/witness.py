"""A witness: signs that a log has only grown, and keeps what it signed before it says so.

C2SP tlog-witness and tlog-cosignature; the mathematics are the verifier's, not the log's.
"""

import base64
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Protocol
from urllib.parse import urlencode

from infra.audit.following_on import untrue_links
from infra.audit.mirror import Head, Mirror
from infra.audit.note import BadNote, SecretKey, parse_line
from infra.audit.tiles import split_bundle
from infra.audit.verify import (
    TILE,
    Checkpoint,
    Found,
    Policy,
    compare,
    grew,
    read_note,
    tile_path,
)

MOST_BODY: Final = 64_000
MOST_PROOF: Final = 63
_MOST_AT_A_LOOK: Final = 20
SIZE_TYPE: Final = "text/x.tlog.size"
_TEXT_TYPE: Final = "text/plain; charset=utf-8"
_OWN_FILE: Final = (
    "Vittnets egen fil är ändrad eller skadad: den är inte vad vittnet skrev under. Lägg tillbaka"
    " en kopia av den; om loggen säger det ingenting.|The witness's own file was altered or is"
    " damaged: it is not what the witness signed. Put back a copy of it; of the log it says"
    " nothing."
)
_REQUEST: Final = re.compile(rb"old (0|[1-9][0-9]{0,17})\n((?:[A-Za-z0-9+/]{43}=\n)*)\n")


class Source(Protocol):
    """A log to be read, and told what was signed."""

    def read(self, path: str) -> bytes:
        """Give a file of the log; raises OSError, LogGone if there is none at this address.

        The checkpoint is asked for with what this witness has signed, so that a log can offer
        several witnesses the same one; a log that does not know of that gives its newest.
        """
        ...

    def tell(self, note: str) -> None:
        """Hand in a checkpoint's text with signature lines; raises OSError."""
        ...


class LogGone(OSError):
    """Where the log was the answer is that there is none."""


class Busy(Exception):
    """Somebody else moved this witness on in the meantime: ask again."""


@dataclass(frozen=True)
class Answer:
    """What a witness answers over HTTP."""

    status: int
    body: str = ""
    content_type: str = _TEXT_TYPE


class _Refused(Exception):
    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


class Witness:
    """One agency's witness of the logs that its policies name; for any number of threads."""

    def __init__(
        self,
        mirror: Mirror,
        key: SecretKey,
        policies: Sequence[Policy],
        clock: Callable[[], int],
        at: Callable[[str], None] = lambda _point: None,
    ) -> None:
        """``clock`` gives seconds since 1970 UTC; ``at`` hears of each step."""
        self._mirror = mirror
        self._key = key
        self._clock = clock
        self._at = at
        self._policy = Policy("quorum none")
        for policy in policies:
            self._policy.logs += policy.logs
        self._origins = {key.name for key in self._policy.logs}

    def add_checkpoint(self, body: bytes) -> Answer:
        """Answer C2SP's add-checkpoint: a cosignature, or why there is none."""
        try:
            return Answer(200, self._add(body).line)
        except _Refused as refused:
            return refused.answer

    def _add(self, body: bytes) -> Head:
        asked = _REQUEST.match(body)
        if asked is None or len(body) > MOST_BODY:
            raise _Refused(Answer(400))
        raw, path = body[asked.end() :], _hashes(asked[2])
        new = self._checked(raw)
        old = self._mirror.head(new.origin)
        self._check(old, new, int(asked[1]), path)
        if not grew(old.size, new.size, old.root, new.root, path):
            self._keep(old, raw, "Beviset håller inte.|The proof of growth does not hold.")
            raise _Refused(Answer(422))
        head = self._signed(new, raw)
        self._at("checked")
        if not self._mirror.advance(old, head):
            raise _Refused(_conflict(self._mirror.head(new.origin)))
        self._at("stored")
        return head

    def _checked(self, raw: bytes) -> Checkpoint:
        try:
            origin = read_note(raw)[0].partition("\n")[0]
            new = Checkpoint(raw, self._policy) if origin in self._origins else None
        except Found as forged:
            raise _Refused(Answer(403)) from forged
        except ValueError as error:
            raise _Refused(Answer(400)) from error
        if new is None:
            raise _Refused(Answer(404))
        return new

    @staticmethod
    def _check(old: Head, new: Checkpoint, old_size: int, path: Sequence[bytes]) -> None:
        if old_size > new.size or len(path) > MOST_PROOF:
            raise _Refused(Answer(400))
        if old_size != old.size or (new.size == old.size and new.root != old.root):
            raise _Refused(_conflict(old))

    def pull(self, source: Source) -> Head:
        """Read what is new in a log, check it, keep it, sign it and tell the log so.

        First what other witnesses are signing, as the log offers it, then the newest: that is the
        last head that is given.

        Raises:
            Found: the log is not what it was, or is gone though some of it was signed; what proves
                it is kept as evidence, nothing is signed.
            Busy: another process moved this witness on; ask again.
            OSError: the log cannot be reached. ValueError: what it gives cannot be read.
        """
        try:
            newest = Checkpoint(source.read("checkpoint"), self._policy).size
        except LogGone as gone:
            raise self._gone(source) or gone from gone
        head = self._pull_one(source)
        for _ in range(_MOST_AT_A_LOOK):
            if head.size >= newest:
                break
            before, head = head, self._pull_one(source)
            if head.size == before.size:
                break
        return head

    def _pull_one(self, source: Source) -> Head:
        raw = source.read(self._asked())
        new = Checkpoint(raw, self._policy)
        old, first = self._mirror.head(new.origin), self._mirror.mirrored(new.origin)
        if new.size > old.size and not old.is_told:
            self._tell_late(source, old)
        if new.size < old.size or (new.size == old.size and new.root != old.root):
            raise self._alarm(source, old, new, raw)
        more = list(entries_from(source.read, new.size, first))
        grown = self._mirror.with_more(new.origin, more)
        if grown.root_at(old.size) != old.root or grown.root_at(new.size) != new.root:
            raise self._alarm(source, old, new, raw)
        if first == 0 and more and (untrue := untrue_links(more[0], self._mirror)):
            said = "En ny logg som inte stämmer:|A new log that is not right:"
            found = _speakable(Found(said, untrue))
            self._keep(old, raw, str(found))
            raise found
        head = old if old.line and old.size == new.size else self._signed(new, raw)
        self._at("checked")
        if (more or head != old) and not self._mirror.advance(old, head, first, more):
            raise Busy(new.origin)
        self._at("stored")
        if more or not old.is_told or head != old:
            source.tell(head.cosignature)
            self._mirror.told(head)
        return head

    def _tell_late(self, source: Source, head: Head) -> None:
        """Hand in what got lost on the way the last time; others may be waiting for it."""
        with suppress(OSError):  # the log may have lost it as well: what follows finds that out
            if head.line:
                source.tell(head.cosignature)

    def _gone(self, source: Source) -> Found | None:
        """What is said when a log that was signed is not there; None if none ever was."""
        if not (signed := [head for head in self._heads() if head.size]):
            return None
        head = signed[-1]
        found = Found(
            f"Loggen är borta: {head.size} poster av {head.origin} är bevittnade, men ingen logg "
            f"visas.|The log is gone: {head.size} entries of {head.origin} were witnessed, but no "
            "log is shown."
        )
        self._keep(head, b"", str(found))
        with suppress(OSError):  # as in an alarm: whoever lost it learns what there was
            source.tell(head.note)
        return found

    def _heads(self) -> list[Head]:
        return [self._mirror.head(origin) for origin in sorted(self._origins)]

    def _asked(self) -> str:
        signed = [("signed", f"{head.origin} {head.size}") for head in self._heads()]
        return f"checkpoint?{urlencode(signed)}"

    def _signed(self, new: Checkpoint, raw: bytes) -> Head:
        text, _, lines = raw.decode().rpartition("\n\n")
        ours = [line for line in lines.splitlines() if line.startswith(f"— {new.origin} ")]
        signed = "\n".join([text, "", *ours, ""])
        line = self._key.sign(f"{text}\n", self._clock()).line
        return Head(new.origin, new.size, new.root, signed, line)

    def _alarm(self, source: Source, old: Head, new: Checkpoint, raw: bytes) -> Found:
        """Find words for what was done, naming entries as far as the log still shows any."""
        if not self._is_own(old):
            return Found(_OWN_FILE)
        said = "Historiken är ändrad:|The history was changed:"
        if new.size < old.size:
            said = f"Backad från {old.size} till {new.size}:|Rolled back: {old.size} to {new.size}:"
        elif new.size == old.size:
            said = "Kluven bild, två underskrivna historier:|Split view, two signed histories:"
        done: list[str] = []
        try:
            shown = entries_from(source.read, new.size, 0)
            done = compare(self._mirror.entries(new.origin), shown)
        except (OSError, ValueError):
            done = ["posterna går inte att läsa|the entries cannot be read"]
        found = _speakable(Found(said, done))
        self._keep(old, raw, str(found))
        # A log that was put back to an older copy learns by it what it lacks, and stops writing.
        # If it does not listen the alarm is raised all the same.
        with suppress(OSError):
            source.tell(old.note)
        return found

    def _is_own(self, old: Head) -> bool:
        """Whether the file still holds what this witness has signed: else it accuses nobody."""
        if not old.signed:
            return old == Head(old.origin)
        text, key = old.signed.rpartition("\n\n")[0] + "\n", self._key.public_key
        try:
            line = parse_line(old.line)
        except BadNote:
            return False
        root = base64.b64encode(old.root).decode()
        is_signed = line.key_id != key.key_id or key.holds(text, line)  # another: of an older key
        is_same = text.startswith(f"{old.origin}\n{old.size}\n{root}\n")
        return is_signed and is_same and self._mirror.gives(old)

    def _keep(self, old: Head, raw: bytes, said: str) -> None:
        self._mirror.keep_evidence(self._clock(), old, raw.decode(), said)


def _speakable(found: Found) -> Found:
    """In letters that can be written out: half a surrogate pair in a forged entry is none."""
    return Found(str(found).encode("utf-8", "replace").decode())


def _conflict(head: Head) -> Answer:
    return Answer(409, f"{head.size}\n", SIZE_TYPE)


def _hashes(lines: bytes) -> list[bytes]:
    return [base64.b64decode(line) for line in lines.split()]


def entries_from(read: Callable[[str], bytes], size: int, start: int) -> Iterator[bytes]:
    """The entries of a log from an index on; raises OSError or ValueError."""
    for first in range(start // TILE * TILE, size, TILE):
        width = min(TILE, size - first)
        found = split_bundle(read(tile_path("entries", first // TILE, width)))
        if len(found) != width:
            raise ValueError(f"the bundle of the entries from {first}")
        yield from found[max(0, start - first) :]
