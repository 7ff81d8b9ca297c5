"""How the command line shows things: tables and JSON on standard output, progress beside it."""

import json
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from projections.progress import Progress

as_json = click.option("--json", "json_", is_flag=True, help="Print JSON, for programs.")


def print_json(value: object) -> None:
    """Print a value that is made of plain JSON values."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=1))


def print_table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows in columns; numbers to the right."""
    lines = [[_cell(cell) for cell in row] for row in (header, *rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    numeric = [
        bool(rows) and all(isinstance(row[i], int | float) for row in rows)
        for i in range(len(header))
    ]
    for line in lines:
        cells = (
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(line, widths, numeric, strict=True)
        )
        click.echo("  ".join(cells).rstrip())


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.1f}"
    return "" if value is None else str(value)


class Bars:
    """One bar for each thing that is being done; silent where nobody watches."""

    def __init__(self, shown: Any) -> None:  # noqa: ANN401  rich's Progress, imported when needed
        self._shown = shown
        self._tasks: dict[str, Any] = {}

    def show(self, what: str, done: int, total: int | None) -> None:
        """So much of it is done."""
        if self._shown is None:
            return
        if what not in self._tasks:
            self._tasks[what] = self._shown.add_task(what, total=total)
        self._shown.update(self._tasks[what], completed=done, total=total)

    def show_progress(self, progress: "Progress") -> None:
        """As `show`, for a run over the log."""
        what = "read models" if "," in progress.name else progress.name
        self.show(what, progress.done, progress.total)


@contextmanager
def bars() -> Generator[Bars]:
    """Progress bars on standard error while something long is done, if it is a terminal."""
    if not sys.stderr.isatty():
        yield Bars(None)
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        Task,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class _Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            speed = task.finished_speed or task.speed
            return Text(f"{speed:,.0f}/s" if speed else "")

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    ) as shown:
        yield Bars(shown)
