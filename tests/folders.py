"""Where the tests' files lie: in memory, where there is room, for what need not outlive them.

A copy of a database takes ten times the CPU on a disk, and every commit of a SQLite file waits.
"""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

ON_DISK: Final = "/var/tmp"  # noqa: S108  for what must be on a disk: what is made there is private
_IN_MEMORY: Final = Path("/dev/shm")  # noqa: S108  as above
_ROOM: Final = 4 * 1024**3


def use_memory() -> None:
    """Have all temporary files made in memory, if TMPDIR does not say where they belong."""
    if "TMPDIR" in os.environ or not _IN_MEMORY.is_dir():
        return
    if shutil.disk_usage(_IN_MEMORY).free >= _ROOM and os.access(_IN_MEMORY, os.W_OK):
        os.environ["TMPDIR"] = tempfile.tempdir = str(_IN_MEMORY)
