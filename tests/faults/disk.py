"""A disk of a test's own: an ext4 image behind a loop device, which can be copied as it is."""

import os
import shutil
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.faults.waiting import wait_until

NEEDS: Final = "root, and a loop device (losetup, mkfs.ext4, mount)"
_IMAGE_BYTES: Final = 512 * 1024 * 1024
_TOOLS: Final = ("losetup", "mkfs.ext4", "mount", "umount")


def possible() -> bool:
    """Whether this machine lets us have a disk of our own."""
    if os.geteuid() != 0 or not all(map(shutil.which, _TOOLS)):
        return False
    return subprocess.run(["losetup", "-f"], check=False, capture_output=True).returncode == 0


def make_image(path: Path) -> None:
    """Make an empty file system in a file that takes no more room than it is filled."""
    with path.open("wb") as image:
        image.truncate(_IMAGE_BYTES)
    _run("mkfs.ext4", "-q", "-F", str(path))


class Disk:
    """A mounted image; leaving it twice does no harm."""

    def __init__(self, image: Path, place: Path) -> None:
        self._place = place
        self._device = _run("losetup", "--find", "--show", "--direct-io=on", str(image))
        self._there = True
        # No journal is written by itself within the time of this test.
        _run("mount", "-o", "commit=300", self._device, str(place))

    def leave(self) -> None:
        """Unmount and let the device go."""
        if self._there:
            self._there = False
            wait_until(self._unmounted, "nobody that uses the disk")
            _run("losetup", "--detach", self._device)

    def _unmounted(self) -> bool:
        command = ["umount", str(self._place)]
        return subprocess.run(command, check=False, capture_output=True).returncode == 0


@contextmanager
def mounted(image: Path, place: Path) -> Generator[Disk]:
    """Mount an image past the kernel's second cache: what is in the file is what a disk has."""
    disk = Disk(image, place)
    try:
        yield disk
    finally:
        disk.leave()


def _run(*command: str) -> str:
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return done.stdout.strip()
