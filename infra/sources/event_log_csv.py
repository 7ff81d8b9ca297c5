"""Reads the rows of an event log kept as CSV, whatever its delimiter and encoding."""

import codecs
import csv
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from itertools import islice
from pathlib import Path

from infra.sources.event_log_rows import Columns, RawRow, missing_columns
from infra.sources.opening import open_source
from infra.sources.unreadable import Notice, Reason, SourceError, Unreadable

_DELIMITERS = (",", ";", "\t", "|")
_LONGEST_LINE = 4 * 1024 * 1024  # characters
_CHUNK = 1024 * 1024  # bytes
_HEADER_LINES = 50  # a quoted name may run over several lines


@dataclass(frozen=True, slots=True)
class _Layout:
    encoding: str
    delimiter: str
    skipped: int  # lines before the header


def read_csv_rows(
    path: Path, columns: Columns, on_notice: Callable[[Notice], None] | None
) -> Iterator[RawRow | Unreadable]:
    """Every row that is not blank, in the order of the file.

    Raises:
        SourceError: the file cannot be read, or a column is not in its header.
    """
    file = str(path)
    layout = _layout(path, columns, on_notice)
    with _open_text(path, layout.encoding) as text:
        lines = _lines(text, file)
        reader = csv.reader(
            islice(lines, layout.skipped, None), delimiter=layout.delimiter, skipinitialspace=True
        )
        place = _places(file, _header(reader), columns)
        while True:
            line = layout.skipped + reader.line_num + 1
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error:
                yield Unreadable(file=file, line=line, reason=Reason.BROKEN_ROW)
                continue
            if not any(cell.strip() for cell in row):
                continue
            if len(row) <= max(place[columns.case], place[columns.time], place[columns.activity]):
                yield Unreadable(file=file, line=line, reason=Reason.SHORT_ROW)
            else:
                yield _raw(line, row, place, columns)


def _raw(line: int, row: list[str], place: dict[str, int], columns: Columns) -> RawRow:
    def value(name: str | None) -> str:
        return row[place[name]] if name is not None and place[name] < len(row) else ""

    return RawRow(
        line=line,
        case=value(columns.case),
        time=value(columns.time),
        group=value(columns.group),
        activity=value(columns.activity),
        resource=value(columns.resource),
    )


def _layout(path: Path, columns: Columns, on_notice: Callable[[Notice], None] | None) -> _Layout:
    """Encoding and delimiter: the one under which most of the asked columns are in the header."""
    file = str(path)
    encoding = _encoding(path)
    if encoding == "latin-1" and on_notice is not None:
        on_notice(
            Notice(
                file=file,
                sv="Filen är inte UTF-8; den läses som Latin-1.",
                en="The file is not UTF-8; it is read as Latin-1.",
            )
        )
    with _open_text(path, encoding) as text:
        lines = list(islice(_lines(text, file), 200))
    skipped = 0
    while skipped < len(lines) and not lines[skipped].strip():
        skipped += 1
    first = lines[skipped].strip() if skipped < len(lines) else ""
    if first[:4].lower() == "sep=" and first[4:] in _DELIMITERS:  # written for spreadsheets
        return _Layout(encoding, first[4:], skipped + 1)
    head = lines[skipped : skipped + _HEADER_LINES]
    wanted = set(columns.wanted)

    def fit(delimiter: str) -> tuple[int, int]:
        header = _header(csv.reader(head, delimiter=delimiter, skipinitialspace=True))
        return len(wanted.intersection(header)), len(header)

    return _Layout(encoding, max(_DELIMITERS, key=fit), skipped)


def _encoding(path: Path) -> str:
    with open_source(path) as stream:
        utf_16 = stream.peek(2)[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
        encoding = "utf-16" if utf_16 else "utf-8-sig"
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            while chunk := stream.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            if utf_16:
                raise SourceError(
                    str(path), sv="Filen är inte giltig UTF-16.", en="The file is not valid UTF-16."
                ) from error
            return "latin-1"
        return encoding


@contextmanager
def _open_text(path: Path, encoding: str) -> Generator[TextIOWrapper]:
    with open_source(path) as stream, TextIOWrapper(stream, encoding, newline="") as text:
        yield text


def _lines(text: TextIOWrapper, file: str) -> Iterator[str]:
    while line := text.readline(_LONGEST_LINE):
        if len(line) == _LONGEST_LINE:
            raise SourceError(
                file,
                sv="Filen har orimligt långa rader; den är knappast CSV.",
                en="The file has unreasonably long lines; it is hardly CSV.",
            )
        yield line


def _header(reader: Iterator[list[str]]) -> list[str]:
    try:
        return [name.strip() for name in next(reader)]
    except (StopIteration, csv.Error):
        return []


def _places(file: str, header: list[str], columns: Columns) -> dict[str, int]:
    """Where each asked column is; of two with the same name the first."""
    missing = [name for name in columns.wanted if name not in header]
    if missing:
        raise missing_columns(file, missing, [name for name in header if name])
    return {name: header.index(name) for name in columns.wanted}
