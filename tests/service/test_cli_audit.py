"""The commands for the audit log's keys: made once, shown without the secret, replaced by two."""

from pathlib import Path

import pytest

from infra.audit.note import PublicKey
from tests.service.command_line import CommandLine


@pytest.fixture
def key_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "keys" / "audit.key"
    monkeypatch.setenv("SAMSYN_AUDIT_KEY", str(path))
    monkeypatch.setenv("SAMSYN_AUDIT_NAME", "audit.example")
    return path


def test_the_key_is_made_once_and_its_public_part_shown(sqlite_url: str, key_file: Path) -> None:
    samsyn = CommandLine(sqlite_url)
    shown = samsyn.text("audit", "key").splitlines()
    assert samsyn.text("audit", "key").splitlines() == shown
    (line,) = shown
    assert PublicKey.parse(line).name.startswith("audit.example/issues/")
    secret = key_file.read_text(encoding="utf-8").splitlines()[-1].split("+", 4)[4]
    assert secret not in samsyn.run("audit", "key").output


def test_a_key_is_replaced(sqlite_url: str, key_file: Path) -> None:
    samsyn = CommandLine(sqlite_url)
    made = samsyn.run("audit", "key").stderr
    old_id = made.splitlines()[-1].removesuffix(".").rpartition(" ")[2]
    before = samsyn.text("audit", "key").split()
    both = samsyn.text("audit", "key", "--add").split()
    assert both[:1] == before
    assert len(both) == 2
    assert samsyn.text("audit", "key", "--retire", old_id).split() == both[1:]
    assert old_id in samsyn.mistake("audit", "key", "--retire", old_id)


def test_a_file_that_others_can_read_is_refused(sqlite_url: str, key_file: Path) -> None:
    samsyn = CommandLine(sqlite_url)
    samsyn.text("audit", "key")
    key_file.chmod(0o644)
    assert "chmod 600" in samsyn.failure("audit", "key")


def test_without_anything_sealed_there_is_no_policy(sqlite_url: str, key_file: Path) -> None:
    assert "Nothing is sealed yet" in CommandLine(sqlite_url).failure("audit", "policy")
