"""Every package we ask for has a line in docs/dependencies.md, and every line a package."""

import json
import re

from packaging.requirements import Requirement

from tests.architecture.repository import PYPROJECT, ROOT


def test_every_direct_dependency_is_explained() -> None:
    assert _asked_for() - _explained() == set()


def test_no_line_explains_a_package_that_is_gone() -> None:
    assert _explained() - _asked_for() == set()


def _asked_for() -> set[str]:
    groups = PYPROJECT["dependency-groups"].values()
    entries = [
        *PYPROJECT["project"]["dependencies"],
        *(entry for group in groups for entry in group),
    ]
    ours = {Requirement(entry).name for entry in entries if isinstance(entry, str)}
    npm = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    return ours | set(npm["dependencies"])


def _explained() -> set[str]:
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    lines = re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)
    return {name.partition("[")[0] for line in lines for name in re.findall(r"`([^`]+)`", line)}
