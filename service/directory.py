"""The directory as it is now, kept in memory and brought up to date with one query."""

from threading import Lock
from typing import cast

from domain.agencies import Agencies
from domain.directory import DIRECTORY_ID, Directory
from infra.log.casework import Casework


class DirectoryNow:
    """Answers which agencies, places and users there are; safe to use from many threads."""

    def __init__(self, casework: Casework) -> None:
        self._casework = casework
        self._lock = Lock()
        self._directory: Directory | None = None

    def agencies(self) -> Agencies:
        """The directory's content, with every event that has been recorded so far."""
        with self._lock:
            version = self._directory.version if self._directory else 0
            for recorded in self._casework.events.get(DIRECTORY_ID, gt=version):
                event = cast("Directory.Event", recorded)
                self._directory = event.mutate(self._directory)
            return self._directory.content if self._directory else Agencies()
