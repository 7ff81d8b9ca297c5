"""The directory as it is now, kept in memory and brought up to date with one query."""

from collections.abc import Sequence
from threading import Lock

from domain.agencies import Agencies
from domain.directory import DIRECTORY_ID, Directory
from infra.log.aggregates import events_after
from infra.log.casework import Casework
from infra.log.stored import TimedEvent
from infra.lookups import Lookups, Question


class DirectoryNow:
    """Answers which agencies, places and users there are; safe to use from many threads.

    Whoever reads from the database anyway takes `question` along and has its answer `learn`ed:
    then `known` is the directory as it was no earlier than that reading.
    """

    def __init__(self, casework: Casework, lookups: Lookups) -> None:
        self._casework = casework
        self._lookups = lookups
        self._lock = Lock()
        self._directory: Directory | None = None

    def agencies(self) -> Agencies:
        """The directory's content, with every event that has been recorded so far."""
        (news,) = self._lookups.ask(self.question())
        self.learn(news)
        return self.known()

    def question(self) -> Question:
        """Ask for what has been recorded since."""
        directory = self._directory
        return events_after, (DIRECTORY_ID, directory.version if directory else 0)

    def learn(self, news: Sequence[TimedEvent]) -> None:
        """Take in what was recorded; what somebody else has taken in meanwhile is passed over."""
        if not news:
            return
        with self._lock:
            version = self._directory.version if self._directory else 0
            new = [stored for stored in news if stored.originator_version > version]
            self._directory = self._casework.replay(self._directory, new)

    def known(self) -> Agencies:
        """The directory's content as far as it was taken in."""
        directory = self._directory
        return directory.content if directory else Agencies()
