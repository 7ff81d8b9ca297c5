"""What is kept of a bench: a table on the screen, JSON, pictures and the page of the docs."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from rich.console import Console
from rich.table import Table

from tests.bench.figures import Figure

DOCS: Final = Path(__file__).parents[2] / "docs"
PAGE: Final = DOCS / "performance.md"
FOLDER: Final = DOCS / "performance"
KEPT: Final = FOLDER / "figures.json"
_BEGIN, _END = "<!-- figures: begin -->", "<!-- figures: end -->"
_OURS, _OTHERS = "#00528c", "#9aa7b1"


def print_figures(figures: Sequence[Figure]) -> None:
    """A table for each bench: value, spread, ratio and what is wanted."""
    console = Console(width=150)
    for bench, rows in by_bench(figures).items():
        table = Table(title=bench, title_justify="left", title_style="bold")
        table.add_column("what")
        table.add_column("median", justify="right")
        table.add_column("least - most", justify="right")
        table.add_column("ratio")
        table.add_column("goal")
        for each in rows:
            table.add_row(each.what, _value(each), _spread(each), _ratio(each), each.goal or "")
        console.print(table)


def keep(machine: Mapping[str, Any], figures: Sequence[Figure]) -> None:
    """Keep the figures of these benches beside those of others that were measured before."""
    before = read_kept() if KEPT.exists() else {}
    now = {
        bench: {"machine": dict(machine), "figures": [asdict(each) for each in rows]}
        for bench, rows in by_bench(figures).items()
    }
    FOLDER.mkdir(exist_ok=True)
    kept = json.dumps(before | now, indent=1, ensure_ascii=False) + "\n"
    KEPT.write_text(kept, encoding="utf-8")


def read_kept() -> dict[str, dict[str, Any]]:
    """What is kept: by bench, the machine and the figures."""
    kept: dict[str, dict[str, Any]] = json.loads(KEPT.read_text(encoding="utf-8"))
    return kept


def write_page() -> None:
    """Draw the pictures and write the tables into the page, all from what is kept."""
    parts: list[str] = []
    for bench, kept in read_kept().items():
        figures = [Figure(**each) for each in kept["figures"]]
        picture = FOLDER / f"{_file_name(bench)}.svg"
        draw(bench, figures, picture)
        parts += [
            f"### {bench}",
            "",
            f"![{bench}](performance/{picture.name})",
            "",
            *_markdown(figures),
            "",
            f"Measured {_told(kept['machine'])}.",
            "",
        ]
    page = PAGE.read_text(encoding="utf-8")
    head, _, rest = page.partition(_BEGIN)
    tail = rest.partition(_END)[2]
    PAGE.write_text("\n".join([f"{head}{_BEGIN}", "", *parts, f"{_END}{tail}"]), encoding="utf-8")


def by_bench(figures: Iterable[Figure]) -> dict[str, list[Figure]]:
    """The figures of each bench, in their order."""
    found: dict[str, list[Figure]] = {}
    for figure in figures:
        found.setdefault(figure.bench, []).append(figure)
    return found


def draw(bench: str, figures: Sequence[Figure], path: Path) -> None:
    """Draw points with an x as curves, all others as bars; one panel for each unit."""
    panels: dict[tuple[bool, str], list[Figure]] = {}
    for figure in figures:
        panels.setdefault((figure.x is not None, figure.unit), []).append(figure)
    heights = [3.0 if curve else 0.5 + 0.28 * len(rows) for (curve, _), rows in panels.items()]
    # With a fixed salt the same figures give the same file, whenever and wherever they are drawn.
    with rc_context(
        {
            "svg.hashsalt": "samsyn",
            "font.size": 9,
            "axes.spines.top": False,
            "axes.spines.right": False,
        }
    ):
        drawing = Drawing(figsize=(8, sum(heights) + 0.5 * len(panels)), layout="constrained")
        axes = drawing.subplots(len(panels), 1, height_ratios=heights, squeeze=False)
        drawing.suptitle(bench, x=0.01, ha="left", fontsize=11)
        for ((curve, unit), rows), axis in zip(panels.items(), axes[:, 0], strict=True):
            (_curves if curve else _bars)(axis, rows)
            (axis.set_ylabel if curve else axis.set_xlabel)(unit)
        drawing.savefig(path, format="svg", metadata={"Date": None})
    # The library leaves blanks at the ends of lines.
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"[ \t]+\n", "\n", text), encoding="utf-8")


def _bars(axis: Axes, rows: Sequence[Figure]) -> None:
    places = range(len(rows), 0, -1)
    ours = [_OURS if each.ratio or each.goal else _OTHERS for each in rows]
    bars = axis.barh(places, [each.value for each in rows], color=ours)
    axis.set_yticks(places, [each.what for each in rows])
    axis.bar_label(bars, labels=[f" {_number(each.value)}" for each in rows])
    axis.margins(x=0.15)


def _curves(axis: Axes, rows: Sequence[Figure]) -> None:
    for series in dict.fromkeys(each.series or each.what for each in rows):
        points = [each for each in rows if (each.series or each.what) == series]
        axis.plot([p.x or 0.0 for p in points], [p.value for p in points], marker="o", label=series)
    axis.set_xscale("log")
    axis.set_ylim(bottom=0)
    axis.legend(frameon=False)


def _markdown(figures: Sequence[Figure]) -> list[str]:
    lines = [
        "| what | median | least - most | ratio | goal | what it means |",
        "| --- | ---: | ---: | --- | --- | --- |",
    ]
    for each in figures:
        cells = (each.what, _value(each), _spread(each), _ratio(each), each.goal, each.means)
        lines.append(f"| {' | '.join(cell or '' for cell in cells)} |")
    return lines


def _told(machine: Mapping[str, Any]) -> str:
    return (
        f"{machine['measured_at']} at {machine['commit']}: {machine['processor']}, "
        f"{machine['cores']} cores, {machine['memory_gib']} GiB, {machine['system']}, "
        f"Python {machine['python']}, load {machine['load_before']} before"
        # Not known of what was measured before this was kept.
        + (f", a loop of 2,000,000 turns {machine['loop_ms']} ms" if "loop_ms" in machine else "")
    )


def _value(figure: Figure) -> str:
    return f"{_number(figure.value)} {figure.unit}"


def _spread(figure: Figure) -> str:
    if figure.low is None or figure.high is None:
        return ""
    return f"{_number(figure.low)} - {_number(figure.high)}"


def _ratio(figure: Figure) -> str:
    return f"{figure.ratio:.2f} x {figure.against}" if figure.ratio is not None else ""


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.1f}"


def _file_name(bench: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", bench.lower()).strip("-")
