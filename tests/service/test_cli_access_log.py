"""The commands for the access logs: the keys of what was searched for are shown by id alone."""

from pathlib import Path

import pytest

from tests.service.command_line import CommandLine


@pytest.fixture
def key_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "keys" / "access.key"
    monkeypatch.setenv("SAMSYN_ACCESS_KEY", str(path))
    return path


def test_a_key_is_added_and_the_old_one_destroyed(sqlite_url: str, key_file: Path) -> None:
    samsyn = CommandLine(sqlite_url)
    assert samsyn.text("access-log", "key") == ""
    (first,) = samsyn.text("access-log", "key", "--add").split()
    assert "besides the one in use" in samsyn.mistake("access-log", "key", "--destroy", first)
    second = samsyn.text("access-log", "key", "--add").split()[-1]
    assert samsyn.text("access-log", "key", "--destroy", first).split() == [second]
    assert first not in key_file.read_text(encoding="utf-8")
