"""What browsers get from npm packages: locked by hash, from no named server, with its licences."""

import base64
import hashlib
import io
import json
import re
import shutil
import tarfile
import threading
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from requirements.browser_files import WANTED, NotBrought, bring
from tests.architecture.repository import ROOT

LOCK: dict[str, Any] = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
LOCKED: dict[str, dict[str, Any]] = {path: each for path, each in LOCK["packages"].items() if path}
NAME = "htmx.org"


class _Silent(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  its own name for it
        """Say nothing."""


@contextmanager
def a_registry(folder: Path) -> Generator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Silent, directory=folder)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def a_package(folder: Path, files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for path, content in files.items():
            member = tarfile.TarInfo(f"package/{path}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    place = folder / NAME / "-"
    place.mkdir(parents=True, exist_ok=True)
    (place / f"{NAME}-1.0.0.tgz").write_bytes(packed.getvalue())
    return packed.getvalue()


def a_project(folder: Path, archive: bytes) -> Path:
    (folder / "service" / "static").mkdir(parents=True)
    integrity = "sha512-" + base64.b64encode(hashlib.sha512(archive).digest()).decode()
    packages = {"": {}, f"node_modules/{NAME}": {"version": "1.0.0", "integrity": integrity}}
    (folder / "package.json").write_text("{}")
    (folder / "package-lock.json").write_text(json.dumps({"packages": packages}))
    return folder


def wanted() -> dict[str, bytes]:
    return {path: path.encode() for path in WANTED[NAME]} | {"LICENSE": b"Free."}


def test_lock_has_hashes_and_names_no_server() -> None:
    assert [path for path, each in LOCKED.items() if "sha512-" not in each["integrity"]] == []
    assert [path for path, each in LOCKED.items() if "resolved" in each] == []
    asked = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["dependencies"]
    assert asked == {name: LOCKED[f"node_modules/{name}"]["version"] for name in asked}
    assert set(asked) == set(WANTED)


def test_every_file_is_here_with_the_licence_of_its_package() -> None:
    vendor = bring()
    ours = {name for files in WANTED.values() for name in files.values()}
    licences = {f"{re.sub('^@', '', path[13:]).replace('/', '-')}.txt" for path in LOCKED}
    assert {each.name for each in vendor.iterdir()} == ours | {"licences", ".brought"}
    assert {each.name for each in (vendor / "licences").iterdir()} == licences


def test_files_come_from_the_registry_that_npm_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = a_project(tmp_path / "project", a_package(tmp_path / "registry", wanted()))
    monkeypatch.setenv("PATH", "")
    with a_registry(tmp_path / "registry") as address:
        monkeypatch.setenv("npm_config_registry", address)
        vendor = bring(root)
    assert (vendor / "htmx.js").read_bytes() == b"dist/htmx.min.js"
    shutil.rmtree(tmp_path / "registry")
    assert bring(root) == vendor, "brought once, nobody is asked again"


def test_an_archive_that_is_not_the_locked_one_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = a_project(tmp_path / "project", a_package(tmp_path / "registry", wanted()))
    a_package(tmp_path / "registry", wanted() | {"dist/htmx.min.js": b"something else"})
    monkeypatch.setenv("PATH", "")
    with a_registry(tmp_path / "registry") as address:
        monkeypatch.setenv("npm_config_registry", address)
        with pytest.raises(NotBrought, match=r"not what package-lock\.json says"):
            bring(root)
    assert not (root / "service" / "static" / "vendor").exists()


def test_packages_that_npm_has_installed_are_taken_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = a_project(tmp_path / "project", b"")
    for path, content in (wanted() | {"package.json": b'{"version": "1.0.0"}'}).items():
        file = root / "node_modules" / NAME / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    monkeypatch.setenv("PATH", "")
    assert (bring(root) / "licences" / "htmx.org.txt").read_bytes() == b"Free."


def test_nobody_to_ask_is_said_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = a_project(tmp_path, b"")
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("npm_config_registry", raising=False)
    monkeypatch.delenv("NPM_CONFIG_REGISTRY", raising=False)
    with pytest.raises(NotBrought, match=r"Set npm_config_registry, or install npm\."):
        bring(root)
