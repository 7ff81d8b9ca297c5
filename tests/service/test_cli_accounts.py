"""The commands user and token: accounts that can sign in, tokens that act, mistakes explained."""

import pytest
from sqlalchemy import text

from infra.accounts import Accounts
from infra.database import connect
from infra.tokens import Tokens
from service.assembly import system_clock
from service.preset import load_preset
from tests.examples import a_started_samsyn
from tests.service.command_line import CommandLine

PASSWORD = "langt-nog-losenord"


@pytest.fixture
def line(sqlite_url: str) -> CommandLine:
    with a_started_samsyn(sqlite_url, projections=()) as started:
        load_preset(started.samsyn.execution, "today")
    return CommandLine(sqlite_url)


def signs_in(line: CommandLine, login: str, password: str) -> bool:
    engine = connect(line.database_url)
    account = Accounts(engine, system_clock).sign_in(login, password)
    engine.dispose()
    return account is not None


def test_add_makes_an_account_with_agency_and_role(line: CommandLine) -> None:
    said = line.text(
        "user", "add", "anna", "--agency", "police", "--role", "caseworker", "--name", "Anna A",
        stdin=f"{PASSWORD}\n",
    )  # fmt: skip
    assert said == "anna can sign in as anna.\n"
    assert line.json("user", "list") == [
        {
            "login": "anna",
            "user_id": "anna",
            "name": "Anna A",
            "agency": "police",
            "role": "caseworker",
        }
    ]
    assert "police" in line.text("user", "list")
    assert signs_in(line, "anna", PASSWORD)


def test_a_user_of_the_preset_gets_an_account(line: CommandLine) -> None:
    line.text("user", "add", "polis", "--user-id", "u-pol-01", stdin=PASSWORD)
    (account,) = line.json("user", "list")
    assert (account["login"], account["user_id"], account["role"]) == (
        "polis",
        "u-pol-01",
        "caseworker",
    )


def test_password_changes_it(line: CommandLine) -> None:
    line.text("user", "add", "polis", "--user-id", "u-pol-01", stdin=PASSWORD)
    line.text("user", "password", "polis", stdin="ett-annat-losenord")
    assert signs_in(line, "polis", "ett-annat-losenord")
    assert not signs_in(line, "polis", PASSWORD)


@pytest.mark.parametrize(
    ("arguments", "stdin", "said"),
    [
        (("add", "x"), PASSWORD, "give --agency and --role"),
        (("add", "x", "--agency", "police"), PASSWORD, "go together"),
        (("add", "x", "--agency", "polis", "--role", "admin"), PASSWORD, "There are: "),
        (("add", "x", "--agency", "police", "--role", "boss"), PASSWORD, "'boss' is not one of"),
        (("add", "x", "--user-id", "u-pol-01"), "short", "12 to 1000 characters"),
        (("password", "nobody"), PASSWORD, "There is no account nobody"),
    ],
)
def test_a_mistake_is_said_and_writes_nothing(
    line: CommandLine, arguments: tuple[str, ...], stdin: str, said: str
) -> None:
    assert said in line.mistake("user", *arguments, stdin=stdin)
    assert line.json("user", "list") == []


def test_a_second_account_of_a_user_is_refused(line: CommandLine) -> None:
    line.text("user", "add", "polis", "--user-id", "u-pol-01", stdin=PASSWORD)
    said = line.mistake("user", "add", "polis2", "--user-id", "u-pol-01", stdin=PASSWORD)
    assert "has an account already" in said


def test_refused_permission_leaves_no_account(line: CommandLine) -> None:
    engine = connect(line.database_url)
    with engine.execution_options(writes=True).begin() as db:
        db.execute(
            text("INSERT INTO audit_ahead VALUES ('audit.example/issues/2026', 9, '-', '-', 0)")
        )
    engine.dispose()
    said = line.failure(
        "user", "add", "anna", "--agency", "police", "--role", "caseworker", stdin=PASSWORD
    )
    assert "read-only" in said, "a witness holds more than the database"
    assert line.json("user", "list") == []


def test_token_acts_until_it_is_revoked(line: CommandLine) -> None:
    made = line.json("token", "add", "u-pol-01", "--name", "radio", "--days", "30")
    engine = connect(line.database_url)
    tokens = Tokens(engine, system_clock)
    found = tokens.find(made["token"])
    assert found is not None
    assert found.user_id == "u-pol-01"
    (listed,) = line.json("token", "list")
    assert listed["token_id"] == made["token_id"]
    assert made["token"] not in line.text("token", "list")
    line.text("token", "revoke", made["token_id"])
    assert tokens.find(made["token"]) is None
    engine.dispose()
    assert "no such token in use" in line.mistake("token", "revoke", made["token_id"])


def test_token_of_nobody_is_refused(line: CommandLine) -> None:
    assert "has no agency and role" in line.mistake("token", "add", "nobody", "--name", "x")
