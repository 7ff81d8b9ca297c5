"""Signed notes of C2SP: a text with signature lines, Ed25519 (0x01) and cosignatures (0x04)."""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

MOST_SIGNATURES: Final = 100
_DASH: Final = "\N{EM DASH} "
_SEED_BYTES: Final = 32
_SIGNATURE_BYTES: Final = 64
_ID_BYTES: Final = 4
_TIME_BYTES: Final = 8
_LATEST: Final = 2**63 - 1
_MARK: Final = "PRIVATE+KEY"
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f]")
_NO_NAME: Final = re.compile(r"[\s+]")


class BadNote(ValueError):
    """A text is no signed note, no key, or not signed as it claims; the sentence says why."""


class KeyType(IntEnum):
    """The signature types of signed-note that are used here."""

    LOG = 0x01
    COSIGNATURE = 0x04


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line; ``data`` is what follows the four bytes of the key's id."""

    name: str
    key_id: bytes
    data: bytes

    @property
    def line(self) -> str:
        """The line as it stands in a note, with its end."""
        return f"{_DASH}{self.name} {_base64(self.key_id + self.data)}\n"


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature that was checked. ``time`` is a cosignature's, in seconds since 1970 UTC."""

    key: "PublicKey"
    signature: Signature
    time: int | None = None


@dataclass(frozen=True)
class PublicKey:
    """A key that is known, and so trusted to speak under its name; a ``vkey``."""

    name: str
    type: KeyType
    public: bytes

    def __post_init__(self) -> None:
        """Refuse what is no key; raises BadNote."""
        _check_name(self.name)
        if len(self.public) != _SEED_BYTES:
            raise BadNote("an Ed25519 key is 32 bytes long")

    @classmethod
    def parse(cls, text: str) -> "PublicKey":
        """Read ``name+hash+key``; raises BadNote."""
        name, found_id, material = _parts(text, 3)
        data = _bytes(material)
        key = cls(name, _type(data), data[1:])
        if found_id != key.key_id.hex():
            raise BadNote("the key's id does not fit its name and bytes")
        return key

    def __str__(self) -> str:
        """The text form of signed-note."""
        return f"{self.name}+{self.key_id.hex()}+{_base64(bytes([self.type]) + self.public)}"

    @cached_property
    def key_id(self) -> bytes:
        """Four bytes that, with the name, say which key signed and how."""
        named = self.name.encode() + b"\n" + bytes([self.type]) + self.public
        return hashlib.sha256(named).digest()[:_ID_BYTES]

    def holds(self, text: str, signature: Signature) -> bool:
        """Whether a signature line that names this key is its own, of this text."""
        try:
            self.check(text, signature)
        except BadNote:
            return False
        return True

    def check(self, text: str, signature: Signature) -> Signed:
        """Check a signature line that names this key; raises BadNote."""
        time: int | None = None
        message, data = text.encode(), signature.data
        if self.type is KeyType.COSIGNATURE:
            time, data = int.from_bytes(data[:_TIME_BYTES]), data[_TIME_BYTES:]
            if time > _LATEST:
                raise BadNote(f"{self.name}: the time of a cosignature is too large")
            message = _cosigned(text, time)
        if len(data) != _SIGNATURE_BYTES:
            raise BadNote(f"{self.name}: the signature has another length than its type's")
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(data, message)
        except InvalidSignature as error:
            raise BadNote(f"{self.name}: the signature is not of this text") from error
        return Signed(self, signature, time)


@dataclass(frozen=True)
class SecretKey:
    """What signs under a name. Its text, a ``skey``, is never shown by ``repr`` or in a log."""

    name: str
    type: KeyType
    seed: bytes

    @classmethod
    def new(cls, name: str, key_type: KeyType) -> "SecretKey":
        """Make a key out of the machine's randomness; raises BadNote for a bad name."""
        _check_name(name)
        return cls(name, key_type, Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def parse(cls, text: str) -> "SecretKey":
        """Read ``PRIVATE+KEY+name+hash+key``; raises BadNote."""
        if not text.startswith(f"{_MARK}+"):
            raise BadNote("a secret key begins with PRIVATE+KEY+")
        name, found_id, material = _parts(text.removeprefix(f"{_MARK}+"), 3)
        data = _bytes(material)
        if len(data) != 1 + _SEED_BYTES:
            raise BadNote("an Ed25519 key is 32 bytes long")
        key = cls(name, _type(data), data[1:])
        if found_id != key.public_key.key_id.hex():
            raise BadNote("the key's id does not fit its name and bytes")
        return key

    def __repr__(self) -> str:
        """Name the key without showing it."""
        return f"SecretKey({self.name}, {self.type.name})"

    @property
    def text(self) -> str:
        """The secret text form; for the key's own file only."""
        data = _base64(bytes([self.type]) + self.seed)
        return f"{_MARK}+{self.name}+{self.public_key.key_id.hex()}+{data}"

    @cached_property
    def public_key(self) -> PublicKey:
        """What others need to check its signatures."""
        return PublicKey(self.name, self.type, self._private.public_key().public_bytes_raw())

    def sign(self, text: str, time: int | None = None) -> Signature:
        """Sign a note's text; a cosignature also says when, in seconds since 1970 UTC.

        Raises:
            BadNote: the text is none of a note.
            TypeError: a cosignature without a time, or another with one.
        """
        _check_text(text)
        if (time is not None) is not (self.type is KeyType.COSIGNATURE):
            raise TypeError("a cosignature has a time, a log's signature has none")
        message, stamp = text.encode(), b""
        if time is not None:
            message, stamp = _cosigned(text, time), time.to_bytes(_TIME_BYTES)
        return Signature(self.name, self.public_key.key_id, stamp + self._private.sign(message))

    @cached_property
    def _private(self) -> Ed25519PrivateKey:
        # Made once: that takes longer than signing.
        return Ed25519PrivateKey.from_private_bytes(self.seed)


@dataclass(frozen=True, slots=True)
class Note:
    """A text and its signature lines, not yet checked."""

    text: str
    signatures: tuple[Signature, ...]

    @classmethod
    def parse(cls, note: str) -> "Note":
        """Take text and signatures apart; raises BadNote."""
        text, gap, lines = note.rpartition("\n\n")
        text += "\n"
        if not gap:
            raise BadNote("a signed note is a text, an empty line and signatures")
        _check_text(text)
        if not lines.endswith("\n"):
            raise BadNote("a signature line ends with a newline")
        signatures = [_signature(line) for line in lines[:-1].split("\n")]
        if len(signatures) > MOST_SIGNATURES:
            raise BadNote(f"a note has at most {MOST_SIGNATURES} signatures")
        return cls(text, tuple(signatures))

    def __str__(self) -> str:
        """The note as it is kept and sent."""
        return self.text + "\n" + "".join(each.line for each in self.signatures)

    def checked(self, keys: Iterable[PublicKey]) -> list[Signed]:
        """The signatures by known keys; lines of keys that are not known are passed over.

        A key that signed several times counts once.

        Raises:
            BadNote: a known key's line does not hold, or no known key has signed.
        """
        known = {(key.name, key.key_id): key for key in keys}
        found: dict[tuple[str, bytes], Signed] = {}
        for each in self.signatures:
            key = known.get((each.name, each.key_id))
            if key is not None:
                signed = key.check(self.text, each)
                found.setdefault((each.name, each.key_id), signed)
        if not found:
            raise BadNote("no known key has signed the note")
        return list(found.values())


def signed_note(text: str, signatures: Sequence[Signature]) -> str:
    """A note of this text; raises BadNote."""
    _check_text(text)
    if not signatures:
        raise BadNote("a signed note has a signature")
    return str(Note(text, tuple(signatures)))


def parse_line(line: str) -> Signature:
    """Read one signature line, as a witness hands it in; raises BadNote."""
    if not line.endswith("\n"):
        raise BadNote("a signature line ends with a newline")
    return _signature(line[:-1])


def _signature(line: str) -> Signature:
    name, gap, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not gap:
        raise BadNote("a signature line is a dash, a name and a signature")
    _check_name(name)
    data = _bytes(encoded)
    if len(data) <= _ID_BYTES:
        raise BadNote("a signature begins with the four bytes of a key's id")
    return Signature(name, data[:_ID_BYTES], data[_ID_BYTES:])


def _cosigned(text: str, time: int) -> bytes:
    """What a witness signs (C2SP tlog-cosignature)."""
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def _check_text(text: str) -> None:
    if not text.endswith("\n"):
        raise BadNote("a note's text ends with a newline")
    if _CONTROL.search(text):
        raise BadNote("a note has no control character but the newline")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise BadNote("a note is UTF-8") from error


def _check_name(name: str) -> None:
    if not name or _NO_NAME.search(name) or _CONTROL.search(name):
        raise BadNote("a key's name is not empty and has no space and no plus sign")


def _parts(text: str, count: int) -> list[str]:
    parts = text.split("+", count - 1)
    if len(parts) != count:
        raise BadNote("a key is a name, an id and bytes, with plus signs between")
    return parts


def _type(data: bytes) -> KeyType:
    try:
        return KeyType(data[0])
    except (IndexError, ValueError) as error:
        raise BadNote("the key is of a type that is not used here") from error


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _bytes(text: str) -> bytes:
    """Read base64 as it would be written, so that a text has one form only."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadNote("not base64") from error
    if _base64(data) != text:
        raise BadNote("not base64 in its one form")
    return data
