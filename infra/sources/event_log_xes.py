"""Reads the events of a log in XES (IEEE 1849), the XML form of process mining, as a stream.

Expat is used without a tree, so that a log of any length needs the memory of one trace, and each
event has its line. A document type declaration is refused: XES has none, and without one there
are no entities to expand and nothing outside to fetch.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from xml.parsers import expat

from infra.sources.event_log_rows import Columns, RawRow, missing_columns
from infra.sources.opening import open_source
from infra.sources.unreadable import SourceError

_CHUNK = 256 * 1024  # bytes
_TRACE_PREFIX = "case:"  # how tables name what belongs to the trace
# Others would have Python look for a codec by a name the file has chosen.
_ENCODINGS = frozenset({"utf-8", "utf-16", "us-ascii", "ascii", "iso-8859-1", "windows-1252"})


class _Event(NamedTuple):
    line: int
    trace: dict[str, str]
    event: dict[str, str]
    has_trace: bool


class _Refused(Exception):
    """The file is XML, but not a log we read."""

    def __init__(self, sv: str, en: str) -> None:
        super().__init__(en)
        self.sv, self.en = sv, en


def read_xes_rows(path: Path, columns: Columns) -> Iterator[RawRow]:
    """Every event, in the order of the file.

    A column `case:KEY` is the attribute KEY of the trace, any other an attribute of the event;
    for the case, KEY alone is looked for in the trace first. Defaults in `<global>` are no values.

    Raises:
        SourceError: the file is no well-formed XES (perhaps after some rows), or one of the columns
            is in none of its events.
    """
    _require(path, columns)
    names = (columns.time, columns.group, columns.activity, columns.resource)
    for event in _events(path):
        values = (_case(event, columns), *(_value(event, name) for name in names))
        yield RawRow(event.line, *(value or "" for value in values))


def _require(path: Path, columns: Columns) -> None:
    """Reads until every column has been seen in some event: in most files no further than one."""
    missing = dict.fromkeys(columns.wanted)
    keys: dict[str, None] = {}  # in the order they appear
    for event in _events(path):
        keys.update(dict.fromkeys(_TRACE_PREFIX + key for key in event.trace))
        keys.update(dict.fromkeys(event.event))
        for name in list(missing):
            value = _case(event, columns) if name == columns.case else _value(event, name)
            if value is not None:
                del missing[name]
        if not missing:
            return
    if keys:
        raise missing_columns(str(path), list(missing), list(keys))


def _value(event: _Event, name: str | None) -> str | None:
    if name is None:
        return None
    if name.startswith(_TRACE_PREFIX):
        key = name.removeprefix(_TRACE_PREFIX)
        return event.trace.get(key, event.event.get(name))
    return event.event.get(name)


def _case(event: _Event, columns: Columns) -> str | None:
    in_trace = event.trace.get(columns.case)
    if in_trace is not None:
        return in_trace
    if event.has_trace and columns.case == columns.activity:
        return None  # a trace without a name is not to be named after each of its events
    return _value(event, columns.case)


def _events(path: Path) -> Iterator[_Event]:
    builder = _Builder()
    with open_source(path) as stream:
        try:
            while chunk := stream.read(_CHUNK):
                builder.parser.Parse(chunk, False)  # noqa: FBT003  # expat takes it by place only
                yield from builder.take()
            builder.parser.Parse(b"", True)  # noqa: FBT003  # as above
            yield from builder.take()
        except _Refused as refused:
            raise SourceError(str(path), sv=refused.sv, en=refused.en) from refused
        except (expat.ExpatError, ValueError, LookupError) as error:
            line = builder.parser.ErrorLineNumber
            raise SourceError(
                str(path),
                sv=f"Filen är trasig eller avbruten XML (rad {line}).",
                en=f"The file is broken or cut off XML (line {line}).",
            ) from error


class _Builder:
    """Puts together events and their traces from what expat finds."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate()
        self.parser.XmlDeclHandler = self._declared
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self._depth = 0
        self._trace: dict[str, str] | None = None
        self._event: dict[str, str] | None = None
        self._line = 0
        self._of_trace: list[_Event] = []  # until the trace ends: its attributes may come late
        self._ready: list[_Event] = []

    def take(self) -> list[_Event]:
        """The events that are complete since last asked."""
        ready, self._ready = self._ready, []
        return ready

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        name = tag.rpartition(":")[2]
        if self._depth == 1 and name != "log":
            raise _Refused("Filen är XML men ingen XES-logg.", "The file is XML, but no XES log.")
        if name == "trace" and self._depth == 2:  # noqa: PLR2004  # log, trace
            self._trace = {}
        elif name == "event" and self._event is None and self._depth == self._level + 1:
            self._event, self._line = {}, self.parser.CurrentLineNumber
        elif self._depth == self._level + 1 and "key" in attributes:
            holder = self._event if self._event is not None else self._trace
            if holder is not None:  # attributes of attributes, and of the log, are not asked for
                holder.setdefault(attributes["key"], attributes.get("value", ""))

    def _end(self, _tag: str) -> None:
        if self._depth == self._level:
            if self._event is not None:
                has_trace = self._trace is not None
                found = _Event(self._line, self._trace or {}, self._event, has_trace)
                (self._of_trace if has_trace else self._ready).append(found)
                self._event = None
            elif self._trace is not None:
                self._ready += [event._replace(trace=self._trace) for event in self._of_trace]
                self._of_trace = []
                self._trace = None
        self._depth -= 1

    @property
    def _level(self) -> int:
        """How deep the element stands whose attributes are being read: log 1, trace 2, event 3."""
        return 1 + (self._trace is not None) + (self._event is not None)

    def _declared(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and encoding.lower() not in _ENCODINGS:
            raise _Refused(
                "Filen har en teckenkodning som inte läses; spara den som UTF-8.",
                "The file is in an encoding that is not read; save it as UTF-8.",
            )

    def _doctype(self, *_of_declaration: object) -> None:
        raise _Refused(
            "Filen har en dokumenttypsdeklaration (DTD); det läses inte, av säkerhetsskäl.",
            "The file has a document type declaration (DTD); that is not read, for safety.",
        )
