"""Pages of the log for several loops: each read and decoded once, the next one read ahead."""

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
    """What was read last, for any thread; at most ``FAR_PAGE`` entries are kept."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._lock = threading.Lock()
        self._kept: Sequence[LogEntry] = ()
        self._ahead: tuple[int, int, Future[Sequence[LogEntry]]] | None = None
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="projections-ahead")

    def read(self, after: int, limit: int) -> tuple[Sequence[LogEntry], bool]:
        """Give entries after a position, and whether they are all that the log holds by now."""
        with self._lock:
            known = self._known(after, limit)
            if known:
                return known, False
            page = self._fetch(after, limit)
            if page:
                joins = self._kept and self._kept[-1].position == after
                self._kept = [*(self._kept if joins else ()), *page][-FAR_PAGE:]
            whole = len(page) < limit
            if limit >= FAR_PAGE and not whole:
                end = page[-1].position
                self._ahead = (end, limit, self._reader.submit(self._read, end, limit))
            return page, whole

    def forget(self) -> None:
        """Keep nothing: the database was away and may hold something else."""
        with self._lock:
            self._kept, self._ahead = (), None

    def close(self) -> None:
        """End the thread that reads ahead."""
        self._reader.shutdown(cancel_futures=True)

    def _known(self, after: int, limit: int) -> Sequence[LogEntry]:
        if not self._kept:
            return ()
        first = after + 1 - self._kept[0].position
        if not 0 <= first < len(self._kept) or self._kept[first].position != after + 1:
            return ()
        return self._kept[first : first + limit]

    def _fetch(self, after: int, limit: int) -> Sequence[LogEntry]:
        ahead, self._ahead = self._ahead, None
        if ahead is not None and ahead[:2] == (after, limit):
            return ahead[2].result()
        return self._read(after, limit)
