"""Position order is commit order: dense, and without holes that a tailing reader could miss."""

from threading import Event, Thread
from uuid import UUID

from sqlalchemy import Engine

from infra.log.casework import Casework
from tests.infra.ledger import Ledger

WRITERS = 8
APPENDS_EACH = 60


class Tail(Thread):
    """Reads by position alone, as projections do, while others write."""

    def __init__(self, casework: Casework) -> None:
        super().__init__()
        self.casework = casework
        self.seen: list[tuple[int, UUID, int]] = []
        self.finish = Event()

    def run(self) -> None:
        """Read until told to finish and everything is read."""
        while True:
            last_round = self.finish.is_set()
            after = self.seen[-1][0] if self.seen else 0
            page = self.casework.read(after, 50)
            self.seen += [(entry.position, entry.stream_id, entry.version) for entry in page]
            if last_round and not page:
                return


def write(casework: Casework, number: int, written: list[tuple[int, UUID, int]]) -> None:
    for turn in range(APPENDS_EACH):
        ledger = Ledger.begin(f"{number}/{turn}")
        for word in range((number + turn) % 3):
            ledger.note(str(word))
        for recording in casework.save(ledger):
            event = recording.domain_event
            written.append(
                (recording.notification.id, event.originator_id, event.originator_version)
            )


def run_writers(logs: list[Casework], reader: Casework) -> None:
    written: list[tuple[int, UUID, int]] = []
    tail = Tail(reader)
    tail.start()
    threads = [
        Thread(target=write, args=(logs[number % len(logs)], number, written))
        for number in range(WRITERS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tail.finish.set()
    tail.join()
    assert [position for position, _, _ in tail.seen] == [*range(1, len(written) + 1)]
    assert sorted(written) == tail.seen, "committed minus delivered is nothing"


def test_reader_misses_nothing_of_eight_threads(casework: Casework) -> None:
    run_writers([casework], casework)


def test_reader_misses_nothing_of_two_appenders(casework: Casework, engine: Engine) -> None:
    # As in two processes: each has its own appender, and only the database orders them.
    other = Casework(engine)
    run_writers([casework, other], casework)
    other.close()


def test_reading_goes_on_beside_an_open_write(casework: Casework, engine: Engine) -> None:
    casework.save(Ledger.begin("a"))
    with engine.execution_options(writes=True).begin() as db:
        db.exec_driver_sql("DELETE FROM claims")
        assert [entry.position for entry in casework.read(0, 10)] == [1]
        assert casework.head() == 1


def test_append_is_seen_at_once_by_every_connection(casework: Casework, engine: Engine) -> None:
    other = Casework(engine)
    for number in range(1, 21):
        casework.save(Ledger.begin("a"))
        assert other.head() == number
    other.close()
