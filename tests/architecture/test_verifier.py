"""The offline verifier is one short file that needs nothing of ours: an agency reads all of it."""

import ast
import sys
from typing import Final

from tests.architecture.repository import ROOT

VERIFIER: Final = ROOT / "infra" / "audit" / "verify.py"
MOST_LINES: Final = 400


def test_the_verifier_imports_the_standard_library_and_cryptography_only() -> None:
    tree = ast.parse(VERIFIER.read_text(encoding="utf-8"))
    imported: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                imported |= {each.name.partition(".")[0] for each in names}
            case ast.ImportFrom(module=module, level=level):
                assert module is not None
                assert level == 0
                imported.add(module.partition(".")[0])
            case _:
                pass
    assert imported - sys.stdlib_module_names == {"cryptography"}
    assert not {"importlib", "runpy"} & imported


def test_the_verifier_can_be_read_in_an_hour() -> None:
    assert len(VERIFIER.read_text(encoding="utf-8").splitlines()) <= MOST_LINES
