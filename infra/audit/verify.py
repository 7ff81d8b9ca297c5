"""Check the audit log of Samsyn without trusting Samsyn, or having it: one file, meant to be read.

    python verify.py POLICY proof FILE...            each entry lies in a log that was witnessed
    python verify.py POLICY growth OLD NEW           NEW keeps all that OLD had
    python verify.py POLICY log LOG                  the whole tree, rebuilt from its entries
    python verify.py POLICY receipts DIR LOG KEY     nothing promised was left out
    python verify.py POLICY store STATES LOG         the database against the log

FILE: or a folder; FILE.state: its stored bytes. LOG: a folder or an address (tlog-tiles). OLD, NEW:
or checkpoints, NEW below its proof. A line of STATES: an entry, ``state`` (base64) for ``payload``,
if erased both. KEY: a vkey. Exit code: 0 well; 1 tampered; 2 unreadable; 3 unwitnessed.
"""

import base64
import json
import os
import re
import sys
import urllib.request
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from difflib import SequenceMatcher
from hashlib import sha256
from itertools import dropwhile, zip_longest
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

WELL, TAMPERED, UNREADABLE, UNWITNESSED = range(4)
LOG_KEY, WITNESS_KEY, TILE, HASH = 1, 4, 256, 32  # types of keys; hashes in a tile, bytes in each
SKEW, SEALED_WITHIN = 5, 60  # seconds: so much clocks differ; so soon is logged what was promised
MOST_BYTES, NAMED, NUMBER = 1 << 25, 1_000, "(0|[1-9][0-9]{0,17})"
DISPOSALS = {"RecordDisposed", "PersonalDataErased"}  # events that excuse a content taken away
NOTHING = {"event": "-", "type": "-", "at": "", "payload": ""}
TAMPERING, COMPACT = "Manipulerat:|Tampered with:", (",", ":")


class Found(Exception):
    """Why something is not accepted, "in Swedish|in English", with the code to exit with."""

    def __init__(self, said: str, done: Sequence[str] = (), code: int = TAMPERED) -> None:
        done = [*done[:NAMED], *[f"… ({len(done)})|… ({len(done)})"] * (len(done) > NAMED)]
        both = zip(*(each.split("|") for each in (said, *done)), strict=True)
        super().__init__("|".join(" ".join([one, "; ".join(more)]).strip() for one, *more in both))
        self.code = code


def leaf_hash(entry: bytes) -> bytes:
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest() if len(left) == len(right) == HASH else b""


def tree_root(hashes: Sequence[bytes]) -> bytes:
    """Pair neighbours level by level; a last one without a neighbour moves up as it is."""
    row = list(hashes) or [sha256(b"").digest()]
    while len(row) > 1:
        pairs, odd = zip(row[::2], row[1::2], strict=False), row[len(row) // 2 * 2 :]
        row = [sha256(b"\x01" + left + right).digest() for left, right in pairs] + odd
    return row[0]


def root_by_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """Give the root that an inclusion proof leads to; empty bytes if it has not the right shape."""
    if size == 1 or not path:
        return leaf if (size, index, len(path)) == (1, 0, 0) else b""
    left, last = 1 << ((size - 1).bit_length() - 1), path[-1]  # so RFC 6962 parts a tree in two
    if index < left:
        return node_hash(root_by_inclusion(leaf, index, left, path[:-1]), last)
    return node_hash(last, root_by_inclusion(leaf, index - left, size - left, path[:-1]))


def grew(old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]) -> bool:
    """Say whether a consistency proof shows that the new tree begins with all of the old one."""

    def roots(old: int, new: int, known: list[bytes], path: Sequence[bytes]) -> tuple[bytes, bytes]:
        if old == new or not path:  # the old root is known while we only went to the left
            root = [*known, *path] if old == new else []
            return (root[0], root[0]) if len(root) == 1 else (b"", b"")
        left, last = 1 << ((new - 1).bit_length() - 1), path[-1]
        if old <= left:
            before, after = roots(old, left, known, path[:-1])
            return before, node_hash(after, last)
        before, after = roots(old - left, new - left, [], path[:-1])
        return node_hash(last, before), node_hash(last, after)

    if (known := {0: tree_root([]), new: new_root}).get(old) or old > new or len(old_root) != HASH:
        return not path and old_root == known.get(old) != b""
    return roots(old, new, [old_root], path) == (old_root, new_root)


def _decode(text: str) -> bytes:
    if base64.b64encode(raw := base64.b64decode(text, validate=True)).decode() == text:
        return raw
    raise ValueError("base64 with bits to spare")


def _parts(form: str, text: str, what: str) -> tuple[str, ...]:
    if found := re.fullmatch(form, text):
        return found.groups()
    raise ValueError(f"{text[:60]!r} is {what}")


def read_note(raw: bytes) -> tuple[str, list[tuple[str, bytes]]]:
    """Give the text of a signed note and its signatures, by name; or ValueError."""
    form = r"([^\x00-\x09\x0b-\x1f]*\n)\n((?:— [^\s+\x00-\x1f]+ \S{8,}\n)+)"
    text, lines = _parts(form, raw.decode(), "no signed note")
    return text, [(name, _decode(body)) for name, body in re.findall("— (.+) (.+)\n", lines)]


class Key:
    """Whom we know: the name and the Ed25519 key of a log or a witness; or ValueError."""

    def __init__(self, vkey: str, kind: int = LOG_KEY) -> None:
        self.name, key_id, body = _parts(r"([^\s+]+)\+([a-f\d]{8})\+(\S{44})", vkey, "no key")
        self.kind, self.public, self.key_id = kind, _decode(body)[1:], bytes.fromhex(key_id)
        made = sha256(b"%b\n%c%b" % (self.name.encode(), kind, self.public)).digest()[:4]
        if _decode(body)[0] != kind or made != self.key_id:
            raise ValueError(f"{vkey[:60]!r} is not a key of type {kind}")

    def signed_at(self, raw: bytes) -> int | None:
        """Give when this key signed a note (0: untimed), None if never; Found if it is forged."""
        (text, signatures), when, own = read_note(raw), None, (self.name, self.key_id)
        for body in [one for name, one in signatures if (name, one[:4]) == own]:
            when = int.from_bytes(body[4 : (start := 4 if self.kind == LOG_KEY else 12)], "big")
            said = text if self.kind == LOG_KEY else f"cosignature/v1\ntime {when}\n{text}"
            try:
                Ed25519PublicKey.from_public_bytes(self.public).verify(body[start:], said.encode())
            except InvalidSignature as error:
                raise Found(f"Förfalskat: {self.name}|Forged: {self.name}") from error
        return when


class Policy:
    """Whose signatures count, and how many of them are enough: a tlog-policy; or ValueError."""

    def __init__(self, text: str) -> None:
        self.logs, self.witnesses, self.quorum = list[Key](), dict[str, Key](), ""
        self.groups: dict[str, tuple[int, list[str]]] = {"none": (0, [])}
        for line in re.findall(r"(?m)^[ \t]*([^ \t\n#].*)$", text):
            known = {*self.witnesses, *self.groups}
            match re.findall(r"[^ \t]+", line):
                case ["log", key] | ["log", key, _]:
                    self.logs.append(Key(key))
                case ["witness", name, key] | ["witness", name, key, _] if name not in known:
                    self.witnesses[name] = Key(key, WITNESS_KEY)
                case ["group", name, most, *of] if of and name not in known and {*of} <= known:
                    counts = {str(n): n for n in range(1, len(of) + 1)} | {"any": 1, "all": len(of)}
                    if most not in counts or "none" in of:
                        raise ValueError(f"the policy's group {name}")
                    self.groups[name] = (counts[most], of)
                case ["quorum", name] if not self.quorum and name in known:
                    self.quorum = name
                case _:
                    raise ValueError(f"the policy's line {line[:60]!r}")
        once = [key.public for key in (*self.logs, *self.witnesses.values())]
        once += [each.encode() for _, of in self.groups.values() for each in of]
        if len({*once}) < len(once) or not self.quorum or re.search(r"[\x00-\x08\x0b-\x1f]", text):
            raise ValueError("the policy names something twice, or no quorum")

    def is_met(self, seen: Iterable[str], name: str = "") -> bool:
        enough, of = self.groups.get(name or self.quorum, (1, []))
        return (name or self.quorum) in seen or sum(self.is_met(seen, one) for one in of) >= enough


class Checkpoint:
    """A tree head that the log signed, and when (seconds since 1970) each witness saw it."""

    def __init__(self, raw: bytes, policy: Policy) -> None:
        form = rf"([^\n]+)\n{NUMBER}\n([^\n=]{{43}}=)\n(?:[^\n]+\n)*"
        self.origin, size, root = _parts(form, read_note(raw)[0], "no checkpoint")
        self.size, self.root, known = int(size), _decode(root), policy.witnesses.items()
        if 0 not in [key.signed_at(raw) for key in policy.logs if key.name == self.origin]:
            raise Found(f"Inte underskrivet av {self.origin}.|Not signed by {self.origin}.")
        self.seen = {name: at for name, key in known if (at := key.signed_at(raw)) is not None}
        self.is_witnessed = policy.is_met(self.seen)

    def accepted(self, said: str) -> str:
        names, (swedish, english) = ", ".join(self.seen) or "-", said.split("|")
        if not self.is_witnessed:
            said = f"{swedish}, men bevittnat av för få: {names}.|"
            raise Found(f"{said}{english}, but witnessed by too few: {names}.", code=UNWITNESSED)
        return f"{swedish}; bevittnat av {names}.|{english}; witnessed by {names}."


def tile_path(level: int | str, number: int, width: int = TILE) -> str:
    parts = [part.zfill(3) for part in f"{number:,}".split(",")]
    folders = "".join(f"x{part}/" for part in parts[:-1])
    return f"tile/{level}/{folders}{parts[-1]}" + ("" if width == TILE else f".p/{width}")


def facts(entry: bytes) -> dict[str, str]:
    """Give the fields of an entry; one that is none of ours is known by its hash."""
    try:  # whoever forges an entry may write anything into it
        return NOTHING | {name: str(told) for name, told in json.loads(entry.decode()).items()}
    except (ValueError, AttributeError, RecursionError):
        return dict(NOTHING, event=leaf_hash(entry).hex())


def _named(index: int, entry: bytes, said: str) -> str:
    what = "({type} {event})".format(**facts(entry)).replace("|", "?")
    return f"post {index} {what} " + said.replace("|", f"|entry {index} {what} ")


def _time(at: str) -> float:
    return datetime.fromisoformat(*_parts(r"([-\dT:.]+Z)", at, "no time")).timestamp()


def compare(old: Iterable[bytes], new: Iterable[bytes]) -> list[str]:
    """Say what was done to which entry between two readings of what should be one log."""
    pairs = enumerate(zip_longest(old, new, fillvalue=b""))
    rest = list(dropwhile(lambda pair: pair[1][0] == pair[1][1], pairs))
    was, now = ([pair[side] for _, pair in rest if pair[side]] for side in (0, 1))
    ids = [[str(facts(entry)["event"]) for entry in side] for side in (was, now)]
    start, done = rest[0][0] if rest else 0, list[str]()
    for how, i, to, j, end in SequenceMatcher(None, ids[0], ids[1], autojunk=False).get_opcodes():
        if how == "equal":
            same = zip(range(start + i, start + to), was[i:to], now[j:end], strict=True)
            done += [_altered(*each) for each in same if each[1] != each[2]]
        elif i < len(was):  # what comes after all of the old is growth
            said = f"allt från post {start + i} är borta|all from entry {start + i} on is gone"
            done += [said] * (to == len(was))
            done += [_named(start + at, was[at], "är borttagen|was removed") for at in range(i, to)]
            said = "är inlagd i efterhand|was inserted afterwards"
            done += [_named(start + at, now[at], said) for at in range(j, end)]
    return done


def _altered(index: int, entry: bytes, by: bytes) -> str:
    was, now = facts(entry), facts(by)
    parts = [f"{part}: {was[part]} → {now.get(part)}" for part in was if was[part] != now.get(part)]
    is_back, names = str(now["at"]) < str(was["at"]), f" ({', '.join(parts)})".replace("|", "?")
    said = "är tillbakadaterad|was back-dated" if is_back else "är ändrad|was altered"
    return _named(index, entry, said.replace("|", f"{names}|") + names)


class Log:
    """A log to read: a folder or an address, or only a checkpoint in a file of its own."""

    def __init__(self, where: str, policy: Policy) -> None:
        self.where, self.late, self.disposals = where.rstrip("/"), list[str](), set[str]()
        self.is_single, self.begun = Path(where).is_file(), ("", "")
        raw = Path(where).read_bytes() if self.is_single else self.read("checkpoint")
        proof, _, rest = raw.partition(b"\n\n") if raw[:4] == b"old " else (b"", b"", raw)
        self.old, *path = proof.decode().split("\n")
        self.head, self.path = Checkpoint(rest, policy), path

    def read(self, path: str) -> bytes:
        if not self.where.startswith(("http://", "https://")):
            return (Path(self.where) / path).read_bytes()
        request = urllib.request.Request(f"{self.where}/{path}")  # noqa: S310  http(s), see above
        request.add_unredirected_header("Authorization", f"Bearer {os.getenv('SAMSYN_TOKEN')}")
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310  as above
            return bytes(answer.read(MOST_BYTES))

    def bundles(self) -> Iterator[tuple[int, list[bytes], list[bytes]]]:
        """Give the entries tile by tile, with their hashes; Found if they are not the tile's."""
        for first in range(0, self.head.size, TILE):
            number, width = first // TILE, min(TILE, self.head.size - first)
            raw, at, entries = self.read(tile_path("entries", number, width)), 0, list[bytes]()
            while at + 2 <= len(raw):
                start, at = at + 2, at + 2 + int.from_bytes(raw[at : at + 2], "big")
                entries.append(raw[start:at])
            if len(entries) != width or at != len(raw):
                raise ValueError(f"the bundle of the entries from {first}")
            tile, hashes = self.read(tile_path(0, number, width)), [*map(leaf_hash, entries)]
            if wrong := [i for i in range(width) if tile[HASH * i : HASH * i + HASH] != hashes[i]]:
                said = "har ändrats sedan den förseglades|was altered after it was sealed"
                raise Found(TAMPERING, [_named(first + i, entries[i], said) for i in wrong])
            yield first, entries, hashes

    def entries(self) -> Iterator[bytes]:
        return (entry for _, entries, _ in self.bundles() for entry in entries)

    def rebuild(self, part: int = 0, since: float = 0) -> bytes:
        """Check all entries against the root and the clocks; give the root of the first part."""
        tops, root, latest = list[bytes](), tree_root([]), ""
        for first, entries, hashes in self.bundles():
            if first < part <= first + len(hashes):
                root = tree_root([*tops, tree_root(hashes[: part - first])])
            tops.append(tree_root(hashes))
            for index, entry in enumerate(entries, first):
                told = facts(entry)
                if index == 0 and "given_up" in told:  # the log before could not be healed
                    why = f"{told.get('decision')}, {told['given_up']}".replace("|", "?")
                    self.begun = f"; ny logg genom beslut {why}", f"; a new log by decision {why}"
                at, latest = told["at"], max(latest, told["at"])
                self.disposals |= {told["event"]} if told["type"] in DISPOSALS else set()
                floor = max(since - SEALED_WITHIN, 0) if index >= part else 0
                if at and (at < latest or floor) and _time(at) < max(_time(latest) - SKEW, floor):
                    said = f"är tillbakadaterad till {at}|is back-dated to {at}"
                    self.late.append(_named(index, entry, said))
        if tree_root(tops) != self.head.root:
            raise Found("Fel rot; jämför med en spegel.|Wrong root; compare with a mirror.")
        if self.head.seen and latest and _time(latest) > max(self.head.seen.values()) + SKEW:
            self.late.append(f"{latest} är efter bevittningen|{latest} is after it was witnessed")
        return root

    def growth(self, old: "Log") -> str:
        """Say that this log has all of the old one, or what was done to it."""
        was, now, since = old.head, self.head, min(old.head.seen.values(), default=0)
        proves = self.old == f"old {was.size}" or was.size >= now.size
        if was.origin != now.origin or (self.is_single and (old is self or not proves)):
            raise ValueError("two logs, or a checkpoint without the proof or the entries below it")
        kept, proof = False, (was.size, now.size, was.root, now.root, [*map(_decode, self.path)])
        try:
            kept = grew(*proof) if self.is_single else self.rebuild(was.size, since) == was.root
        except ValueError:  # something is no time: nobody shall hide a change behind that
            if old is self or old.is_single or not compare(old.entries(), self.entries()):
                raise
        if kept and not self.late:
            said = f"av {now.size} poster är de första {was.size} som förut|Right: of {now.size} "
            said += f"the first {was.size} are as before"
            whole = f"alla {now.size} poster ger roten|Right: all {now.size} entries give the root"
            said = (whole if old is self else said).replace("|", f"{self.begun[0]}|")
            return now.accepted(f"Stämmer: {said}{self.begun[1]}")
        said = TAMPERING if kept else "Historiken är ändrad:|The history was changed:"
        if now.size < was.size:
            said = f"Backad till {now.size} poster:|Rolled back to {now.size} entries:"
        elif now.size == was.size and not kept:
            said = "Kluven bild, två underskrivna historier:|Split view, two signed histories:"
        named = [] if self.is_single or old.is_single else compare(old.entries(), self.entries())
        raise Found(said, named + self.late)

    def keeps(self, folder: str, key: Key) -> str:
        """Say that all that was promised in receipts is in the log."""
        files = {p.name: p.read_bytes() for p in Path(folder).iterdir() if p.suffix == ".receipt"}
        if forged := [name for name, raw in files.items() if key.signed_at(raw) is None]:
            raise Found(f"Förfalskade kvitton: {forged}|Forged receipts: {forged}")
        told = [dict(re.findall(r"(?m)^(\w+) (.+)$", raw.decode())) for raw in files.values()]
        until, _ = max(self.head.seen.values(), default=0) - SEALED_WITHIN, self.rebuild()
        hashes = {leaf_hash(entry).hex() for entry in self.entries()}
        lost = [each for each in told if each["entry"] not in hashes]
        if late := [each["event"] for each in lost if _time(each["time"]) < until]:
            raise Found(f"Aldrig loggat, eller ändrat: {late}|Never logged, or altered: {late}")
        said = f"{len(told)} kvitton, {len(lost)} väntar|{len(told)} receipts, {len(lost)} waiting"
        return self.head.accepted(said)

    def holds(self, states: str) -> str:
        """Say that the database has what the log says, and nothing else."""
        size, _ = self.head.size, self.rebuild()
        with Path(states).open(encoding="utf-8") as lines:
            if done := compare(self.entries(), map(self._entry, lines)):
                raise Found(TAMPERING, done)
        return self.head.accepted(f"Databasen har de {size} posterna|The database has all {size}")

    def _entry(self, line: str) -> bytes:
        fields = json.loads(line)
        state, _ = _decode(fields.pop("state", "")), fields.pop("place", None)
        is_kept = state[:14] != b'{"erased_by":"' or state[14:-2].decode() not in self.disposals
        if is_kept and "previous" not in fields:  # the first entry of a year links to the last one
            fields["payload"] = sha256(b"\x02" + state).hexdigest()
        return json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=COMPACT).encode()


def prove(name: str, policy: Policy) -> str:
    """Say that a proof (tlog-proof) leads from its entry to a witnessed root."""
    (head, _, rest), state = Path(name).read_bytes().partition(b"\n\n"), Path(f"{name}.state")
    form = rf"c2sp[.]org/tlog-proof@v1\nextra (\S+)\nindex {NUMBER}((?:\n\S+)*)"
    extra, index, path = _parts(form, head.decode(), "no tlog-proof with its entry")
    checkpoint, entry, hashes = Checkpoint(rest, policy), _decode(extra), map(_decode, path.split())
    root = root_by_inclusion(leaf_hash(entry), int(index), checkpoint.size, [*hashes])
    made = sha256(b"\x02" + state.read_bytes()).hexdigest() if state.exists() else None
    if root != checkpoint.root or made not in {None, facts(entry)["payload"]}:
        raise Found(TAMPERING, [_named(int(index), entry, "stämmer inte|is not what was sealed")])
    return checkpoint.accepted("Beviset håller|The proof holds")


def main(policy: str = "", question: str = "", *what: str) -> int:
    """Answer one question: print a sentence in Swedish and one in English, give the exit code."""
    try:
        code, known = WELL, Policy(Path(policy).read_text("utf-8") if what else "quorum none")
        match question, *what:
            case "proof", _, *_:
                names = [sorted(Path(one).glob("*.tlog-proof")) or [Path(one)] for one in what]
                said = [prove(str(one), known) for some in names for one in some][-1]
            case "growth", old, new:
                said = Log(new, known).growth(Log(old, known))
            case "log", where:
                said = (log := Log(where, known)).growth(log)
            case "receipts", folder, where, key:
                said = Log(where, known).keeps(folder, Key(Path(key).read_text("utf-8").strip()))
            case "store", states, where:
                said = Log(where, known).holds(states)
            case _:
                code, said = UNREADABLE, str(__doc__)
    except Found as found:
        code, said = found.code, str(found)
    except Exception as error:  # noqa: BLE001  Python's own exit code, 1, would accuse the log
        code, said = UNREADABLE, f"Går inte att läsa: {error}|Cannot be read: {error}"
    said = re.sub(r"[\x00-\x09\x0b-\x1f]", "?", said).replace("|", "\n") + "\n"
    sys.stdout.write(said.encode(sys.stdout.encoding, "replace").decode(sys.stdout.encoding))
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
