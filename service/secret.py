"""The secret that signs form tokens: a setting where several processes share it, else a file."""

import os
import secrets
from pathlib import Path

NAME = "secret"
BYTES = 32


def secret_of(setting: str | None, data_dir: Path) -> str:
    """The setting if there is one; else the file's content, made on the first start."""
    if setting:
        return setting
    path = data_dir / NAME
    data_dir.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii")
    with os.fdopen(handle, "w", encoding="ascii") as file:
        made = secrets.token_hex(BYTES)
        file.write(made)
    return made
