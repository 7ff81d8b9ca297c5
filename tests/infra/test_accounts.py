"""Local accounts on both databases: right and wrong passwords, the lock, other passwords."""

from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST
from sqlalchemy import Engine, select

from infra.account_tables import accounts as table
from infra.accounts import LOCKED_FOR, MOST_FAILURES, Accounts, LoginTaken
from tests.clock import SetClock

RIGHT = "en lång mening som lösenord"


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def accounts(engine: Engine, clock: SetClock) -> Accounts:
    kept = Accounts(engine, clock, PasswordHasher.from_parameters(CHEAPEST))
    kept.add("Anna", user_id="u-dis-01", display_name="Handläggare 1", password=RIGHT)
    return kept


def test_sign_in_with_the_right_password_gives_the_account(accounts: Accounts) -> None:
    found = accounts.sign_in(" anna ", RIGHT)
    assert found is not None
    assert found.user_id == "u-dis-01"
    assert found.language == "sv"


@pytest.mark.parametrize(("login", "password"), [("anna", "fel"), ("ingen", RIGHT), ("", "")])
def test_sign_in_with_something_wrong_gives_nothing(
    accounts: Accounts, login: str, password: str
) -> None:
    assert accounts.sign_in(login, password) is None


def test_sign_in_is_locked_after_repeated_failures_and_opens_with_time(
    accounts: Accounts, clock: SetClock
) -> None:
    for _ in range(MOST_FAILURES):
        assert accounts.sign_in("anna", "fel") is None
    assert accounts.sign_in("anna", RIGHT) is None
    clock.now += LOCKED_FOR - timedelta(seconds=1)
    assert accounts.sign_in("anna", RIGHT) is None
    clock.now += timedelta(seconds=1)
    assert accounts.sign_in("anna", RIGHT) is not None


def test_sign_in_forgets_failures_when_the_password_was_right(accounts: Accounts) -> None:
    for _ in range(3):
        for _ in range(MOST_FAILURES - 1):
            assert accounts.sign_in("anna", "fel") is None
        assert accounts.sign_in("anna", RIGHT) is not None


def test_the_password_itself_is_kept_nowhere(accounts: Accounts, engine: Engine) -> None:
    with engine.connect() as db:
        kept = db.execute(select(table.c.password_hash)).scalar_one()
    assert kept.startswith("$argon2id$")
    assert RIGHT not in kept


def test_a_login_and_a_user_have_one_account_only(accounts: Accounts) -> None:
    for login, user_id in (("ANNA", "u-2"), ("other", "u-dis-01")):
        with pytest.raises(LoginTaken):
            accounts.add(login, user_id=user_id, display_name="X", password=RIGHT)
    assert [account.login for account in accounts.all()] == ["anna"]


def test_a_short_password_is_refused(accounts: Accounts) -> None:
    with pytest.raises(ValueError, match="12"):
        accounts.set_password("anna", "kort")


def test_set_password_replaces_the_old_one_and_unlocks(accounts: Accounts) -> None:
    for _ in range(MOST_FAILURES):
        accounts.sign_in("anna", "fel")
    assert accounts.set_password("anna", RIGHT + " 2")
    assert accounts.sign_in("anna", RIGHT) is None
    assert accounts.sign_in("anna", RIGHT + " 2") is not None
    assert not accounts.set_password("ingen", RIGHT)


def test_a_hash_of_older_settings_is_made_anew_at_sign_in(
    accounts: Accounts, engine: Engine, clock: SetClock
) -> None:
    stronger = PasswordHasher(time_cost=2, memory_cost=64, parallelism=1)
    assert Accounts(engine, clock, stronger).sign_in("anna", RIGHT) is not None
    with engine.connect() as db:
        assert "m=64,t=2" in db.execute(select(table.c.password_hash)).scalar_one()


def test_the_language_of_a_user_is_remembered(accounts: Accounts) -> None:
    accounts.set_language("u-dis-01", "en")
    (found,) = accounts.all()
    assert found.language == "en"
