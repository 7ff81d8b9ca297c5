"""A process killed in the middle of appending leaves whole appends and everything acknowledged."""

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from infra.log.casework import Casework
from infra.log.tables import claims, command_keys
from tests.infra.append_forever import EVENTS_EACH
from tests.infra.ledger import Ledger

SCRIPT = Path(__file__).with_name("append_forever.py")


@pytest.mark.parametrize("acknowledged", [1, 20, 60])
def test_whole_appends_are_left(database_url: str, engine: Engine, acknowledged: int) -> None:
    writer = subprocess.Popen(
        [sys.executable, str(SCRIPT), database_url], stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    last = 0
    for _ in range(acknowledged):
        last = int(writer.stdout.readline())
    # At an arbitrary point of the appends that follow.
    writer.kill()
    last = max([last, *map(int, writer.stdout.read().split())])
    writer.stdout.close()
    writer.wait()

    # The next writer simply goes on; having had the lock, it knows the killed one is over.
    casework = Casework(engine)
    next_position = casework.save(Ledger.begin("next"))[0].notification.id
    entries = casework.read(0, next_position - 1)
    assert len(entries) == next_position - 1
    assert [entry.position for entry in entries] == [*range(1, len(entries) + 1)]
    assert len(entries) >= last, "what was acknowledged is there"
    assert len(entries) % EVENTS_EACH == 0
    appends = [entries[at : at + EVENTS_EACH] for at in range(0, len(entries), EVENTS_EACH)]
    for left, right, noted in appends:
        assert (left.version, right.version, noted.version) == (1, 1, 2)
        assert right.stream_id == noted.stream_id
        receipt = casework.find_key(str(left.stream_id))
        assert receipt is not None
        assert receipt.position == noted.position
    with engine.connect() as db:
        for table in (command_keys, claims):
            assert db.scalar(select(func.count()).select_from(table)) == len(appends)
    casework.close()
