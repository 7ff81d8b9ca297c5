"""Numbers of a series: drawn when an append is written, each once, in order and without a gap."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select

from infra.ids import new_id
from infra.log.appender import Appender
from infra.log.batch import Append, Draft, draft
from infra.log.casework import Casework
from infra.log.errors import CommandKey, KeyTaken
from infra.log.mapper import new_salt
from infra.log.series import Draw, digits, first_free
from infra.log.stored import TimedEvent
from infra.log.tables import claims
from tests.infra.ledger import Ledger

TEXT = 'Ett citat: "number":"N-00001", av den som tror att det är ett fält.'


def a_draw(expected: int, series: str = "N-", key: str | None = None) -> tuple[Append, Draw]:
    """An append of two events; the first takes a number, and holds a text that looks like it."""
    stream_id, number = new_id(), f"{series}{digits(expected)}"
    state = {"salt": new_salt(), "data": {"text": TEXT, "number": number, "after": "sist"}}
    first = TimedEvent(stream_id, 1, "Numbered", _json(state), 0)
    second = TimedEvent(stream_id, 2, "Plain", _json({"salt": new_salt()}), 0)
    draw = Draw(stream_id, claimed="number:", series=series, number=expected)
    keys = [CommandKey(key=key, fingerprint="f")] if key else []
    return Append([first, second], keys, (), [draw]), draw


def _json(state: dict[str, Any]) -> bytes:
    return json.dumps(state, separators=(",", ":"), ensure_ascii=False).encode()


def written(engine: Engine, *some: tuple[Append, Draw]) -> list[Any]:
    """Write appends as one batch; what became of each, with the number drawn."""
    appender = Appender(engine)
    try:
        outcomes = appender._committer.commit([append for append, _ in some])  # noqa: SLF001  one batch for certain
    finally:
        appender._committer.close()  # noqa: SLF001  as above
    return [
        type(outcome) if isinstance(outcome, Exception) else draw.text
        for outcome, (_, draw) in zip(outcomes, some, strict=True)
    ]


def claim_all(engine: Engine, numbers: Sequence[int]) -> None:
    rows = [{"name": f"number:N-{digits(each)}", "position": 1} for each in numbers]
    with engine.begin() as db:
        db.execute(insert(claims), rows)


def claimed(engine: Engine) -> list[str]:
    with engine.connect() as db:
        return sorted(db.scalars(select(claims.c.name)))


def numbers_in(casework: Casework) -> list[str]:
    """What stands in the log, in its order, for the events that take a number."""
    states = [json.loads(entry.state) for entry in casework.read(0, 100)]
    assert all(state["data"]["text"] == TEXT for state in states if "data" in state)
    assert all(state["data"]["after"] == "sist" for state in states if "data" in state)
    return [state["data"]["number"] for state in states if "data" in state]


def test_those_of_a_batch_expect_the_same_and_draw_the_next(
    casework: Casework, engine: Engine
) -> None:
    some = [a_draw(1), a_draw(1), a_draw(1)]
    assert written(engine, *some) == ["N-00001", "N-00002", "N-00003"]
    assert numbers_in(casework) == ["N-00001", "N-00002", "N-00003"]
    assert claimed(engine) == ["number:N-00001", "number:N-00002", "number:N-00003"]


def test_what_the_append_holds_afterwards_is_what_stands_in_the_log(
    casework: Casework, engine: Engine
) -> None:
    claim_all(engine, [*range(1, 6)])
    append, draw = a_draw(3)
    assert written(engine, (append, draw)) == ["N-00006"]
    assert [event.state for event in append.events] == [e.state for e in casework.read(0, 9)]


def test_each_series_runs_on_by_itself(casework: Casework, engine: Engine) -> None:
    some = [a_draw(1), a_draw(7, "M-"), a_draw(1), a_draw(7, "M-")]
    assert written(engine, *some) == ["N-00001", "M-00007", "N-00002", "M-00008"]
    assert numbers_in(casework) == ["N-00001", "M-00007", "N-00002", "M-00008"]


@pytest.mark.parametrize("others", [1, 2, 3, 6, 7, 8, 9, 100, 1_000])
def test_numbers_that_others_drew_are_passed_over(engine: Engine, others: int) -> None:
    claim_all(engine, [*range(11, 11 + others)])
    assert written(engine, a_draw(11), a_draw(11)) == [
        f"N-{digits(11 + others + i)}" for i in (0, 1)
    ]


def test_a_number_wanted_beyond_is_stepped_over(engine: Engine) -> None:
    claim_all(engine, [12])
    assert written(engine, *(a_draw(11) for _ in range(3))) == ["N-00011", "N-00013", "N-00014"]


def test_a_name_claimed_in_the_same_batch_is_not_drawn(engine: Engine) -> None:
    wanted, draw = a_draw(1)
    plain = Append(wanted.events, (), ["number:N-00001"])
    assert written(engine, a_draw(1), (plain, draw)) == ["N-00002", "N-00001"]


def test_numbers_grow_longer(casework: Casework, engine: Engine) -> None:
    claim_all(engine, [99_998])
    some = [a_draw(99_998), a_draw(99_998), a_draw(100_000)]
    assert written(engine, *some) == ["N-99999", "N-100000", "N-100001"]
    assert numbers_in(casework) == ["N-99999", "N-100000", "N-100001"]
    assert written(engine, a_draw(99_999)) == ["N-100002"]


def test_an_append_that_is_refused_draws_nothing(casework: Casework, engine: Engine) -> None:
    casework.save(Ledger.begin("a"), keys=[CommandKey(key="k", fingerprint="f")])
    some = [a_draw(1), a_draw(1, key="k"), a_draw(1)]
    assert written(engine, *some) == ["N-00001", KeyTaken, "N-00002"]
    assert claimed(engine) == ["number:N-00001", "number:N-00002"]


def test_an_event_without_the_number_is_a_mistake(engine: Engine) -> None:
    append, _ = a_draw(1)
    elsewhere = Draw(append.draws[0].stream_id, claimed="number:", series="M-", number=1)
    with pytest.raises(ValueError, match="subsection not found"):
        written(engine, (Append(append.events, (), (), [elsewhere]), elsewhere))


@pytest.mark.parametrize("taken", [0, 1, 2, 5, 8, 1_000])
def test_the_first_free_one_is_found(taken: int) -> None:
    asked: list[int] = []

    def is_taken(number: int) -> bool:
        asked.append(number)
        return number < 7 + taken

    assert first_free(7, is_taken) == 7 + taken
    assert len(asked) <= 1 + 2 * max(taken, 1).bit_length() + 1


# --- a write whose answer was lost ---------------------------------------------------------------


def states(made: Draft, *, numbers: Sequence[int]) -> dict[int, bytes]:
    """What would stand in the log for a draft, had it drawn these numbers."""
    return {
        each.row: each.draw.mended(made.rows[each.row], number).state
        for each, number in zip(made.draws, numbers, strict=True)
    }


def test_a_draft_knows_its_own_events_again_and_learns_their_numbers() -> None:
    some = [a_draw(1), a_draw(1)]
    made = draft([append for append, _ in some])
    found = states(made, numbers=[99_999, 100_000])
    assert made.recognise(found)
    assert [draw.text for _, draw in some] == ["N-99999", "N-100000"]
    assert [append.events[0].state for append, _ in some] == [*found.values()]


def test_a_draft_takes_no_other_event_for_its_own() -> None:
    made = draft([a_draw(1)[0]])
    other = states(draft([a_draw(1)[0]]), numbers=[1])
    own = states(made, numbers=[1])
    for found in (other, {}, {0: own[0] + b" "}, {0: own[0].replace(b"00001", b"0000x")}):
        assert not made.recognise(found)
    assert made.draws[0].draw.number == 1
