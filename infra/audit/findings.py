"""Says in words what was done to which entry, in Swedish and in English."""

import json
from dataclasses import dataclass, field, replace
from typing import Any, Final

from infra.audit.anew import Anew

MOST: Final = 1_000
"""Findings that are kept; of more only the number."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it was signed; or, where nobody need have done it, a notice."""

    sv: str
    en: str
    is_tampering: bool = True


@dataclass
class Checked:
    """What a check of the whole log has come to.

    ``disposed`` counts entries whose rows a decision in the log has disposed of, ``lost`` those
    whose events a restore has lost and an entry of the log tells of.
    ``backwards`` counts entries that are dated earlier than one before them: told stories and
    imports do so, and whoever records under a wrong clock.
    """

    entries: int = 0
    checkpoints: int = 0
    erased: int = 0
    disposed: int = 0
    unsealed: int = 0
    lost: int = 0
    backwards: int = 0
    findings: list[Finding] = field(default_factory=list[Finding])
    not_kept: int = 0

    @property
    def is_well(self) -> bool:
        """Whether nothing was done to the log or the events."""
        return not self.not_kept and not any(each.is_tampering for each in self.findings)

    def take_in(self, other: "Checked") -> None:
        """Add what the check of another log has come to."""
        self.entries += other.entries
        self.checkpoints += other.checkpoints
        self.erased += other.erased
        self.disposed += other.disposed
        self.unsealed += other.unsealed
        self.lost += other.lost
        self.backwards += other.backwards
        self.not_kept += other.not_kept
        for finding in other.findings:
            self.add(finding)

    def add(self, finding: Finding) -> None:
        """Note a finding."""
        if len(self.findings) < MOST:
            self.findings.append(finding)
        else:
            self.not_kept += 1


def removed(index: int, entry: bytes) -> Finding:
    """An event that was sealed is gone."""
    return _of_entry(index, entry, "är borttagen ur databasen", "was removed from the database")


def lost(index: int, entry: bytes) -> Finding:
    """An event was lost with an older copy of the database, and the log itself says so."""
    return replace(
        _of_entry(
            index,
            entry,
            "är förlorad: en äldre kopia av databasen lästes tillbaka, och det står i loggen",
            "is lost: an older copy of the database was put in place, and the log tells of it",
        ),
        is_tampering=False,
    )


def begun_anew(origin: str, told: Anew) -> Finding:
    """A log begins by a decision: what was witnessed of the one before could not be healed."""
    lacking = ", ".join(f"{each.origin} ({each.size})" for each in told.given_up)
    held = f"{told.previous.origin} ({told.previous.size})"
    by = f"{told.decision}, {told.decided_at}"
    return Finding(
        f"{origin} är begynt på nytt genom beslut {by}: det som bevittnats gick inte att läka, "
        f"{lacking}; databasen hade {held}",
        f"{origin} was begun anew by decision {by}: what was witnessed could not be healed, "
        f"{lacking}; the database had {held}",
        is_tampering=False,
    )


def inserted(position: int, topic: str, event_id: str, at: str) -> Finding:
    """An event stands where nothing was when the log went past."""
    named = f"({topic} {event_id}, {at})"
    return Finding(
        f"händelse {position} {named} är inlagd i efterhand: den är aldrig förseglad",
        f"event {position} {named} was inserted afterwards: it was never sealed",
    )


def moved(position: int, topic: str, event_id: str, at: str) -> Finding:
    """An event that was sealed elsewhere stands here, too or instead."""
    named = f"({topic} {event_id}, {at})"
    return Finding(
        f"händelse {position} {named} står inte där den förseglades",
        f"event {position} {named} does not stand where it was sealed",
    )


def content_altered(index: int, entry: bytes) -> Finding:
    """The stored bytes are others."""
    return _of_entry(
        index,
        entry,
        "är ändrad: innehållet är ett annat än det som förseglades",
        "was altered: its content is not what was sealed",
    )


def altered(index: int, entry: bytes, now: bytes) -> Finding:
    """What the database says of an event is not what was sealed; says which parts."""
    was, found = _facts(entry), _facts(now)
    changed = [name for name in was if name != "payload" and was[name] != found.get(name)]
    if "event" in changed:
        return _of_entry(
            index,
            entry,
            f"är utbytt mot {found.get('event')}",
            f"was replaced by {found.get('event')}",
        )
    if not changed:
        return content_altered(index, entry)
    parts = ", ".join(f"{name}: {was[name]} → {found.get(name)}" for name in changed)
    if "at" in changed:
        is_back = str(found.get("at")) < str(was["at"])
        sv, en = ("tillbakadaterad", "back-dated") if is_back else ("framdaterad", "post-dated")
        return _of_entry(index, entry, f"är {sv} ({parts})", f"was {en} ({parts})")
    return _of_entry(index, entry, f"är ändrad ({parts})", f"was altered ({parts})")


def erased_without_decision(index: int, entry: bytes) -> Finding:
    """The content was taken away, and no event that the log holds has decided it."""
    return _of_entry(
        index,
        entry,
        "är tömd utan ett beslut i loggen",
        "was emptied without a decision in the log",
    )


def entry_rewritten(index: int, entry: bytes) -> Finding:
    """The log's own copy of an entry was changed."""
    return _of_entry(
        index, entry, "är omskriven i loggens tabell", "was rewritten in the log's own table"
    )


def entries_missing(first: int, last: int) -> Finding:
    """Rows of the log's table are gone."""
    return Finding(
        f"post {first} till {last} saknas i loggens tabell",
        f"entries {first} to {last} are missing in the log's own table",
    )


def entries_added(first: int) -> Finding:
    """There are rows that nobody has signed."""
    return Finding(
        f"från post {first} finns poster som ingen kontrollpunkt omfattar: inlagda för hand",
        f"from entry {first} on there are entries that no checkpoint covers: put in by hand",
    )


def entries_in_front(origin: str) -> Finding:
    """There are rows before the first entry."""
    return Finding(
        f"{origin}: framför post 0 finns rader i loggens tabell: inlagda för hand",
        f"{origin}: in front of entry 0 there are rows in the log's own table: put in by hand",
    )


def other_root(origin: str, good: int, size: int) -> Finding:
    """Between two checkpoints the leaves are not those that were signed."""
    which = f"post {good}" if size == good + 1 else f"en av posterna {good} till {size - 1}"
    english = f"entry {good}" if size == good + 1 else f"one of the entries {good} to {size - 1}"
    return Finding(
        f"{origin}: {which} är ändrad sedan kontrollpunkten vid {size} skrevs under",
        f"{origin}: {english} was altered since the checkpoint at {size} was signed",
    )


def bad_checkpoint(origin: str, size: int, why: str) -> Finding:
    """A checkpoint is no checkpoint, or not signed by a known key."""
    return Finding(
        f"{origin}: kontrollpunkten vid {size} är inte loggens ({why})",
        f"{origin}: the checkpoint at {size} is not the log's ({why})",
    )


def no_checkpoint(origin: str) -> Finding:
    """The checkpoints are gone."""
    return Finding(f"{origin} saknar kontrollpunkt", f"{origin} has no checkpoint")


def other_node(origin: str, level: int, index: int) -> Finding:
    """A stored node is not what its leaves give."""
    return Finding(
        f"{origin}: nod {index} på nivå {level} är ändrad eller borta",
        f"{origin}: node {index} of level {level} was altered or is gone",
    )


def unknown_tree(tree: int) -> Finding:
    """Rows belong to a log of which the table of logs does not know."""
    return Finding(
        f"logg nummer {tree} har rader men är borttagen ur tabellen över loggar",
        f"log number {tree} has rows but was removed from the table of logs",
    )


def other_register(origin: str, kind: str, year: int) -> Finding:
    """The table of logs says otherwise of a log than its name does, which is signed."""
    return Finding(
        f"{origin} är omskriven i tabellen över loggar: {kind}, {year}",
        f"{origin} was rewritten in the table of logs: {kind}, {year}",
    )


def bad_key(origin: str, vkey: str) -> Finding:
    """What stands there as a key of the log has signed nothing of any log."""
    return Finding(
        f"{origin}: nyckeln {vkey} är ändrad eller inlagd för hand: den har inte skrivit under",
        f"{origin}: the key {vkey} was altered or put in by hand: it has signed nothing",
    )


def key_gone(origin: str, size: int) -> Finding:
    """A checkpoint is signed by a key that the table of keys does not name."""
    return Finding(
        f"{origin}: nyckeln som skrev under vid {size} är borttagen ur tabellen över nycklar",
        f"{origin}: the key that signed at {size} was removed from the table of keys",
    )


def handed_in_by_nobody(origin: str, size: int) -> Finding:
    """It is said that a witness had signed more than is here, and none has: that stops writing."""
    return Finding(
        f"{origin}: att något vittne skrivit under vid {size} är påhittat: raden är ingens",
        f"{origin}: that a witness has signed at {size} is made up: the line is nobody's",
    )


def bad_cosignature(origin: str, size: int, witness: str) -> Finding:
    """What stands there as a witness's line is none: others will think that the witness lied."""
    return Finding(
        f"{origin}: raden från {witness} vid {size} är ändrad: den är inte vittnets underskrift",
        f"{origin}: the line of {witness} at {size} was altered: the witness has not signed it",
    )


def cosigned_and_gone(origin: str, size: int, witness: str) -> Finding:
    """A witness has signed a checkpoint that is not there any more."""
    return Finding(
        f"{origin}: kontrollpunkten vid {size}, som {witness} har bevittnat, är borttagen",
        f"{origin}: the checkpoint at {size}, which {witness} has witnessed, was removed",
    )


def _facts(entry: bytes) -> dict[str, str | int]:
    """The fields of an entry, as they can be shown; whoever rewrites one may write anything."""
    try:
        told: Any = json.loads(entry)
        return {
            name: each if isinstance(each, int) else _shown(each) for name, each in told.items()
        }
    except (ValueError, AttributeError, RecursionError):
        return {}


def _shown(told: object) -> str:
    """As text; half a surrogate pair is none, and could not be written out."""
    return str(told).encode("utf-8", "replace").decode()


def _of_entry(index: int, entry: bytes, sv: str, en: str) -> Finding:
    told = _facts(entry)
    named = f"({told.get('type', '-')} {told.get('event', '-')}, {told.get('at', '-')})"
    return Finding(f"post {index} {named} {sv}", f"entry {index} {named} {en}")


def forged_giving_up(origin: str, successor: str) -> Finding:
    """A row says that a log goes on no more, and no entry of a log does."""
    return Finding(
        f"{origin} är uppgiven till förmån för {successor} bara i en tabell: ingen post i loggen "
        "säger att det är beslutat, så raden är förfalskad",
        f"{origin} is given up for {successor} in a table alone: no entry of the log says that it "
        "was decided, so the row is forged",
    )


def giving_up_gone(origin: str, successor: str) -> Finding:
    """A log's first entry gives another one up, and the row about it is gone."""
    return Finding(
        f"att {origin} är uppgiven till förmån för {successor} är borttaget ur tabellen, men står "
        "i loggens första post",
        f"that {origin} is given up for {successor} was removed from the table, but stands in the "
        "log's first entry",
    )


def only_said(origin: str, size: int, witness: str) -> Finding:
    """A witness to which checkpoints are pushed is ahead, and has shown nothing that it signed."""
    return Finding(
        f"{origin}: {witness} säger sig ha bevittnat {size} poster, fler än som finns här; den har "
        "inte visat det, så fråga den",
        f"{origin}: {witness} says that it has witnessed {size} entries, more than are here; it "
        "has not shown it, so ask it",
        is_tampering=False,
    )
