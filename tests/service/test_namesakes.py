"""A search for a name of the own agency is noted; what was searched for stays encrypted."""

import pytest
from sqlalchemy import text

from domain.access import NameSought
from infra.access.rows import bytes_of
from service.namesakes import is_named, words_of
from tests.service.reads import rows
from tests.service.visiting import Visit, open_accounts
from tests.service.web import a_web

NAMES = {
    "u-dis-01": "Märta Ek-Ståhlberg",
    "u-dis-02": "Bo Ek",
    "u-pol-01": "Östen Pettersson",
}


@pytest.mark.parametrize(
    ("name", "sought", "is_sought"),
    [
        ("Märta Ståhlberg", "ståhlberg", True),
        ("Märta Ståhlberg", "marta STAHLBERG flaskor", True),
        ("Märta Ståhlberg", "märta", False),
        ("Märta Ståhlberg", "ståhlbergsvägen", False),
        ("Bo Ek", "ek vid parken", False),
        ("Bo Ek", "ek, bo", True),
        ("Handläggare Trygghet 1", "trygghet handläggare", False),
        ("", "", False),
    ],
)
def test_a_person_is_named_by_the_last_name_or_all_of_it(
    name: str, sought: str, *, is_sought: bool
) -> None:
    assert is_named(name, words_of(sought)) is is_sought


def test_of_a_search_on_pages_and_over_the_api_it_is_noted_whose_name_it_was(
    postgresql_url: str,
) -> None:
    with a_web(postgresql_url) as web:
        open_accounts(web.started)
        with web.started.samsyn.engine.execution_options(writes=True).begin() as db:
            for user_id, name in NAMES.items():
                given = {"user_id": user_id, "name": name}
                named = "UPDATE accounts SET display_name = :name WHERE user_id = :user_id"
                db.execute(text(named), given)
        visit = Visit(web.client, web.started).as_user("u-dis-01")
        expected = {
            "Stahlberg": NameSought.OWN,
            "bo ek": NameSought.COLLEAGUE,
            "Pettersson": None,
            "ek": None,
        }
        for sought, whose in expected.items():
            for ask in (visit.get, web.get):
                answer = ask(f"/issues?text={sought}")
                assert answer.status_code == 200
                row = rows(web.started, "u-dis-01")[-1]
                assert (row.name_sought, row.request_id) == (
                    whose,
                    answer.headers["x-request-id"],
                ), sought
                assert sought not in str(row)
                assert (b"name_sought" in bytes_of(row)) is (whose is not None), "it is sealed"
