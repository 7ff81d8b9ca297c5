"""What is answered while the database cannot be reached, and that all is well once it is back."""

from collections.abc import Iterator

import pytest
from sqlalchemy import make_url

from tests.infra.cutting_proxy import CuttingProxy
from tests.service.web import Web, a_web

ISSUE = {"public_title": "Hemlig rubrik", "category": "other", "place": {"name": "Heden"}}


@pytest.fixture
def proxy(postgresql_url: str) -> Iterator[CuttingProxy]:
    server = make_url(postgresql_url)
    assert server.host is not None
    assert server.port is not None
    proxy = CuttingProxy(server.host, server.port)
    yield proxy
    proxy.close()


@pytest.fixture
def web_on_proxy(postgresql_url: str, proxy: CuttingProxy) -> Iterator[Web]:
    address = make_url(postgresql_url).set(host="127.0.0.1", port=proxy.port)
    with a_web(address.render_as_string(hide_password=False)) as web:
        web.token("u-dis-01")
        yield web
        proxy.cut = "nothing"


def test_commands_and_queries_say_try_again(web_on_proxy: Web, proxy: CuttingProxy) -> None:
    proxy.lose_everything()
    for answer in (web_on_proxy.post("/issues", ISSUE), web_on_proxy.get("/issues")):
        assert answer.status_code == 503
        assert answer.json()["code"] == "unavailable"
        assert int(answer.headers["retry-after"]) > 0
    proxy.cut = "nothing"
    assert web_on_proxy.post("/issues", ISSUE).status_code == 201


def test_ready_says_no_and_health_still_yes(web_on_proxy: Web, proxy: CuttingProxy) -> None:
    assert web_on_proxy.client.get("/ready").status_code == 200
    proxy.lose_everything()
    assert web_on_proxy.client.get("/ready").status_code == 503
    assert web_on_proxy.client.get("/health").status_code == 200
    proxy.cut = "nothing"
    assert web_on_proxy.client.get("/ready").status_code == 200


def test_a_lost_answer_is_found_again_by_its_key(web_on_proxy: Web, proxy: CuttingProxy) -> None:
    assert web_on_proxy.get("/me").status_code == 200  # notes the token's use, once a minute
    before = web_on_proxy.started.samsyn.casework.head()
    proxy.cut, proxy.then = "after the commit", "nothing"
    first = web_on_proxy.post("/issues", ISSUE, Idempotency_Key="k-1")
    assert first.status_code in (201, 503)
    again = web_on_proxy.post("/issues", ISSUE, Idempotency_Key="k-1")
    assert again.status_code == 201
    assert web_on_proxy.started.samsyn.casework.head() == before + 1
