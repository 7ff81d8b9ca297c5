"""Every page that anybody can reach in the demo is light enough for a phone's net."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import pytest
from litestar.testing import TestClient

from projections.catalogue import PROJECTIONS
from service.app import create_app
from service.assembly import assemble
from service.demo.loading import load_demo
from service.settings import Settings
from service.stories.player import StoryClock
from tests.examples import Started
from tests.service.visiting import HTML, Visit, open_accounts

MOST_BYTES: Final = 60_000
NOW: Final = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
ISSUES: Final = 150
"""Enough for lists to be as long as a page shows of them."""
EACH: Final = 3
"""So many pages of a kind are looked at for each visitor."""
VISITORS: Final = (None, "u-dis-01", "u-coo-01", "u-pol-02", "u-man-01", "u-adm-01", "u-rep-01")
FILES: Final = re.compile(
    r"/file/|/evidence$|/proofs/|^/receipts/|^/service-worker|^/manifest|/unsent$"
)
"""What is no page."""
_LINK: Final = re.compile(r'<a[^>]* href="(/[^"#]*)')
_LOADED: Final = re.compile(r'<(?:link|script|img)[^>]* (?:href|src)="([^"]+)"')
_STATIC: Final = re.compile(r"/static/[0-9a-f]{12}/[\w.-]+")

pytestmark = pytest.mark.slow


@dataclass
class Walk:
    """What was seen: by kind of page the most bytes that went over the net, and what it loads."""

    bytes_of: dict[str, int] = field(default_factory=dict)
    loaded: set[str] = field(default_factory=set)


@pytest.fixture(scope="module")
def walk(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    """A visit to every kind of page by everybody who reaches it by links."""
    path = tmp_path_factory.mktemp("weight") / "demo.db"
    path.write_bytes(sqlite_template.read_bytes())
    clock = StoryClock()
    samsyn = assemble(f"sqlite:///{path}", PROJECTIONS, clock)
    try:
        load_demo(samsyn, clock, NOW, ISSUES)
        started = Started(samsyn, clock)  # type: ignore[arg-type]  # a story's clock is as good
        started.catch_up()
        open_accounts(started)
        with TemporaryDirectory() as data_dir:
            told = {"DATABASE_URL": f"sqlite:///{path}", "SAMSYN_DATA_DIR": data_dir}
            settings = Settings.from_environment(told)
            with TestClient(create_app(samsyn, settings)) as client:
                yield _walked(client, Visit(client, started))
    finally:
        samsyn.close()


def _walked(client: TestClient[Any], visit: Visit) -> Walk:
    walk = Walk()
    kinds = _kinds(client)
    for visitor in VISITORS:
        client.cookies.clear()
        if visitor is not None:
            visit.as_user(visitor)
        seen: defaultdict[str, int] = defaultdict(int)
        ahead, known = ["/", "/sign-in", "/accessibility"], set[str]()
        while ahead:
            path = ahead.pop(0)
            kind = next((name for name, fits in kinds if fits.fullmatch(urlsplit(path).path)), "")
            if path in known or not kind or seen[kind] >= EACH or FILES.search(urlsplit(path).path):
                continue
            known.add(path)
            seen[kind] += 1
            with client.stream(
                "GET", path, headers={**HTML, "Accept-Encoding": "gzip"}, follow_redirects=False
            ) as answer:
                page = b"".join(answer.iter_bytes()).decode()
                head = sum(len(name) + len(value) + 4 for name, value in answer.headers.raw)
                sent = head + answer.num_bytes_downloaded
            ahead += [answer.headers["location"]] if answer.is_redirect else []
            ahead += [unquote(each).replace("&amp;", "&") for each in _LINK.findall(page)]
            walk.bytes_of[kind] = max(walk.bytes_of.get(kind, 0), sent)
            walk.loaded |= set(_LOADED.findall(page))
    return walk


def _kinds(client: TestClient[Any]) -> list[tuple[str, re.Pattern[str]]]:
    """The addresses of pages, each with what fits it; those without a hole come first."""
    routes: Iterable[Any] = client.app.routes
    paths: set[str] = {each.path for each in routes if "GET" in getattr(each, "methods", ())}
    pages = sorted(
        (each for each in paths if not each.startswith(("/api", "/audit", "/static"))),
        key=lambda each: ("{" in each, each),
    )
    return [(each, re.compile(re.sub(r"\\{[^}]+\\}", "[^/]+", re.escape(each)))) for each in pages]


def test_every_page_is_light_enough(walk: Walk) -> None:
    assert len(walk.bytes_of) > 20, walk.bytes_of
    assert {kind: sent for kind, sent in walk.bytes_of.items() if sent > MOST_BYTES} == {}


def test_a_second_view_loads_nothing_but_the_page(walk: Walk) -> None:
    again = {each for each in walk.loaded if not _STATIC.fullmatch(each)}
    assert again == {"/manifest.webmanifest"}, "files that are not kept for ever"
