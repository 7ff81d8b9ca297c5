"""Pages of the log for several loops: each read and decoded once, the next one read ahead.

What this process appends is told as it is committed, and need not be read at all. It is taken only
where it follows without a gap; all else is read.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

from domain.log_entry import LogEntry

# Reads at most ``limit`` entries after a position, in position order: read(after, limit).
Read = Callable[[int, int], Sequence[LogEntry]]

NEAR_PAGE: Final = 1_000
FAR_PAGE: Final = 5_000


class Pages:
    """What was read last, for any thread; at most two ``FAR_PAGE`` of entries are kept."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._lock = threading.Lock()
        self._kept: list[LogEntry] = []
        self._told: list[LogEntry] = []
        # The log's own thread tells: it must not wait until somebody has read.
        self._telling = threading.Lock()
        self._ahead: tuple[int, int, Future[Sequence[LogEntry]]] | None = None
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="projections-ahead")

    def read(self, after: int, limit: int) -> tuple[Sequence[LogEntry], bool]:
        """Give entries after a position, and whether they are all that the log holds by now."""
        with self._lock:
            known = _part(self._kept, after, limit)
            if known:
                return known, False
            with self._telling:
                known = _part(self._told, after, limit)
                if known:
                    # What others append meanwhile wakes the loops by itself.
                    return known, known[-1] is self._told[-1]
            page = self._fetch(after, limit)
            if page:
                self._keep(after, page)
            whole = len(page) < limit
            if limit >= FAR_PAGE and not whole:
                end = page[-1].position
                self._ahead = (end, limit, self._reader.submit(self._read, end, limit))
            return page, whole

    def tell(self, entries: Sequence[LogEntry]) -> None:
        """Take entries that were just committed, in order of position."""
        if entries[-1].position - entries[0].position != len(entries) - 1:
            return
        with self._telling:
            if self._told and self._told[-1].position + 1 != entries[0].position:
                self._told.clear()
            self._told += entries
            if len(self._told) > 2 * FAR_PAGE:
                del self._told[:-FAR_PAGE]

    def forget(self) -> None:
        """Keep nothing: the database was away and may hold something else."""
        with self._lock, self._telling:
            self._kept, self._ahead = [], None
            self._told.clear()

    def close(self) -> None:
        """End the thread that reads ahead."""
        self._reader.shutdown(cancel_futures=True)

    def _keep(self, after: int, page: Sequence[LogEntry]) -> None:
        if self._kept and self._kept[-1].position != after:
            self._kept = []
        self._kept += page
        if len(self._kept) > 2 * FAR_PAGE:
            del self._kept[:-FAR_PAGE]

    def _fetch(self, after: int, limit: int) -> Sequence[LogEntry]:
        ahead, self._ahead = self._ahead, None
        if ahead is not None and ahead[:2] == (after, limit):
            return ahead[2].result()
        return self._read(after, limit)


def _part(kept: Sequence[LogEntry], after: int, limit: int) -> Sequence[LogEntry]:
    """What is kept from right after a position on; nothing if that is not there."""
    if not kept:
        return ()
    first = after + 1 - kept[0].position
    if not 0 <= first < len(kept) or kept[first].position != after + 1:
        return ()
    return kept[first : first + limit]
