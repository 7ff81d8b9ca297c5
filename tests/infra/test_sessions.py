"""Sessions on both databases: how long they live and how they end."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from infra.account_tables import sessions as table
from infra.sessions import ABSOLUTE, FIELD_IDLE, IDLE, Session, Sessions, who_has
from tests.clock import START, SetClock

SECOND = timedelta(seconds=1)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def sessions(engine: Engine, clock: SetClock) -> Sessions:
    return Sessions(engine, clock, lambda user_id: FIELD_IDLE if user_id == "u-pol-02" else IDLE)


def found(engine: Engine, sessions: Sessions, token: str) -> Session | None:
    """The session of a token, if it is good: asked for as a request does."""
    lookup, key = who_has(token)
    with engine.connect() as db:
        row = lookup(db, [key]).get(key)
    return sessions.recognise(row)


def test_every_sign_in_gives_another_token_of_which_only_the_hash_is_kept(
    sessions: Sessions, engine: Engine
) -> None:
    tokens = {sessions.start("u-dis-01"), sessions.start("u-dis-01")}
    assert len(tokens) == 2
    with engine.connect() as db:
        kept = set(db.execute(select(table.c.token_hash)).scalars())
    assert len(kept) == 2
    assert not kept & tokens


def test_a_token_nobody_was_given_finds_nothing(sessions: Sessions, engine: Engine) -> None:
    assert found(engine, sessions, "chosen-by-an-attacker") is None


@pytest.mark.parametrize(("user_id", "idle"), [("u-dis-01", IDLE), ("u-pol-02", FIELD_IDLE)])
def test_a_session_ends_when_it_rests_too_long(
    sessions: Sessions, engine: Engine, clock: SetClock, user_id: str, idle: timedelta
) -> None:
    token = sessions.start(user_id)
    clock.now += idle - SECOND
    assert found(engine, sessions, token) is not None
    clock.now += idle - SECOND
    assert found(engine, sessions, token) is not None
    clock.now += idle
    assert found(engine, sessions, token) is None


def test_a_session_ends_after_a_working_day_however_busy(
    sessions: Sessions, engine: Engine, clock: SetClock
) -> None:
    token = sessions.start("u-dis-01")
    while clock.now < START + ABSOLUTE:
        assert found(engine, sessions, token) is not None
        clock.now += timedelta(minutes=20)
    assert found(engine, sessions, token) is None


def test_revoke_ends_one_session(sessions: Sessions, engine: Engine) -> None:
    first, second = sessions.start("u-dis-01"), sessions.start("u-dis-01")
    sessions.revoke(first)
    assert found(engine, sessions, first) is None
    assert found(engine, sessions, second) is not None
    assert len(sessions.of_user("u-dis-01")) == 1


def test_revoke_all_ends_every_session_of_one_user(sessions: Sessions, engine: Engine) -> None:
    mine = [sessions.start("u-dis-01") for _ in range(3)]
    other = sessions.start("u-soc-01")
    assert sessions.revoke_all("u-dis-01") == 3
    assert [found(engine, sessions, token) for token in mine] == [None, None, None]
    assert found(engine, sessions, other) is not None


def test_forget_deletes_what_ended_before(
    sessions: Sessions, engine: Engine, clock: SetClock
) -> None:
    sessions.start("u-dis-01")
    clock.now += ABSOLUTE + SECOND
    kept = sessions.start("u-dis-01")
    assert sessions.forget(clock.now) == 1
    assert found(engine, sessions, kept) is not None
