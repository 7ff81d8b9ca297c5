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
from tests.service.walking import Walk

SHOW_IT = {
    "/issues", "/issues/{issue_id:uuid}", "/issues/{issue_id:uuid}/then",
    "/issues/{issue_id:uuid}/evidence", "/issues/{issue_id:uuid}/do/{name:str}",
    "/issues/{issue_id:uuid}/referrals/{referral_id:uuid}/do/{name:str}", "/queue", "/trail",
    "/trail/file/{form:str}", "/figures/{name:str}", "/figures/{name:str}/file/{form:str}",
    "/inbox", "/reports", "/reports/{report_id:uuid}", "/reports/{report_id:uuid}/do/{name:str}",
    "/log-action", "/log-action/shift", "/log-action/today", "/issues/new",
    "/api/v1/issues", "/api/v1/issues/{issue_id:uuid}", "/api/v1/issue-numbers/{number:str}",
    "/api/v1/issues/{issue_id:uuid}/story", "/api/v1/issues/{issue_id:uuid}/as-of",
    "/api/v1/audit-trail", "/api/v1/agencies/{agency_id:str}/queue",
    "/api/v1/agencies/{agency_id:str}/inbox", "/api/v1/reports/{report_id:uuid}",
    "/api/v1/figures/follow-up/{figure_id:str}",
}  # fmt: skip
"""Routes of which it is known that they show it: the walk must have come past them."""


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


def test_no_route_shows_an_issue_without_a_row(walk: Walk) -> None:
    found = [*walk.shown("GET"), *walk.shown("POST")]
    assert [each for each in found if not each.rows] == []
    assert {each.route for each in found} >= SHOW_IT
    every = {route.path for method in ("GET", "POST") for route in walk.routes(method)}
    assert walk.asked == every


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
        pages = [each for each in walk.routes("GET") if each.path in {"/issues", "/queue"}]
        monkeypatch.setattr(walk, "routes", lambda _: pages)  # pyright: ignore[reportUnknownLambdaType]  of any method
        monkeypatch.setattr(AccessLog, "reading", unlogged)
        assert {each.rows for each in walk.shown("GET")} == {0}
