"""The demo's accounts: one for each invented user, all with one password that is no secret."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from argon2 import PasswordHasher
from sqlalchemy import Engine

from domain.preset_users import USERS
from infra.accounts import Accounts

DEMO_PASSWORD: Final = "samsyn-demo-2026"  # noqa: S105  printed for everybody: it guards nothing


def make_demo_accounts(engine: Engine, clock: Callable[[], datetime]) -> int:
    """An account for each invented user who has none; returns how many were made."""
    # A dear hash of what everybody knows guards nothing; who signs in gets one all the same.
    accounts = Accounts(engine, clock, PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    there = {account.user_id for account in accounts.all()}
    missing = [user for user in USERS if user.user_id not in there]
    for user in missing:
        accounts.add(
            user.user_id,
            user_id=user.user_id,
            display_name=user.display_name,
            password=DEMO_PASSWORD,
        )
    return len(missing)


def demo_logins(engine: Engine, clock: Callable[[], datetime]) -> list[str]:
    """The logins of the invented users that have accounts, in the order of the presets."""
    there = {account.login for account in Accounts(engine, clock).all()}
    return [user.user_id for user in USERS if user.user_id in there]
