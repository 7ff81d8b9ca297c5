"""Every committed file passes the check that the pre-commit hook makes, and the check works."""

from pathlib import Path

import pytest

from tests.architecture.committed_files import faults
from tests.architecture.repository import ROOT, committed


def test_every_committed_file_may_be_committed() -> None:
    assert [sentence for path in committed() for sentence in faults(ROOT / path)] == []


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ("-----BEGIN RSA " + "PRIVATE KEY-----\n", "private key"),
        ("postgresql://samsyn:" + "hunter2hunter2" + "@db/samsyn\n", "password"),
        ("one\r\ntwo\r\n", "CRLF"),
        ("no end", "end of line"),
    ],
)
def test_fault_is_found(tmp_path: Path, content: str, word: str) -> None:
    path = tmp_path / "file.txt"
    path.write_text(content, encoding="utf-8", newline="")
    assert [word in sentence for sentence in faults(path)] == [True]


def test_address_without_a_password_is_none(tmp_path: Path) -> None:
    path = tmp_path / "compose.yaml"
    path.write_text(
        "url: postgresql://samsyn:${PASSWORD:?choose one}@db/samsyn\n", encoding="utf-8"
    )
    assert faults(path) == []
