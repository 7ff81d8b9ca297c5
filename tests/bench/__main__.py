"""Measures Samsyn on this machine against plain ways of doing the same; judges nothing."""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.bench import appends, imports, pages
from tests.bench.figures import Figure, keep, machine, print_figures

BENCHES = {"imports": imports.run, "appends": appends.run, "pages": pages.run}
KEPT = Path("var/bench.json")


def main() -> None:
    """Run the benches that are asked for."""
    asked = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    asked.add_argument("only", nargs="*", choices=[[], *BENCHES], help="all if left out")
    asked.add_argument("--rounds", type=int, default=3)
    given = asked.parse_args()
    print(f"{machine()}", file=sys.stderr)
    figures: list[Figure] = []
    for name in given.only or BENCHES:
        print(f"measuring {name} …", file=sys.stderr)
        with tempfile.TemporaryDirectory(prefix="samsyn-bench-") as folder:
            figures += BENCHES[name](Path(folder), given.rounds)
    print_figures(figures)
    keep(figures, KEPT)
    print(f"\nKept in {KEPT}.")


if __name__ == "__main__":
    main()
