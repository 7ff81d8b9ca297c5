"""Files with secret keys: seen by their owner alone, written whole or not at all."""

import os
from pathlib import Path
from typing import Final

_MODE: Final = 0o600
_OTHERS: Final = 0o077


class KeyFileUnusable(Exception):
    """A file of keys cannot be used; the sentence says what to do."""


def read_lines(path: Path) -> list[str] | None:
    """The lines of a file without its comments, None where there is none.

    Raises:
        KeyFileUnusable: it cannot be read, or others may read it too.
    """
    try:
        mode = path.stat().st_mode
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise KeyFileUnusable(f"{path} cannot be read ({type(error).__name__}).") from error
    if mode & _OTHERS:
        raise KeyFileUnusable(f"{path} can be read by others: chmod 600 {path}.")
    return [line for line in lines if line and not line.startswith("#")]


def write_new(path: Path, text: str) -> None:
    """Never seen by others, not even for a moment, and never instead of one that is there.

    Raises:
        FileExistsError: another process made the file at the same moment.
    """
    made = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        _write(made, text)
        os.link(made, path)
    finally:
        made.unlink(missing_ok=True)


def replace(path: Path, text: str) -> None:
    """Another content in place of the one that is there."""
    made = path.with_name(f"{path.name}.{os.getpid()}.new")
    _write(made, text)
    made.replace(path)


def add_line(path: Path, line: str, *, begun_with: str | None) -> None:
    """Add a line at the end; ``begun_with`` are the first lines of a file that is not there yet.

    Raises:
        KeyFileUnusable: the folder cannot be written to.
        FileExistsError: another process made the file at the same moment.
    """
    try:
        if begun_with is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_new(path, f"{begun_with}{line}\n")
        else:
            replace(path, f"{path.read_text(encoding='utf-8')}{line}\n")
    except FileExistsError:
        raise
    except OSError as error:
        raise KeyFileUnusable(f"{path} cannot be written ({error.strerror}).") from error


def as_of(path: Path) -> tuple[int, ...]:
    """What is another one when the file is another one; empty where there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return ()
    return found.st_ino, found.st_mtime_ns, found.st_size, found.st_mode


def _write(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
