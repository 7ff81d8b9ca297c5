"""No route shows an issue's content without a row in the access log: all of them are walked."""

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection

from infra.tokens import Tokens
from projections.viewer import Viewer
from service.access import AccessLog, Looked
from tests.service.visiting import Site, a_site
from tests.service.walked_routes import ALL_LOGGED, ONLY_REFUSED, SHOW_IT, SHOW_NONE
from tests.service.walking import Walk, routes_of


@pytest.fixture
def walk(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Walk]:
    # What waits for the seal shows no more afterwards.
    monkeypatch.setattr("service.evidence.PATIENCE_SECONDS", 0.0)
    # A stream of hints is answered for as long as its page is open.
    monkeypatch.setattr("service.live.stream.LIFE_SECONDS", 0.0)
    with a_site(database_url) as site:
        yield Walk(site, tokens_of(site))


def tokens_of(site: Site) -> Any:
    tokens = Tokens(site.started.samsyn.engine, site.clock)
    known: dict[str, str] = {}

    def token_of(user_id: str) -> str:
        if user_id not in known:
            known[user_id] = tokens.issue(user_id, "walk", expires_at=None)[1]
        return known[user_id]

    return token_of


@pytest.mark.slow
def test_no_route_shows_an_issue_without_a_row(walk: Walk) -> None:
    found = list(walk.answers())
    assert [each for each in found if each.shows and not each.rows] == []
    assert {each.route for each in found if each.shows} == SHOW_IT
    tells = [each for each in found if each.route in ALL_LOGGED and each.is_well]
    assert [each for each in tells if not each.rows] == []
    # What is only refused here might show anything to whom it answers: no such page is left out.
    read = {each.route for each in found if each.route.startswith("GET")}
    assert read - {each.route for each in found if each.is_well} <= ONLY_REFUSED


def test_each_route_is_known_to_show_an_issue_or_not_to(sqlite_url: str) -> None:
    with a_site(sqlite_url) as site:
        asked = routes_of(site)
    known = [*SHOW_IT, *ALL_LOGGED, *SHOW_NONE]
    routes = {f"{method} {route.path}" for method, route in asked}
    assert (sorted(known), ONLY_REFUSED - routes) == (sorted(routes), set())


def test_the_walk_finds_what_is_not_logged(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def unlogged(
        self: AccessLog, _viewer: Viewer, _looked: Looked, needed: Mapping[str, int] | None = None
    ) -> Generator[Connection]:
        with self._reading.connection(needed or {}) as db:
            yield db

    with a_site(sqlite_url) as site:
        walk = Walk(site, tokens_of(site))
        listing = {("GET", "/issues"), ("GET", "/queue")}
        walk.routes = [each for each in walk.routes if (each[0], each[1].path) in listing]
        monkeypatch.setattr(AccessLog, "reading", unlogged)
        assert {each.rows for each in walk.answers() if each.shows} == {0}
