"""Drafts on both databases: of windows that save at once one is first, and the others are told."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier

from sqlalchemy import Engine

from infra.desk import Draft, Drafts
from tests.clock import SetClock

WINDOWS = 4


def test_of_windows_that_save_at_once_one_is_kept_and_the_others_are_shown_it(
    engine: Engine,
) -> None:
    drafts = Drafts(engine, SetClock())
    together = Barrier(WINDOWS)

    def save(window: int) -> datetime | Draft:
        def goes_on(other: Draft) -> bool:
            return other.typed["text"] == [str(window)]

        together.wait()
        return drafts.keep("u-dis-01", "/issues/new", {"text": [str(window)]}, goes_on)

    with ThreadPoolExecutor(WINDOWS) as pool:
        answers = list(pool.map(save, range(WINDOWS)))
    (kept,) = [window for window, said in enumerate(answers) if isinstance(said, datetime)]
    shown = [said.typed["text"] for said in answers if isinstance(said, Draft)]
    assert shown == [[str(kept)]] * (WINDOWS - 1)
    draft = drafts.of("u-dis-01", "/issues/new")
    assert draft is not None
    assert draft.typed["text"] == [str(kept)]
