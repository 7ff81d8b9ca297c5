"""Keeps what was searched for so that only who has the keys can read it: AES-GCM, a key an agency.

The words stand in the row as ciphertext. The entry of the audit log commits to that, so destroying
a key shreds the words and breaks no proof.
"""

import base64
from collections.abc import Sequence
from hashlib import sha256
from os import urandom
from pathlib import Path
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from infra.secret_files import KeyFileUnusable, add_line, as_of, read_lines, replace

_HEAD: Final = (
    "# Secret: whoever has this file can read what was searched for. Each line is one key;\n"
    "# the last one is used.\n"
)
_KEY_BYTES: Final = 32
_ID_BYTES: Final = 4
_NONCE_BYTES: Final = 12
_PURPOSE: Final = b"samsyn access log, what was searched for: "


class SearchWords:
    """Encrypts and decrypts with the keys of a file; one for the program, for many threads.

    Each agency has a key of its own, derived from the file's by HKDF (RFC 5869).
    """

    def __init__(self, path: Path) -> None:
        """The file is made with the first search."""
        self._path = path
        self._secrets: Sequence[bytes] = ()
        self._as_of: tuple[int, ...] = ()
        self._ciphers: dict[tuple[bytes, str], AESGCM] = {}

    def sealed(self, agency_id: str, row_id: UUID, words: str) -> str:
        """The words as they are kept in a row of an agency's log, and in no other.

        Raises:
            KeyFileUnusable: then nothing may be shown for the search.
        """
        secret = self._current()[-1]
        nonce = urandom(_NONCE_BYTES)
        cipher = self._cipher(secret, agency_id)
        kept = _id_of(secret) + nonce + cipher.encrypt(nonce, words.encode(), row_id.bytes)
        return base64.b64encode(kept).decode()

    def opened(self, agency_id: str, row_id: UUID, kept: str) -> str | None:
        """The words again; None if the key is gone or something else was put there.

        Raises:
            KeyFileUnusable: the keys cannot be read now.
        """
        try:
            data = base64.b64decode(kept, validate=True)
        except ValueError:
            return None
        key_id, data = data[:_ID_BYTES], data[_ID_BYTES:]
        nonce, data = data[:_NONCE_BYTES], data[_NONCE_BYTES:]
        secret = next((each for each in self._current() if _id_of(each) == key_id), None)
        if secret is None:
            return None
        try:
            return self._cipher(secret, agency_id).decrypt(nonce, data, row_id.bytes).decode()
        except (InvalidTag, ValueError):
            return None

    def _cipher(self, secret: bytes, agency_id: str) -> AESGCM:
        known = self._ciphers.get((secret, agency_id))
        if known is None:
            purpose = _PURPOSE + agency_id.encode()
            known = AESGCM(HKDF(SHA256(), _KEY_BYTES, salt=None, info=purpose).derive(secret))
            self._ciphers[secret, agency_id] = known
        return known

    def _current(self) -> Sequence[bytes]:
        """The keys of the file, read again when the file is another one; made if there is none."""
        now = as_of(self._path)
        if not now or now != self._as_of:
            self._secrets = _made_or_read(self._path)
            self._as_of = as_of(self._path)
            self._ciphers = {}
        return self._secrets


def key_ids(path: Path) -> list[str]:
    """The ids of the keys of a file, the one in use last; raises KeyFileUnusable."""
    return [_id_of(secret).hex() for secret in _read(path) or ()]


def add_key(path: Path) -> str:
    """Add a key, which is used from then on, and give its id; the file is made if need be.

    Raises:
        KeyFileUnusable: as reading; or the folder cannot be written to.
        FileExistsError: another process made the file at the same moment.
    """
    secret = urandom(_KEY_BYTES)
    add_line(path, secret.hex(), begun_with=_HEAD if _read(path) is None else None)
    return _id_of(secret).hex()


def destroy_key(path: Path, key_id: str) -> bool:
    """Take a key out of the file: what it encrypted can be read by nobody any more.

    Says whether it was there and is not the one in use.

    Raises:
        KeyFileUnusable: as reading.
    """
    secrets = _read(path) or []
    kept = [secret for secret in secrets if _id_of(secret).hex() != key_id]
    if len(kept) == len(secrets) or not kept or kept[-1] != secrets[-1]:
        return False
    replace(path, _HEAD + "".join(f"{secret.hex()}\n" for secret in kept))
    return True


def _made_or_read(path: Path) -> Sequence[bytes]:
    found = _read(path)
    if found is None:
        try:
            add_key(path)
        except FileExistsError:  # another process was first: its key is as good
            return _made_or_read(path)
        found = _read(path)
    if not found:
        raise KeyFileUnusable(f"{path} holds no key.")
    return found


def _read(path: Path) -> list[bytes] | None:
    lines = read_lines(path)
    if lines is None:
        return None
    try:
        secrets = [bytes.fromhex(line) for line in lines]
    except ValueError as error:
        raise KeyFileUnusable(f"{path} holds a line that is no key.") from error
    if any(len(secret) != _KEY_BYTES for secret in secrets):
        raise KeyFileUnusable(f"{path} holds a key that is not {_KEY_BYTES} bytes long.")
    return secrets


def _id_of(secret: bytes) -> bytes:
    return sha256(secret).digest()[:_ID_BYTES]
