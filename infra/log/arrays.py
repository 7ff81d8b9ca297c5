"""PostgreSQL's binary form of one-dimensional arrays: what ``unnest`` takes without parsing."""

import struct
from collections.abc import Sequence
from typing import Final
from uuid import UUID

_HEAD: Final = struct.Struct(">iiIii")  # dimensions, has nulls, element type, length, lower bound
_LENGTH: Final = struct.Struct(">i").pack
_NULL: Final = _LENGTH(-1)
_BIGINT: Final = struct.Struct(">q").pack
_INT: Final = struct.Struct(">i").pack
_OF_16, _OF_8, _OF_4 = _LENGTH(16), _LENGTH(8), _LENGTH(4)
_OID_BYTEA, _OID_BIGINT, _OID_INT, _OID_TEXT, _OID_UUID = 17, 20, 23, 25, 2950


def bigint(value: int) -> bytes:
    """Give a ``bigint`` by itself."""
    return _BIGINT(value)


def of_bytes(items: Sequence[bytes], oid: int = _OID_BYTEA) -> bytes:
    """Give a ``bytea[]``."""
    parts = [_HEAD.pack(1, 0, oid, len(items), 1)]
    for item in items:
        parts.append(_LENGTH(len(item)))
        parts.append(item)
    return b"".join(parts)


def of_texts(items: Sequence[str]) -> bytes:
    """Give a ``text[]``."""
    return of_bytes([item.encode() for item in items], _OID_TEXT)


def of_uuids(items: Sequence[UUID]) -> bytes:
    """Give a ``uuid[]``."""
    return _of_one_length(_OID_UUID, _OF_16, [item.bytes for item in items])


def of_uuids_or_nulls(items: Sequence[UUID | None]) -> bytes:
    """Give a ``uuid[]`` in which some may lack."""
    parts = [_NULL if item is None else _OF_16 + item.bytes for item in items]
    return _HEAD.pack(1, 1, _OID_UUID, len(items), 1) + b"".join(parts)


def of_ints(items: Sequence[int]) -> bytes:
    """Give an ``int[]``; raises struct.error for a number that does not fit."""
    return _of_one_length(_OID_INT, _OF_4, [_INT(item) for item in items])


def of_bigints(items: Sequence[int]) -> bytes:
    """Give a ``bigint[]``; raises struct.error for a number that does not fit."""
    return _of_one_length(_OID_BIGINT, _OF_8, [_BIGINT(item) for item in items])


def _of_one_length(oid: int, length: bytes, items: Sequence[bytes]) -> bytes:
    return _HEAD.pack(1, 0, oid, len(items), 1) + b"".join([length + item for item in items])
