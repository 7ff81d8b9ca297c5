"""Brings the files that browsers get from npm packages: `python requirements/browser_files.py`.

Standard library only, so that a build needs no Node. The versions and their hashes stand in
package-lock.json; which registry they come from is the machine's own business (npm's settings).
"""

import base64
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from urllib.error import URLError

ROOT: Final = Path(__file__).resolve().parents[1]
SECONDS: Final = 30

WANTED: Final[Mapping[str, Mapping[str, str]]] = {
    "@digdir/designsystemet-css": {
        "dist/src/index.css": "designsystemet.css",
        "dist/theme/designsystemet.css": "designsystemet-theme.css",
    },
    "@fontsource-variable/inter": {"files/inter-latin-wght-normal.woff2": "inter.woff2"},
    "htmx.org": {"dist/htmx.min.js": "htmx.js", "dist/ext/hx-sse.min.js": "hx-sse.js"},
}
"""By package: the files in it that we serve, and their names here; every licence comes along."""
LICENCE: Final = re.compile(r"(licen[cs]e|notice|copying)(\.\w+)?", re.IGNORECASE)
STAMP: Final = ".brought"


class NotBrought(Exception):
    """The files are not here and could not be fetched; the text says what to do."""


def bring(root: Path = ROOT) -> Path:
    """Have every wanted file in service/static/vendor; does nothing when they are there.

    Raises:
        NotBrought: neither the registry nor npm gave them.
    """
    vendor = root / "service" / "static" / "vendor"
    lock = (root / "package-lock.json").read_bytes()
    stamp = hashlib.sha256(lock + repr(WANTED).encode()).hexdigest()
    if _read(vendor / STAMP) == stamp:
        return vendor
    locked: dict[str, dict[str, Any]] = json.loads(lock)["packages"]
    with TemporaryDirectory(dir=vendor.parent, prefix=".vendor-") as folder:
        fresh = Path(folder) / "vendor"
        _gather(root, locked, fresh)
        (fresh / STAMP).write_text(stamp, encoding="utf-8")
        # Whole or not at all: another process may be bringing the same.
        shutil.rmtree(vendor, ignore_errors=True)
        try:
            fresh.rename(vendor)
        except OSError:
            if _read(vendor / STAMP) != stamp:
                raise
    return vendor


def _gather(root: Path, locked: Mapping[str, Mapping[str, Any]], into: Path) -> None:
    if _installed(root, locked):
        for name in _names(locked):
            _take(name, _of_folder(root / "node_modules" / name), into)
        return
    try:
        registry = _registry(root)
        for name in _names(locked):
            entry = locked[f"node_modules/{name}"]
            archive = _download(registry, name, entry["version"])
            _check(name, archive, entry["integrity"])
            _take(name, _of_archive(archive), into)
    except (URLError, OSError, NotBrought) as error:
        _by_npm(root, locked, into, error)


def _by_npm(
    root: Path, locked: Mapping[str, Mapping[str, Any]], into: Path, why: Exception
) -> None:
    """What npm can reach and we cannot: a registry that asks who one is."""
    npm = shutil.which("npm")
    if npm is None:
        raise NotBrought(f"{why}. Set npm_config_registry, or install npm.") from why
    shutil.rmtree(into, ignore_errors=True)
    with TemporaryDirectory() as folder:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(root / name, folder)
        done = subprocess.run(  # noqa: S603  npm itself, told nothing from outside
            [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=folder,
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise NotBrought(f"{why}; npm ci: {done.stderr.strip()[-500:]}") from why
        for name in _names(locked):
            _take(name, _of_folder(Path(folder) / "node_modules" / name), into)


def _names(locked: Mapping[str, Any]) -> list[str]:
    return [path.removeprefix("node_modules/") for path in locked if path]


def _installed(root: Path, locked: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether somebody has run `npm ci` here with this very lock, as the image's build does."""
    for name in _names(locked):
        found = _read(root / "node_modules" / name / "package.json")
        if not found or json.loads(found)["version"] != locked[f"node_modules/{name}"]["version"]:
            return False
    return True


def _registry(root: Path) -> str:
    """Where npm would fetch from."""
    for name in ("npm_config_registry", "NPM_CONFIG_REGISTRY"):
        if os.environ.get(name):
            return os.environ[name]
    npm = shutil.which("npm")
    if npm is None:
        raise NotBrought("No npm registry is known")
    asked = subprocess.run(  # noqa: S603  as above
        [npm, "config", "get", "registry"], cwd=root, check=True, capture_output=True, text=True
    )
    return asked.stdout.strip()


def _download(registry: str, name: str, version: str) -> bytes:
    if not registry.startswith(("https://", "http://")):
        raise NotBrought("The npm registry's address is no web address")
    file = f"{name.rpartition('/')[2]}-{version}.tgz"
    address = f"{registry.rstrip('/')}/{name}/-/{file}"
    with urllib.request.urlopen(address, timeout=SECONDS) as answer:  # noqa: S310  http, as checked
        content: bytes = answer.read()
    return content


def _check(name: str, archive: bytes, integrity: str) -> None:
    kind, _, expected = integrity.partition("-")
    found = base64.b64encode(hashlib.new(kind, archive).digest()).decode()
    if found != expected:
        raise NotBrought(f"{name}: what the registry gave is not what package-lock.json says")


def _of_archive(archive: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
        return {
            member.name.partition("/")[2]: content.read()
            for member in tar
            if (content := tar.extractfile(member)) is not None
        }


def _of_folder(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def _take(name: str, content: Mapping[str, bytes], into: Path) -> None:
    licences = {path: text for path, text in content.items() if LICENCE.fullmatch(path)}
    if not licences:
        raise NotBrought(f"{name} carries no licence")
    flat = name.removeprefix("@").replace("/", "-")
    (into / "licences").mkdir(parents=True, exist_ok=True)
    (into / "licences" / f"{flat}.txt").write_bytes(b"\n".join(licences.values()))
    for path, ours in WANTED.get(name, {}).items():
        (into / ours).write_bytes(content[path])


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


if __name__ == "__main__":
    try:
        sys.stdout.write(f"{bring().relative_to(ROOT)}: complete\n")
    except NotBrought as error:
        sys.exit(f"The browser's files are missing. {error}")
