"""Writes the files that imports read: notices of the police and logs of handovers."""

import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from service.imports.log_rows import LogFile

HEADER = ("case", "time", "group", "activity", "resource")


def a_notice(**changes: Any) -> dict[str, Any]:
    """A notice in the API's own form, with whatever is said otherwise."""
    return {
        "id": 376321,
        "datetime": "2022-10-16 6:13:32 +02:00",
        "name": "16 oktober 03:25, Stöld, Göteborg",
        "summary": "En cykel stals på Karl Johansgatan.",
        "url": "/aktuellt/handelser/2022/oktober/16/",
        "type": "Stöld",
        "location": {"name": "Göteborg", "gps": "57.70887,11.97456"},
    } | changes


def write_notices(path: Path, *notices: Any) -> Path:
    """One notice a line; what is no dictionary is written as it is."""
    lines = (each if isinstance(each, str) else json.dumps(each) for each in notices)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def write_versions(path: Path, external_id: int, *versions: tuple[str, dict[str, Any]]) -> Path:
    """All versions of one notice, each with the time at which it was seen."""
    told = [{"seen_at": seen_at, "event": event} for seen_at, event in versions]
    return write_notices(path, {"id": external_id, "versions": told})


def write_log(path: Path, rows: Iterable[Sequence[str]], header: Sequence[str] = HEADER) -> LogFile:
    """A CSV log, ready to be imported."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
    return log_file(path)


def log_file(path: Path, **changes: Any) -> LogFile:
    """The log in a file that has our header."""
    columns: dict[str, Any] = {
        "path": path,
        "name": path.name.partition(".")[0],
        **{name: name for name in HEADER},
    }
    return LogFile(**(columns | changes))
