"""Whose signatures are asked for (C2SP tlog-policy): logs, witnesses, groups and a quorum."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from infra.audit.note import BadNote, KeyType, Note, PublicKey, Signed

_NOBODY: Final = "none"
_BLANK: Final = re.compile(r"[ \t]+")
_FORBIDDEN: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Group:
    """So many of its members, witnesses or groups, must have seen a tree."""

    least: int
    members: tuple[str, ...]


@dataclass(frozen=True)
class Policy:
    """When a checkpoint is good: signed by one of the logs, and seen by the quorum."""

    logs: tuple[PublicKey, ...]
    witnesses: Mapping[str, PublicKey]
    groups: Mapping[str, Group]
    quorum: str
    addresses: Mapping[str, str] = field(default_factory=dict[str, str])
    """Where a log or witness answers, by its key's text; for those that have one."""

    @classmethod
    def parse(cls, text: str) -> "Policy":
        """Read a policy file; raises BadNote, naming the line."""
        reading = _Reading()
        for place, line in enumerate(text.split("\n"), 1):
            try:
                reading.take(line)
            except BadNote as error:
                raise BadNote(f"policy, line {place}: {error}") from error
        if reading.quorum is None:
            raise BadNote("a policy has a line with its quorum")
        return cls(
            tuple(reading.logs),
            reading.witnesses,
            reading.groups,
            reading.quorum,
            reading.addresses,
        )

    def __str__(self) -> str:
        """The policy as a file."""
        lines = [" ".join(["log", *self._with_address(key)]) for key in self.logs]
        lines += [
            " ".join(["witness", name, *self._with_address(key)])
            for name, key in self.witnesses.items()
        ]
        lines += [
            f"group {name} {group.least} {' '.join(group.members)}"
            for name, group in self.groups.items()
        ]
        return "\n".join([*lines, f"quorum {self.quorum}", ""])

    def check(self, note: Note) -> list[Signed]:
        """Check a checkpoint's signatures; gives those of known logs and witnesses.

        Raises:
            BadNote: a known key's line does not hold, no log that it knows under that origin has
                signed, or too few witnesses.
        """
        signed = note.checked([*self.logs, *self.witnesses.values()])
        origin = note.text.partition("\n")[0]
        if not any(each.key.type is KeyType.LOG and each.key.name == origin for each in signed):
            raise BadNote("no known log has signed under this origin")
        if not self.is_quorum(each.key for each in signed):
            raise BadNote("too few witnesses have seen the checkpoint")
        return signed

    def is_quorum(self, keys: Iterable[PublicKey]) -> bool:
        """Whether these keys, of whatever kind, are enough witnesses."""
        seen = set(keys)
        return self.quorum == _NOBODY or self._has_seen(self.quorum, seen)

    @property
    def fewest(self) -> int:
        """With so few witnesses a quorum can be had; 0 where none is asked for."""
        return 0 if self.quorum == _NOBODY else self._fewest(self.quorum)

    def _fewest(self, name: str) -> int:
        group = self.groups.get(name)
        if group is None:
            return 1
        return sum(sorted(map(self._fewest, group.members))[: group.least])

    def _has_seen(self, name: str, seen: set[PublicKey]) -> bool:
        group = self.groups.get(name)
        if group is None:
            return self.witnesses[name] in seen
        return sum(self._has_seen(member, seen) for member in group.members) >= group.least

    def _with_address(self, key: PublicKey) -> list[str]:
        address = self.addresses.get(str(key))
        return [str(key), address] if address else [str(key)]


class _Reading:
    def __init__(self) -> None:
        self.logs: list[PublicKey] = []
        self.witnesses: dict[str, PublicKey] = {}
        self.groups: dict[str, Group] = {}
        self.addresses: dict[str, str] = {}
        self.quorum: str | None = None
        self._members: set[str] = set()

    def take(self, line: str) -> None:
        if _FORBIDDEN.search(line):
            raise BadNote("a control character")
        match _BLANK.split(line.strip(" \t")):
            case [first, *_] if not first or first.startswith("#"):
                return
            case ["log", key, *rest] if len(rest) <= 1:
                self.logs.append(self._key(key, KeyType.LOG, rest))
            case ["witness", name, key, *rest] if len(rest) <= 1:
                self._check_new(name)
                self.witnesses[name] = self._key(key, KeyType.COSIGNATURE, rest)
            case ["group", name, least, *members] if members:
                self._check_new(name)
                self.groups[name] = self._group(least, members)
            case ["quorum", name] if self.quorum is None:
                if name != _NOBODY:
                    self._check_known(name)
                self.quorum = name
            case _:
                raise BadNote("it is no log, witness, group or only quorum")

    def _key(self, text: str, key_type: KeyType, address: list[str]) -> PublicKey:
        key = PublicKey.parse(text)
        if key.type is not key_type:
            raise BadNote("the key is of another kind")
        known = [other.public for other in (*self.logs, *self.witnesses.values())]
        if key.public in known:
            raise BadNote("the key stands there already")
        if address:
            self.addresses[text] = address[0]
        return key

    def _group(self, least: str, members: list[str]) -> Group:
        for each in members:
            self._check_known(each)
            if each in self._members:
                raise BadNote(f"{each} is in a group already")
            self._members.add(each)
        match least:
            case "any":
                count = 1
            case "all":
                count = len(members)
            case _ if re.fullmatch("[1-9][0-9]{0,3}", least):
                count = int(least)
            case _:
                raise BadNote("a group says any, all or how many")
        if count > len(members):
            raise BadNote("a group asks for no more than it has")
        return Group(count, tuple(members))

    def _check_new(self, name: str) -> None:
        if name == _NOBODY or name in self.witnesses or name in self.groups:
            raise BadNote(f"the name {name} is taken")

    def _check_known(self, name: str) -> None:
        if name not in self.witnesses and name not in self.groups:
            raise BadNote(f"{name} is not defined above")
