"""Walks every route of the application and looks which answers show what was hidden in an issue."""

import base64
import io
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from itertools import product
from typing import Any, Final
from uuid import UUID, uuid4

from litestar.routes import HTTPRoute
from sqlalchemy import select

from domain.action import PerformAction
from domain.codes import ActionType
from domain.issue import Issue
from domain.notes import AddNote
from infra.access.tables import accesses
from infra.audit import store
from infra.audit.leaf import ISSUES, leaves_of
from infra.audit.sequencer import Sequencer
from projections.figure_texts import FigureId
from projections.responsibility_behind import Listed
from service.commands import COMMANDS
from service.pages.static_files import static_path
from tests.examples import Started, a_report, actor, open_issue, send_referral
from tests.faults.waiting import wait_until
from tests.infra.audit.sealing import KEYS, NAME, real_time
from tests.service.visiting import HTML, Site

MARKER: Final = "kvastfening"
_ENCODED: Final = [
    base64.b64encode(b" " * before + MARKER.encode())[4 if before else 0 : -4].decode()
    for before in range(3)
]
SOUGHT: Final = "granris"
"""Stands beside the marker: what is searched for comes back in a form without having been read."""
READER: Final = "u-dis-01"
WITNESS: Final = "u-aud-01"
"""Who may ask for the sealed log."""
_OTHERS: Final = {
    "/access-review": "u-man-01",
    "/issues/{issue_id:uuid}/readings": "u-man-01",
    "/accessibility/faults": "u-adm-01",
}
"""Who is asked by where the reader would only be refused."""
_SHEET: Final = "app.css"


@dataclass(frozen=True)
class Hidden:
    """Where the marker stands: an issue, all that belongs to it, and a report of its own."""

    issue_id: UUID
    number: str
    referral_id: UUID
    report_id: UUID
    event_id: UUID
    position: int
    own_position: int
    """Of the last event of the issue that the reader has recorded."""

    @classmethod
    def put(cls, started: Started) -> "Hidden":
        """Begin an issue whose every text has the marker in it."""
        words = f"Det gäller {MARKER} med {SOUGHT} och inget annat."
        issue_id = started.create(
            open_issue(title=words, public_title=words, description_sv=words), READER
        )
        started.execute(AddNote(issue_id=issue_id, text_sv=words), READER)
        started.execute(
            PerformAction(issue_id=issue_id, action_type=ActionType.CLEANING, result_sv=words),
            READER,
        )
        referral_id = started.create(send_referral(issue_id, "police", wanted_sv=words), READER)
        report_id = a_report(started, READER, text=words)
        issue: Issue = started.samsyn.casework.repository.get(issue_id)
        started.catch_up()
        event_id = next(iter(issue.event_agencies))
        head = started.samsyn.casework.head()
        entries = started.samsyn.casework.history([issue_id], head)
        own_position = [each.position for each in entries if each.event.actor == actor(READER)][-1]
        return cls(issue_id, issue.number, referral_id, report_id, event_id, head, own_position)

    def values(self) -> dict[str, Sequence[object]]:
        """What the parameters of addresses can be; a route with another one must be added here."""
        return {
            "issue_id": [self.issue_id],
            "number": [self.number],
            "referral_id": [self.referral_id],
            "report_id": [self.report_id],
            "event_id": [self.event_id],
            "position": [self.own_position],
            "action_id": [uuid4()],
            "view_id": [uuid4()],
            "agency_id": ["district", "police"],
            "figure_id": list(FigureId),
            "form": ["csv", "xlsx"],
            "name": list(FigureId),
            "part": [2026],  # of a log: its year
            "listed": list(Listed),
            "digest": [static_path(_SHEET).split("/")[2]],
        }

    def queries(self, path: str) -> list[dict[str, Any]]:
        """What an address is asked with: as it is, and by whatever the issue can be found."""
        if path.startswith("/api/"):
            return [{}, {"bucket": "waiting"}, {"position": self.position}]
        found = {"issue": self.number, "text": SOUGHT, "report": self.report_id}
        return [{}, {**found, "list": "/queue?bucket=ours", "bucket": "waiting", "step": 1}]

    def typed(self) -> dict[str, object]:
        """What each form is sent with: enough to be shown again, with what it is about."""
        return {
            "row": str(self.issue_id),
            "user_id": READER,
            "issue_number": self.number,
            "report_id": str(self.report_id),
            "back": "/queue",
            "_key": uuid4().hex,
        }


@dataclass(frozen=True)
class Answered:
    """What came of one question, and how many rows its request has in the access log.

    It is well answered if it was not refused; it shows if the marker was in it.
    """

    route: str
    address: str
    is_well: bool
    shows: bool
    rows: int


def routes_of(site: Site) -> list[tuple[str, HTTPRoute]]:
    """Every route by every method that it answers, as the router itself has them.

    Raises:
        ValueError: there is a way in that is no route, or a method that is not walked.
    """
    found: list[tuple[str, HTTPRoute]] = []
    for route in site.app.routes:
        if not isinstance(route, HTTPRoute) or not route.methods <= {"OPTIONS", "GET", "POST"}:
            raise ValueError(f"the walk does not know how to ask {route.path}")
        found += [(method, route) for method in sorted(route.methods - {"OPTIONS"})]
    return sorted(found, key=lambda each: each[0])


class Walk:
    """Asks for everything at every address of an application."""

    def __init__(self, site: Site, token_of: Callable[[str], str]) -> None:
        self._site = site
        self._token_of = token_of
        self.hidden = Hidden.put(site.started)
        self.routes = routes_of(site)
        self._sealed = _sealed(site, self.hidden.event_id)

    def answers(self) -> Iterator[Answered]:
        """Ask for everything, first what is only read; gives what came of it."""
        for method, route in self.routes:
            for nth, address in enumerate(self._addresses(route)):
                # Of addresses that differ in a name only one is asked in every way.
                asked_with = self._queries(address) if method == "GET" and not nth else [{}]
                for query in asked_with:
                    answer = self._ask(method, route.path, address, query)
                    yield Answered(
                        f"{method} {route.path}",
                        address,
                        answer.status_code < HTTPStatus.BAD_REQUEST,
                        _shows(answer),
                        self._rows(answer),
                    )

    def _queries(self, address: str) -> list[dict[str, Any]]:
        if address.endswith("/consistency"):
            return [{"from": 1, "to": self._sealed}]
        return self.hidden.queries(address)

    def _addresses(self, route: HTTPRoute) -> list[str]:
        known = self.hidden.values()
        about = next((name for name in ("issue_id", "report_id") if name in route.path), None)
        if "/do/" in route.path:
            known["name"] = [name for name, row in COMMANDS.items() if row.id_field == about]
        elif "/tile/" in route.path:
            known["name"] = [f"entries/000.p/{self._sealed}", f"0/000.p/{self._sealed}"]
        elif "/static/" in route.path:
            known["name"] = [_SHEET]
        parts = [
            [part] if isinstance(part, str) else [str(each) for each in known[part.name]]
            for part in route.path_components
        ]
        return ["/" + "/".join(each) for each in product(*parts)]

    def _ask(self, method: str, path: str, address: str, query: dict[str, Any]) -> Any:
        client = self._site.client
        if address.startswith(("/api/", "/audit")):
            user = WITNESS if address.startswith("/audit") else READER
            headers = {"Authorization": f"Bearer {self._token_of(user)}"}
            if method == "GET":
                return client.get(address, params=query, headers=headers)
            return client.post(address, json={}, headers=headers)
        visit = self._site.visit(_OTHERS.get(path, READER))
        if method == "GET":
            return client.get(address, params=query, headers=HTML, follow_redirects=False)
        return visit.post(address, self.hidden.typed())

    def _rows(self, answer: Any) -> int:
        query = select(accesses.c.row_id).where(
            accesses.c.request_id == answer.headers["x-request-id"]
        )
        with self._site.started.samsyn.engine.connect() as db:
            return len(db.execute(query).all())


def _sealed(site: Site, event_id: UUID) -> int:
    """Have the log sealed with an event in it; gives how many entries it has then."""
    samsyn = site.started.samsyn
    if samsyn.engine.dialect.name == "postgresql":  # on SQLite the application seals by itself
        leaves = leaves_of(samsyn.casework.read)
        Sequencer(samsyn.engine, leaves, KEYS, kind=ISSUES, name=NAME, clock=real_time).seal()

    def size() -> int:
        with samsyn.engine.connect() as db:
            leaf = store.leaf_about(db, event_id)
            return 0 if leaf is None else store.leaf_count(db, leaf.tree)

    wait_until(lambda: size() > 0, "the seal")
    return size()


def _shows(answer: Any) -> bool:
    """Whether the marker is in an answer, in plain or as base64 has it at any place."""
    text = _text(answer)
    return MARKER in text or any(each in text for each in _ENCODED)


def _text(answer: Any) -> str:
    """What an answer shows, also that which lies in an archive or a workbook."""
    if not answer.content.startswith(b"PK"):
        return str(answer.text)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as zipped:
        return "".join(zipped.read(name).decode("utf-8", "replace") for name in zipped.namelist())
