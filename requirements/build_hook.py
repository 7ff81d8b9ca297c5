"""Has the browser's files in place before a wheel is built or the project is installed."""

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class BrowserFiles(BuildHookInterface[Any]):
    """Called by hatchling; pyproject.toml names this file."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  hatchling's own
        """Fetch what is missing."""
        root = Path(self.root)
        runpy.run_path(str(root / "requirements" / "browser_files.py"))["bring"](root)
