"""The locks: exact versions with hashes, no server address, in step with pyproject.toml."""

import re
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.repository import PYPROJECT, ROOT

LOCKS = ("runtime", "build", "dev")
PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(\[[^\]]+\])?==(?P<version>[^\s;]+)", re.MULTILINE)


def _text(lock: str) -> str:
    return (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8")


def _pins(lock: str) -> dict[str, str]:
    return {canonicalize_name(m["name"]): m["version"] for m in PIN.finditer(_text(lock))}


def _group(name: str) -> list[Requirement]:
    entries: list[Any] = PYPROJECT["dependency-groups"][name]
    return [Requirement(entry) for entry in entries if isinstance(entry, str)]


def _wanted(lock: str) -> list[Requirement]:
    runtime = [Requirement(entry) for entry in PYPROJECT["project"]["dependencies"]]
    if lock == "runtime":
        return runtime
    return _group("build") + (runtime + _group("dev") if lock == "dev" else [])


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_names_no_server_and_no_path(lock: str) -> None:
    suspicious = re.compile(r"://|^\s*-(?!-hash=sha256:)|@ |file:|^[./]", re.MULTILINE)
    assert suspicious.findall(_text(lock)) == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_version_has_its_hash(lock: str) -> None:
    blocks = re.split(r"\n(?=[A-Za-z0-9])", _text(lock))
    assert [block.splitlines()[0] for block in blocks if "--hash=sha256:" not in block] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_is_in_step_with_pyproject(lock: str) -> None:
    pins = _pins(lock)
    stale = [
        str(wanted)
        for wanted in _wanted(lock)
        if pins.get(canonicalize_name(wanted.name), "0") not in wanted.specifier
    ]
    assert stale == [], "run make lock"


@pytest.mark.parametrize("lock", ["runtime", "build"])
def test_smaller_lock_agrees_with_the_large_one(lock: str) -> None:
    large = _pins("dev")
    assert {n: v for n, v in _pins(lock).items() if large.get(n) != v} == {}
