"""What the architecture tests look at: the repository's root, its files and its settings."""

import ast
import subprocess
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("service", "projections", "infra", "domain")

PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def committed() -> list[Path]:
    """Every file of the repository that is in git, relative to its root, where it still exists."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    return [Path(name) for name in listed.split("\0") if name and (ROOT / name).exists()]


def python_files(*folders: str) -> list[Path]:
    """The committed modules in these top-level folders (all when none is named)."""
    return [
        path
        for path in committed()
        if path.suffix == ".py" and (not folders or path.parts[0] in folders)
    ]


def syntax(path: Path) -> ast.Module:
    """The syntax tree of one committed module."""
    return ast.parse((ROOT / path).read_text(encoding="utf-8"), filename=str(path))
