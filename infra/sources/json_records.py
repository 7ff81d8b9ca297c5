"""Gives the records of a JSON file, whether it has one a line or all in one array."""

import json
import re
from collections.abc import Iterator
from enum import Enum, auto
from io import BufferedReader

from infra.sources.unreadable import Reason, SourceError

_LONGEST_LINE = 4 * 1024 * 1024  # bytes
_LARGEST_ARRAY = 256 * 1024 * 1024  # bytes; arrays are held whole, lines are not
_BLANK = b" \t\r\n\xef\xbb\xbf"  # with the byte order mark some programs begin a file with
_BLANKS = re.compile(r"[ \t\r\n]*")


class Form(Enum):
    LINES = auto()
    ARRAY = auto()


def json_records(stream: BufferedReader, *, file: str) -> tuple[Form, Iterator[tuple[int, object]]]:
    """The form of the file, and each record with its line or its place in the array, from 1.

    A record that cannot be read is given as its `Reason`; what is before and after it is still
    given, except after a break in an array. Bytes that are not UTF-8 become lone surrogates, so
    that only the record whose text they are in is spoilt.

    Raises:
        SourceError: on iteration, when an array is too large to hold.
    """
    # peek may give less than asked; that is enough, for only blanks may stand before the bracket
    if stream.peek(64).lstrip(_BLANK).startswith(b"["):
        return Form.ARRAY, _array_items(stream, file)
    return Form.LINES, _line_items(stream)


def _line_items(stream: BufferedReader) -> Iterator[tuple[int, object]]:
    line = 0
    while raw := stream.readline(_LONGEST_LINE):
        line += 1
        if len(raw) == _LONGEST_LINE and not raw.endswith(b"\n"):
            while raw and not raw.endswith(b"\n"):
                raw = stream.readline(_LONGEST_LINE)
            yield line, Reason.TOO_LONG
        elif stripped := raw.strip(_BLANK):
            yield line, _json(stripped)


def _json(raw: bytes) -> object:
    try:
        return json.loads(raw.decode("utf-8", "surrogateescape"))
    except (ValueError, RecursionError):
        return Reason.NOT_JSON


def _array_items(stream: BufferedReader, file: str) -> Iterator[tuple[int, object]]:
    raw = stream.read(_LARGEST_ARRAY + 1)
    if len(raw) > _LARGEST_ARRAY:
        raise SourceError(
            file,
            sv="Listan är större än 256 MB; ge den som en händelse per rad.",
            en="The array is larger than 256 MB; give it as one event a line.",
        )
    text = raw.lstrip(_BLANK).decode("utf-8", "surrogateescape")
    decoder = json.JSONDecoder()
    at, item = _skip(text, 1), 0
    if text[at : at + 1] == "]":
        return
    while True:
        item += 1
        try:
            record, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            yield item, Reason.BROKEN_OFF
            return
        yield item, record
        at = _skip(text, at)
        if text[at : at + 1] == "]":
            return
        if text[at : at + 1] != ",":
            yield item + 1, Reason.BROKEN_OFF
            return
        at = _skip(text, at + 1)


def _skip(text: str, at: int) -> int:
    found = _BLANKS.match(text, at)
    return found.end() if found else at
