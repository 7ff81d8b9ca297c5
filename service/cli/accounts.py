"""Commands for people's accounts and programs' tokens: user and token."""

import sys
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final
from uuid import UUID

import click

from service.cli.program import Mistake, opened
from service.cli.showing import as_json, print_json, print_table

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from service.assembly import Samsyn

ROLES: Final = (
    "reporter",
    "registrar",
    "caseworker",
    "field_officer",
    "coordinator",
    "manager",
    "auditor",
    "admin",
)

_OTHER_LOGIN: Final = "`samsyn user list` shows them; choose another --user-id or login."


@click.group()
def user() -> None:
    """Accounts of people: add, list, password."""


@user.command("add")
@click.argument("login")
@click.option("--agency", help="The id of the user's agency; not needed if the user has one.")
@click.option("--role", type=click.Choice(ROLES), help="The user's one role in that agency.")
@click.option("--name", help="The name shown on the screen; the login if left out.")
@click.option("--user-id", help="The id in the log; the login if left out.")
def add_user(
    login: str, agency: str | None, role: str | None, name: str | None, user_id: str | None
) -> None:
    """Make an account, with agency and role; the password is asked for or read from a pipe."""
    from infra.accounts import Accounts, LoginTaken, check_length

    user_id = user_id or login
    with opened() as program:
        samsyn = program.samsyn
        _has_or_gets_role(samsyn, user_id, agency, role)
        accounts = Accounts(samsyn.engine, samsyn.clock)
        if accounts.is_taken(login, user_id):
            raise Mistake(f"The login or the user has an account already. {_OTHER_LOGIN}")
        password = _password()
        try:
            check_length(password)
            # Role and account are one transaction: neither is left without the other.
            account = accounts.add(
                login,
                user_id=user_id,
                display_name=name or login,
                password=password,
                beside=partial(_grant, samsyn, user_id, agency, role),
            )
        except LoginTaken as taken:
            raise Mistake(f"{taken} {_OTHER_LOGIN}") from taken
        except ValueError as short:
            raise Mistake(str(short)) from short
        click.echo(f"{account.login} can sign in as {user_id}.")


@user.command("list")
@as_json
def list_users(json_: bool) -> None:  # noqa: FBT001  an option of the command line
    """Show every account with agency and role."""
    from infra.accounts import Accounts

    with opened() as program:
        grants = program.samsyn.execution.agencies().grants
        rows: list[dict[str, str | None]] = []
        for account in Accounts(program.samsyn.engine, program.samsyn.clock).all():
            grant = grants.get(account.user_id)
            rows.append(
                {
                    "login": account.login,
                    "user_id": account.user_id,
                    "name": account.display_name,
                    "agency": grant.agency_id if grant else None,
                    "role": grant.role.value if grant else None,
                }
            )
    if json_:
        print_json(rows)
    else:
        print_table(
            ("login", "user", "name", "agency", "role"), [tuple(row.values()) for row in rows]
        )


@user.command("password")
@click.argument("login")
def set_password(login: str) -> None:
    """Give an account another password, and unlock it; asked for or read from a pipe."""
    from infra.accounts import Accounts

    with opened() as program:
        try:
            done = Accounts(program.samsyn.engine, program.samsyn.clock).set_password(
                login, _password()
            )
        except ValueError as short:
            raise Mistake(str(short)) from short
    if not done:
        raise Mistake(f"There is no account {login}; `samsyn user list` shows them.")
    click.echo(f"{login} has a new password.")


@click.group()
def token() -> None:
    """Tokens with which programs use the API: add, list, revoke."""


@token.command("add")
@click.argument("user_id")
@click.option("--name", required=True, help="What the token is for.")
@click.option("--days", type=click.IntRange(1, 3650), help="After so many days it ends.")
@as_json
def add_token(user_id: str, name: str, days: int | None, json_: bool) -> None:  # noqa: FBT001  as above
    """Make a token that acts as a user; it is shown this once."""
    from infra.tokens import Tokens

    with opened() as program:
        samsyn = program.samsyn
        if user_id not in samsyn.execution.agencies().grants:
            raise Mistake(
                f"The user {user_id} has no agency and role, so a token could do nothing. Add it "
                f"with `samsyn user add {user_id} --agency … --role …`."
            )
        expires_at = samsyn.clock() + timedelta(days=days) if days else None
        token_id, text = Tokens(samsyn.engine, samsyn.clock).issue(
            user_id, name, expires_at=expires_at
        )
    if json_:
        print_json({"token_id": str(token_id), "token": text})
    else:
        click.echo(f"{text}\nShown this once. In requests: Authorization: Bearer {text[:8]}…")


@token.command("list")
@as_json
def list_tokens(json_: bool) -> None:  # noqa: FBT001  as above
    """Show every token, without its secret."""
    from infra.tokens import Tokens

    with opened() as program:
        rows = [
            {
                "token_id": str(each.token_id),
                "user_id": each.user_id,
                "name": each.name,
                "created_at": each.created_at.isoformat(timespec="seconds"),
                "expires_at": each.expires_at and each.expires_at.isoformat(timespec="seconds"),
                "revoked_at": each.revoked_at and each.revoked_at.isoformat(timespec="seconds"),
            }
            for each in Tokens(program.samsyn.engine, program.samsyn.clock).all()
        ]
    if json_:
        print_json(rows)
    else:
        print_table(
            ("token", "user", "name", "created", "expires", "revoked"),
            [tuple(row.values()) for row in rows],
        )


@token.command("revoke")
@click.argument("token_id", type=click.UUID)
def revoke_token(token_id: UUID) -> None:
    """End a token at once."""
    from infra.tokens import Tokens

    with opened() as program:
        done = Tokens(program.samsyn.engine, program.samsyn.clock).revoke(token_id)
    if not done:
        raise Mistake(f"There is no such token in use: {token_id}; `samsyn token list` shows them.")
    click.echo("The token has ended.")


def _has_or_gets_role(samsyn: "Samsyn", user_id: str, agency: str | None, role: str | None) -> None:
    """Before anything is written: an account without agency and role could do nothing."""
    agencies = samsyn.execution.agencies()
    if bool(agency) != bool(role):
        raise Mistake("--agency and --role go together.")
    if agency is not None and agency not in agencies.agencies:
        known = ", ".join(sorted(agencies.agencies)) or "none; load them with `samsyn demo`"
        raise Mistake(f"There is no agency {agency}. There are: {known}.")
    if agency is None and user_id not in agencies.grants:
        raise Mistake(f"The user {user_id} has no agency and role: give --agency and --role.")


def _grant(
    samsyn: "Samsyn", user_id: str, agency: str | None, role: str | None, db: "Connection"
) -> None:
    from domain.directory import GrantUser
    from domain.values import SYSTEM, Role

    grant = samsyn.execution.agencies().grants.get(user_id)
    if agency is None or role is None:
        return
    if grant is None or (grant.agency_id, grant.role) != (agency, Role(role)):
        command = GrantUser(user_id=user_id, agency_id=agency, role=Role(role))
        samsyn.execution.execute_beside(command, SYSTEM, db)


def _password() -> str:
    if sys.stdin.isatty():
        asked: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
        return asked
    return sys.stdin.readline().rstrip("\n")
