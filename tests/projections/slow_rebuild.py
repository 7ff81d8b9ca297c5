"""A rebuild that never comes to its end, in a process of its own: for tests that kill it before."""

import signal
import sys
from collections.abc import Iterator, Sequence
from itertools import count

from domain.log_entry import LogEntry
from domain.stream_range import StreamRange
from infra.database import connect
from infra.log.scan import LogReader
from projections.bulk import Build, Limits, fold_all
from projections.catalogue import PROJECTIONS
from projections.progress import Progress
from projections.rebuild import Rebuilding
from projections.rebuild_jobs import WHOLE
from service.rebuilding import KNOWN_EVENTS

MOST_PAGES = 6


def main(database_url: str, names: Sequence[str]) -> None:
    assert KNOWN_EVENTS
    engine = connect(database_url)
    reader = LogReader(engine)
    builds: list[Build] = []
    for projection in (each for each in PROJECTIONS if each.name in names):
        rebuilding = Rebuilding(engine, projection, reader.read, reader.head)
        target = rebuilding.begin()
        if rebuilding.parts():
            builds.append(Build(engine, projection, target))

    pages = count()

    def scan(
        after: int, until: int, streams: StreamRange, besides: Sequence[int]
    ) -> Iterator[Sequence[LogEntry]]:
        for page in reader.scan(after, until, streams, besides):
            for start in range(0, len(page), 5):
                if next(pages) == MOST_PAGES:
                    signal.pause()  # until it is killed
                yield page[start : start + 5]

    def tell(_progress: Progress) -> None:
        sys.stdout.write("on\n")
        sys.stdout.flush()

    fold_all(builds, [WHOLE], scan, Limits(entries=5), tell)


main(sys.argv[1], sys.argv[2:])
