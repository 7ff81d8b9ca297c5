"""The shape of the source: folders, module names, module sizes and first lines."""

import ast
import sys
from pathlib import Path

import pytest

from tests.architecture.repository import ROOT, committed, python_files, syntax

TOP_FOLDERS = {
    ".ci", "docs", "domain", "infra", "projections", "requirements", "service", "tests",
}  # fmt: skip
TOP_FILES = {
    ".dockerignore", ".editorconfig", ".gitignore", ".pre-commit-config.yaml", "CHANGELOG.md",
    "CONTRIBUTING.md", "Containerfile", "Makefile", "README.md", "compose.yaml",
    "package-lock.json", "package.json", "pyproject.toml",
}  # fmt: skip

SOURCE = {".py", ".sh", ".js", ".css", ".html", ".sql", ".toml"}
LONGEST = 400

# Names that say nothing about what is inside; such a module grows into a drawer for everything.
EMPTY_WORDS = {
    "util", "utils", "helper", "helpers", "common", "manager", "managers", "base", "misc",
}  # fmt: skip

# The log library is behind infra; the domain sees only its aggregates.
DOMAIN_MAY_IMPORT = ("domain", "eventsourcing.domain", "eventsourcing.utils")


def test_top_level_is_what_the_architecture_names() -> None:
    folders = {path.parts[0] for path in committed() if len(path.parts) > 1}
    files = {path.name for path in committed() if len(path.parts) == 1}
    assert folders - TOP_FOLDERS == set()
    assert files - TOP_FILES == set()


def test_no_source_file_is_longer_than_400_lines() -> None:
    lengths = {
        str(path): len((ROOT / path).read_text(encoding="utf-8").splitlines())
        for path in committed()
        if path.suffix in SOURCE
    }
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST} == {}


def test_no_module_has_a_name_that_says_nothing() -> None:
    empty = [
        str(path)
        for path in committed()
        for part in path.parts
        if EMPTY_WORDS & set(Path(part).stem.lower().replace("-", "_").split("_"))
    ]
    assert empty == []


@pytest.mark.parametrize("path", python_files(), ids=str)
def test_module_begins_with_what_it_is_for(path: Path) -> None:
    docstring = ast.get_docstring(syntax(path)) or ""
    first = docstring.partition("\n")[0]
    assert first.endswith("."), "one sentence on the first line"
    assert len(first.split()) > 2, "a sentence, not a title"


@pytest.mark.parametrize("path", python_files("domain"), ids=str)
def test_domain_imports_only_itself_and_its_aggregates(path: Path) -> None:
    foreign = [name for name in _imports(syntax(path)) if not _domain_may_import(name)]
    assert foreign == []


def _imports(tree: ast.Module) -> list[str]:
    names: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names.append("domain" if node.level else node.module or "")
    return names


def _domain_may_import(name: str) -> bool:
    if name.partition(".")[0] in sys.stdlib_module_names:
        return True
    return any(name == allowed or name.startswith(allowed + ".") for allowed in DOMAIN_MAY_IMPORT)
