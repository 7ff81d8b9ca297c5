"""The secret that signs form tokens: a setting where several processes share it, else a file."""

import contextlib
import os
import secrets
import tempfile
from pathlib import Path

NAME = "secret"
BYTES = 32


def secret_of(setting: str | None, data_dir: Path) -> str:
    """The setting if there is one; else the file's content, made on the first start."""
    if setting:
        return setting
    path = data_dir / NAME
    data_dir.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        _make(path)
    return path.read_text(encoding="ascii")


def _make(path: Path) -> None:
    """Several processes may start at once: the file appears whole, and the first one counts."""
    handle, made = tempfile.mkstemp(dir=path.parent, prefix=NAME)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(BYTES))
        with contextlib.suppress(FileExistsError):
            os.link(made, path)
    finally:
        Path(made).unlink()
