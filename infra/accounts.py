"""Local accounts: a login, a password kept as its argon2id hash, and a lock against guessing."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, Engine, RowMapping, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from infra.account_tables import accounts
from infra.database import without_transactions

MOST_FAILURES: Final = 5
"""So many wrong passwords in a row lock an account."""
LOCKED_FOR: Final = timedelta(minutes=15)
LEAST_PASSWORD: Final = 12
"""Characters of a password that people choose themselves."""
_MOST_PASSWORD: Final = 1000
_HASHER: Final = PasswordHasher()


class LoginTaken(ValueError):
    """Another account has this login or this user."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """A person who may sign in; what the user may do stands in the directory."""

    login: str
    user_id: str
    display_name: str
    language: str
    locked_until: datetime | None


class Accounts:
    """Keeps accounts; safe to use from many threads. A check takes about 0.1 s on purpose."""

    def __init__(
        self,
        engine: Engine,
        clock: Callable[[], datetime],
        hasher: PasswordHasher | None = None,
    ) -> None:
        self._engine = engine
        self._reading = without_transactions(engine)
        self._clock = clock
        self._hasher = hasher or _HASHER
        # Not at the first sign-in, which would take longer then.
        self._nobody = _hash_of_nobody(self._hasher)

    def add(
        self,
        login: str,
        *,
        user_id: str,
        display_name: str,
        password: str,
        language: str = "sv",
        beside: Callable[[Connection], None] | None = None,
    ) -> Account:
        """Make an account, and in the same transaction first what is to be done beside it.

        Raises:
            LoginTaken: the login or the user has an account already.
            ValueError: the password is too short or too long.
        """
        hashed = self._hash(password)  # which takes its time: before anything is locked
        try:
            with self._engine.execution_options(writes=True).begin() as db:
                if beside is not None:
                    beside(db)
                db.execute(
                    insert(accounts).values(
                        login=_plain(login),
                        user_id=user_id,
                        display_name=display_name,
                        password_hash=hashed,
                        language=language,
                        created_at=self._clock(),
                        failures=0,
                    )
                )
        except IntegrityError as taken:
            raise LoginTaken("The login or the user has an account already.") from taken
        return Account(
            login=_plain(login),
            user_id=user_id,
            display_name=display_name,
            language=language,
            locked_until=None,
        )

    def is_taken(self, login: str, user_id: str) -> bool:
        """Whether the login or the user has an account."""
        taken = or_(accounts.c.login == _plain(login), accounts.c.user_id == user_id)
        with self._reading.connect() as db:
            return db.execute(select(accounts.c.login).where(taken)).first() is not None

    def sign_in(self, login: str, password: str) -> Account | None:
        """Give the account if the password is right and the account is not locked.

        Nothing tells a wrong password from an unknown or a locked login, the time neither.
        Call it from a worker thread.
        """
        attempt = self._begin_attempt(_plain(login))
        password_hash = self._nobody if attempt is None else attempt["password_hash"]
        if not self._is_right(password_hash, password) or attempt is None:
            return None
        again = {}
        if self._hasher.check_needs_rehash(password_hash):
            again["password_hash"] = self._hasher.hash(password)
        with self._engine.execution_options(writes=True).begin() as db:
            db.execute(
                update(accounts)
                .where(accounts.c.login == attempt["login"])
                .values(failures=0, locked_until=None, **again)
            )
        return _account(attempt, locked_until=None)

    def set_password(self, login: str, password: str) -> bool:
        """Give an account another password and unlock it; False if there is no such account.

        Raises:
            ValueError: the password is too short or too long.
        """
        with self._engine.execution_options(writes=True).begin() as db:
            changed = db.execute(
                update(accounts)
                .where(accounts.c.login == _plain(login))
                .values(password_hash=self._hash(password), failures=0, locked_until=None)
            )
        return changed.rowcount == 1

    def set_language(self, user_id: str, language: str) -> None:
        """Remember which language a user reads."""
        with self._engine.execution_options(writes=True).begin() as db:
            db.execute(
                update(accounts).where(accounts.c.user_id == user_id).values(language=language)
            )

    def all(self) -> list[Account]:
        """Give every account, by login."""
        with self._reading.connect() as db:
            rows = db.execute(select(accounts).order_by(accounts.c.login)).mappings().all()
        return [_account(row, locked_until=row["locked_until"]) for row in rows]

    def names(self, user_ids: Iterable[str]) -> dict[str, str]:
        """Give the display names of those of these users who have an account, by user id."""
        ids = set(user_ids)
        if not ids:
            return {}
        wanted = accounts.c.user_id.in_(ids)
        query = select(accounts.c.user_id, accounts.c.display_name).where(wanted)
        with self._reading.connect() as db:
            return {row.user_id: row.display_name for row in db.execute(query)}

    def _begin_attempt(self, login: str) -> RowMapping | None:
        # Counted before the password is looked at: guesses sent at the same time count as well.
        now = self._clock()
        with self._engine.execution_options(writes=True).begin() as db:
            row = (
                db.execute(select(accounts).where(accounts.c.login == login).with_for_update())
                .mappings()
                .one_or_none()
            )
            if row is None:
                return None
            locked_until: datetime | None = row["locked_until"]
            if locked_until is not None and now < locked_until:
                return None
            failures = 1 if locked_until is not None else row["failures"] + 1
            db.execute(
                update(accounts)
                .where(accounts.c.login == login)
                .values(
                    failures=failures,
                    locked_until=now + LOCKED_FOR if failures >= MOST_FAILURES else None,
                )
            )
        return row

    def _is_right(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password[:_MOST_PASSWORD])
        except (VerificationError, InvalidHashError):
            return False

    def _hash(self, password: str) -> str:
        check_length(password)
        return self._hasher.hash(password)


def check_length(password: str) -> None:
    """Refuse a password that is too short or too long.

    Raises:
        ValueError: it is.
    """
    if not LEAST_PASSWORD <= len(password) <= _MOST_PASSWORD:
        raise ValueError(f"A password has {LEAST_PASSWORD} to {_MOST_PASSWORD} characters.")


@cache
def _hash_of_nobody(hasher: PasswordHasher) -> str:
    """Compared with when there is no such account: the answer must take as long as for one."""
    return hasher.hash("nobody has this password")


def display_names(engine: Engine) -> dict[str, str]:
    """What all users with an account are called, by their ids."""
    with without_transactions(engine).connect() as db:
        rows = db.execute(select(accounts.c.user_id, accounts.c.display_name))
        return {row.user_id: row.display_name for row in rows}


def _plain(login: str) -> str:
    return login.strip().casefold()


def _account(row: RowMapping, *, locked_until: datetime | None) -> Account:
    return Account(
        login=row["login"],
        user_id=row["user_id"],
        display_name=row["display_name"],
        language=row["language"],
        locked_until=locked_until,
    )
