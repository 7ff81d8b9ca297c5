"""Tokens of programs on both databases: good, expired, revoked, wrong."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from infra.account_tables import tokens as table
from infra.tokens import Tokens
from tests.clock import START, SetClock


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def tokens(engine: Engine, clock: SetClock) -> Tokens:
    return Tokens(engine, clock)


def test_issue_gives_a_text_that_finds_the_token(tokens: Tokens, engine: Engine) -> None:
    token_id, text = tokens.issue("u-dis-01", "import", expires_at=None)
    assert text.startswith(f"svc_{token_id.hex}_")
    found = tokens.find(text)
    assert found is not None
    assert (found.token_id, found.user_id, found.name) == (token_id, "u-dis-01", "import")
    with engine.connect() as db:
        assert db.execute(select(table.c.secret_hash)).scalar_one() not in text


def test_an_expired_token_finds_nothing(tokens: Tokens, clock: SetClock) -> None:
    _, text = tokens.issue("u-dis-01", "import", expires_at=START + timedelta(days=1))
    assert tokens.find(text) is not None
    clock.now += timedelta(days=1)
    assert tokens.find(text) is None


def test_a_revoked_token_finds_nothing(tokens: Tokens) -> None:
    token_id, text = tokens.issue("u-dis-01", "import", expires_at=None)
    assert tokens.revoke(token_id)
    assert not tokens.revoke(token_id)
    assert tokens.find(text) is None


@pytest.mark.parametrize(
    "text", ["", "svc", "svc_x_y", "svc_00000000000070008000000000000000_x", "x_y_z", "svc__"]
)
def test_something_else_finds_nothing(tokens: Tokens, text: str) -> None:
    assert tokens.find(text) is None


def test_the_right_id_with_another_secret_finds_nothing(tokens: Tokens) -> None:
    token_id, text = tokens.issue("u-dis-01", "import", expires_at=None)
    assert tokens.find(text + "x") is None
    assert tokens.find(f"svc_{token_id.hex}_") is None


def test_use_is_noted_at_most_once_a_minute(tokens: Tokens, clock: SetClock) -> None:
    _, text = tokens.issue("u-dis-01", "import", expires_at=None)
    noted: list[datetime | None] = []
    for _ in range(5):
        tokens.find(text)
        noted.append(tokens.all()[0].last_used_at)
        clock.now += timedelta(seconds=25)
    first, later = START, START + timedelta(seconds=75)
    assert noted == [first, first, first, later, later]


def test_all_lists_the_tokens_of_a_user(tokens: Tokens) -> None:
    tokens.issue("u-dis-01", "one", expires_at=None)
    tokens.issue("u-soc-01", "two", expires_at=None)
    assert [token.name for token in tokens.all("u-soc-01")] == ["two"]
    assert len(tokens.all()) == 2
