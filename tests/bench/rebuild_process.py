"""A rebuild in a process of its own, as `samsyn rebuild` does it: its memory is the rebuild's."""

import json
import resource
import sys
from collections.abc import Sequence

from sqlalchemy import make_url

from infra.database import connect
from projections.catalogue import PROJECTIONS
from service.rebuilding import rebuild_together
from tests.bench.figures import seconds_of


def main(database_url: str, names: Sequence[str]) -> None:
    """Rebuild; print the seconds it took and those that its processes computed."""
    engine = connect(make_url(database_url))
    wanted = [each for each in PROJECTIONS if each.name in names]
    seconds = seconds_of(lambda: rebuild_together(engine, wanted))
    engine.dispose()
    computed = 0.0
    for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
        used = resource.getrusage(who)
        computed += used.ru_utime + used.ru_stime
    print(json.dumps({"seconds": seconds, "computed": computed}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
