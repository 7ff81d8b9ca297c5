"""Measures Samsyn on this machine against what a team would take instead; judges nothing."""

import argparse
import importlib
import sys
import tempfile
from pathlib import Path
from typing import Final

from service.logging import configure_logging
from tests.bench import report
from tests.bench.figures import Figure, machine

BENCHES: Final = (
    "appends",
    "appends_sqlite",
    "encoding",
    "commands",
    "lag",
    "imports",
    "pages",
    "desk",
    "reads",
    "long_queue",
    "access",
    "audit",
    "rebuild",
    "curve",
    "sizes",
    "scale",
)
"""Modules of this folder, each with ``run(folder, rounds) -> list[Figure]``, in this order."""


def main() -> None:
    """Run the benches that are asked for, print them, keep them and write the page of the docs."""
    asked = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    asked.add_argument("only", nargs="*", choices=[[], *BENCHES], help="all if left out")
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--print-only", action="store_true", help="leave docs/ as it is")
    given = asked.parse_args()
    configure_logging(level="critical")  # stories are refused things on purpose
    for name in given.only or BENCHES:
        here = machine()
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        bench = importlib.import_module(f"tests.bench.{name}")
        with tempfile.TemporaryDirectory(prefix="samsyn-bench-") as folder:
            figures: list[Figure] = bench.run(Path(folder), given.rounds)
        report.print_figures(figures)
        if not given.print_only:
            # Kept at once: a later bench that fails must not cost what was measured.
            report.keep(here, figures)
            report.write_page()


if __name__ == "__main__":
    main()
