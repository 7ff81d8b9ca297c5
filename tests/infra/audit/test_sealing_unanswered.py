"""A sealing process that is killed while an answer of PostgreSQL is on its way to it."""

import os
import signal
from functools import partial

from sqlalchemy import func, make_url, select

from infra.audit.tables import leaves
from infra.database import connect
from infra.log.casework import Casework
from tests.faults.gate import Gate
from tests.faults.waiting import PATIENCE_SECONDS, wait_until
from tests.infra.audit.sealing import (
    append,
    assert_whole,
    real_time,
    sealing_to_be_killed,
    sequencer,
)

STEPS = (
    b"INSERT INTO audit_tree",
    b"INSERT INTO audit_key",
    b"COPY audit_leaf",
    b"INSERT INTO audit_node",
    b"INSERT INTO audit_checkpoint",
    b"COMMIT",
)
"""What a sealing sends in its transaction; only what the last one does is for good."""


def test_killed_while_the_answer_was_on_its_way_the_next_one_gives_the_same_root(
    postgresql_url: str,
) -> None:
    url = make_url(postgresql_url)
    gate = Gate(str(url.host), int(url.port or 0))
    engine = connect(postgresql_url)
    casework = Casework(engine)
    through = url.set(host="127.0.0.1", port=gate.port).render_as_string(hide_password=False)

    def sealed() -> int:
        with engine.connect() as db:
            return db.execute(select(func.count()).select_from(leaves)).scalar_one()

    def has_more(before: int) -> bool:
        return sealed() > before

    killing, points, answers = sealing_to_be_killed(through)
    try:
        for year, step in enumerate(STEPS, 2021):
            append(casework, 258, year=year)
            before = sealed()
            is_last = step == STEPS[-1]
            # Reading commits as well: which one is meant is known by what comes before it.
            gate.hold_answer_to(STEPS[-2] if is_last else step)
            points.write("nowhere\n")
            points.flush()
            child = int(answers.readline())
            assert gate.reached.wait(PATIENCE_SECONDS), step
            if is_last:
                gate.hold_answer_to(step)
                gate.let_go()
                assert gate.reached.wait(PATIENCE_SECONDS), step
                wait_until(partial(has_more, before), "what failed, but is stored")
            os.kill(child, signal.SIGKILL)
            assert answers.readline() == "killed nowhere\n"
            gate.let_go()
            stored = sealed() > before
            assert stored == is_last, step
            again = sequencer(engine, casework, clock=real_time)
            while again.seal():
                pass
            assert_whole(engine, casework)
    finally:
        # First: a process that waits for an answer would never end.
        gate.close()
        killing.communicate()
        casework.close()
        engine.dispose()
    assert killing.returncode == 0
