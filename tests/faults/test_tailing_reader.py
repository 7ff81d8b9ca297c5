"""A reader that follows by position alone, beside writers in several processes, misses nothing."""

from threading import Event, Thread
from uuid import UUID

from infra.database import connect
from infra.log.casework import Casework
from tests.faults.waiting import wait_until
from tests.faults.writers import Writers, compare
from tests.infra.ledger import Ledger

PROCESSES = 3
APPENDS = 1_200
PAGE = 20


class Reader(Thread):
    """Asks for what comes after the last it has seen, as every follower of the log does."""

    def __init__(self, casework: Casework) -> None:
        super().__init__()
        self.seen: list[tuple[int, UUID, int]] = []
        self.finish = Event()
        self._casework = casework

    def run(self) -> None:
        """Read until told to finish and nothing more comes."""
        while True:
            last_round = self.finish.is_set()
            after = self.seen[-1][0] if self.seen else 0
            page = self._casework.read(after, PAGE)
            self.seen += [(entry.position, entry.stream_id, entry.version) for entry in page]
            if last_round and not page:
                return


def test_nothing_is_missed(postgresql_url: str) -> None:
    engine = connect(postgresql_url)
    casework = Casework(engine)
    reader = Reader(casework)
    reader.start()
    try:
        with Writers(postgresql_url, PROCESSES) as writers:
            wait_until(lambda: len(writers.known) >= APPENDS or not writers.run(), "appends")
        # The writers are killed: what they had begun is over once the lock can be had.
        casework.save(Ledger.begin("last-0"))
    finally:
        reader.finish.set()
        reader.join()
        committed = [(e.position, e.stream_id, e.version) for e in casework.read(0, 100_000)]
        casework.close()
        engine.dispose()
    assert reader.seen == committed, "committed minus delivered is nothing"
    comparison = compare(postgresql_url, writers.known)
    assert comparison.acknowledged >= APPENDS
    assert comparison.whole(), comparison
