"""Opens a file from outside, packed or plain, told apart by its first bytes and not its name."""

import gzip
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import Any

from infra.sources.unreadable import SourceError

GZIP_MAGIC = b"\x1f\x8b"


@contextmanager
def open_source(path: Path) -> Generator[BufferedReader]:
    """The file's unpacked bytes.

    Raises:
        SourceError: here or at any later read, when the file cannot be read or unpacked.
    """
    try:
        with path.open("rb") as packed_or_plain:
            if packed_or_plain.peek(2)[:2] == GZIP_MAGIC:
                unpacked: Any = gzip.GzipFile(fileobj=packed_or_plain)
                with BufferedReader(unpacked) as buffered:
                    yield buffered
            else:
                yield packed_or_plain
    except FileNotFoundError as error:
        raise SourceError(str(path), sv="Filen finns inte.", en="No such file.") from error
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise SourceError(
            str(path),
            sv="Filen är packad med gzip men trasig eller avbruten.",
            en="The file is packed with gzip, but broken or cut off.",
        ) from error
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise SourceError(
            str(path),
            sv=f"Filen kan inte läsas ({why}).",
            en=f"The file cannot be read ({why}).",
        ) from error
