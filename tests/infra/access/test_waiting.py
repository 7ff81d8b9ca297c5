"""How far the seals over the access logs are behind: of all agencies together, the oldest row."""

from datetime import timedelta

from sqlalchemy import Engine

from infra.access.waiting import Waiting, waiting
from tests.infra.access.reading import BEGAN, read_some, seal_all, sequencer


def test_rows_wait_until_their_agencys_tree_has_them(engine: Engine) -> None:
    later = BEGAN + timedelta(days=1)
    with engine.connect() as db:
        assert waiting(db, later) == Waiting()
    read_some(engine, 3, at=BEGAN)
    read_some(engine, 1, "social", at=BEGAN + timedelta(hours=1))
    with engine.connect() as db:
        assert waiting(db, later) == Waiting(rows=4, seconds=86_400.0)
    seal_all(engine, sequencer(engine))
    with engine.connect() as db:
        assert waiting(db, later) == Waiting(rows=1, seconds=82_800.0)
    seal_all(engine, sequencer(engine, "social"), "social")
    with engine.connect() as db:
        assert waiting(db, later) == Waiting()
