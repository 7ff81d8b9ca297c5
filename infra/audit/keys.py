"""The file with the audit log's secret keys: made once, read by the worker, by nobody else."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from infra.audit.note import BadNote, KeyType, PublicKey, SecretKey
from infra.secret_files import KeyFileUnusable, add_line, read_lines, replace

_HEAD: Final = "# Secret: whoever has this file can sign for the audit log. Each line is one key.\n"


class LogKeys:
    """The keys that sign: one, and for some time two when one is to replace the other.

    The same bytes sign every tree, each under the name of the tree's origin.
    """

    def __init__(self, seeds: Sequence[bytes]) -> None:
        if not seeds:
            raise KeyFileUnusable("There is no key to sign with.")
        self._seeds = tuple(seeds)

    def of(self, origin: str) -> list[SecretKey]:
        """The keys as those of one tree; raises BadNote for an origin that names no log."""
        return [SecretKey(origin, KeyType.LOG, seed) for seed in self._seeds]

    def public(self, origin: str) -> list[PublicKey]:
        """What others check the tree's checkpoints with."""
        return [key.public_key for key in self.of(origin)]


def read_keys(path: Path) -> LogKeys | None:
    """The keys of a file, None where there is none.

    Raises:
        KeyFileUnusable: others may read it, or what stands in it is no key.
    """
    lines = read_lines(path)
    if lines is None:
        return None
    try:
        keys = [SecretKey.parse(line) for line in lines]
    except BadNote as error:
        raise KeyFileUnusable(f"{path} holds a line that is no key: {error}.") from error
    if any(key.type is not KeyType.LOG for key in keys):
        raise KeyFileUnusable(f"{path} holds a key that is none of a log.")
    return LogKeys([key.seed for key in keys])


def add_key(path: Path, name: str) -> SecretKey:
    """Make a key and add it to the file, which is made too if need be; all in it sign from then.

    Raises:
        KeyFileUnusable: as reading; or the folder cannot be written to.
        FileExistsError: another process made the file at the same moment.
    """
    key = SecretKey.new(name, KeyType.LOG)
    add_line(path, key.text, begun_with=_HEAD if read_keys(path) is None else None)
    return key


def retire_key(path: Path, key_id: str) -> bool:
    """Take the key with this id out of the file; says whether it was there and is not the last.

    Raises:
        KeyFileUnusable: as reading.
    """
    if read_keys(path) is None:
        return False
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not _is_key(line, key_id)]
    if len(kept) == len(lines) or not any(_is_key(line, "") for line in kept):
        return False
    replace(path, "".join(kept))
    return True


def key_ids(path: Path) -> list[str]:
    """The ids of the keys in the file, as `retire_key` takes them."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [SecretKey.parse(line).public_key.key_id.hex() for line in lines if _is_key(line, "")]


def _is_key(line: str, key_id: str) -> bool:
    if line.startswith("#") or not line.strip():
        return False
    return not key_id or SecretKey.parse(line.strip()).public_key.key_id.hex() == key_id
