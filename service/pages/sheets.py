"""Tables to take along: as CSV that a Swedish Excel opens, and as Excel files with sheets.

What people wrote stands in these tables. A text that begins like a formula would be carried out by
whoever opens the file, so no text is written as one.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO, StringIO
from typing import Any, Final, TypeAlias

import xlsxwriter  # type: ignore[import-untyped]  # it comes without a py.typed
from litestar import Response
from litestar.exceptions import NotFoundException

from domain.working_days import LOCAL_ZONE

Value: TypeAlias = str | int | float | datetime | date | None

CSV: Final = "text/csv"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
"""How a cell begins that a spreadsheet may take for something to carry out."""
_MOST_NAME: Final = 31
_WIDEST: Final = 60
_BOM: Final = "\ufeff"
"""By it Excel knows that the file is UTF-8."""


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One table: its name, the words of its columns, and its rows."""

    name: str
    header: Sequence[str]
    rows: Sequence[Sequence[Value]]


def as_csv(sheet: Sheet) -> bytes:
    """Parted by semicolons, with decimal commas: as Excel with Swedish settings reads it."""
    out = StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(map(_said, sheet.header))
    writer.writerows(map(_said, row) for row in sheet.rows)
    return (_BOM + out.getvalue()).encode()


def as_xlsx(sheets: Sequence[Sheet]) -> bytes:
    """A workbook with a sheet for each table; times are those of Göteborg."""
    out = BytesIO()
    safe = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    workbook: Any = xlsxwriter.Workbook(out, {"in_memory": True, **safe})
    with workbook as book:
        formats = {
            "head": book.add_format({"bold": True, "bottom": 1}),
            datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
            date: book.add_format({"num_format": "yyyy-mm-dd"}),
            float: book.add_format({"num_format": "0.00"}),
        }
        for sheet in sheets:
            page = book.add_worksheet(sheet.name[:_MOST_NAME])
            _fill(page, sheet, formats)
    return out.getvalue()


def download(content: bytes, name: str, media_type: str) -> Response[bytes]:
    """The file as an answer; like the page it is not to be kept by caches."""
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }
    return Response(content, media_type=media_type, headers=headers)


def in_form(sheets: Sequence[Sheet], name: str, form: str) -> Response[bytes]:
    """All tables as a workbook, or the first of them as CSV.

    Raises:
        NotFoundException: it is another form.
    """
    match form:
        case "xlsx":
            return download(as_xlsx(sheets), f"{name}.xlsx", XLSX)
        case "csv":
            return download(as_csv(sheets[0]), f"{name}.csv", CSV)
        case _:
            raise NotFoundException


def _fill(page: Any, sheet: Sheet, formats: dict[Any, Any]) -> None:  # noqa: ANN401  a worksheet, which the library does not export
    for column, words in enumerate(sheet.header):
        page.write_string(0, column, words, formats["head"])
        longest = max((len(str(row[column])) for row in sheet.rows), default=0)
        page.set_column(column, column, min(max(longest, len(words)) + 2, _WIDEST))
    for number, row in enumerate(sheet.rows, start=1):
        for column, value in enumerate(row):
            _write(page, number, column, value, formats)
    page.freeze_panes(1, 0)
    if sheet.rows:
        page.autofilter(0, 0, len(sheet.rows), len(sheet.header) - 1)


def _write(page: Any, row: int, column: int, value: Value, formats: dict[Any, Any]) -> None:  # noqa: ANN401  as above
    match value:
        case None:
            return
        case datetime():
            local = value.astimezone(LOCAL_ZONE).replace(tzinfo=None)
            page.write_datetime(row, column, local, formats[datetime])
        case date():
            page.write_datetime(row, column, value, formats[date])
        case str():
            page.write_string(row, column, value)
        case _:
            page.write_number(row, column, value, formats.get(type(value)))


def _said(value: Value) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return f"{value.astimezone(LOCAL_ZONE):%Y-%m-%d %H:%M}"
        case float():
            return f"{value:.2f}".replace(".", ",")
        case str() if value.startswith(_FORMULA):
            return f"'{value}"
        case _:
            return str(value)
