"""Walks every route of the application and looks which answers show what was hidden in an issue."""

import io
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
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
from projections.figure_texts import FigureId
from projections.responsibility_behind import Listed
from service.commands import COMMANDS
from tests.examples import Started, a_report, open_issue, send_referral
from tests.service.visiting import HTML, Site

MARKER: Final = "kvastfening"
SOUGHT: Final = "granris"
"""Stands beside the marker: what is searched for comes back in a form without having been read."""
READER: Final = "u-dis-01"
WITNESS: Final = "u-aud-01"
"""Who may ask for the sealed log."""


@dataclass(frozen=True)
class Hidden:
    """Where the marker stands: an issue, all that belongs to it, and a report of its own."""

    issue_id: UUID
    number: str
    referral_id: UUID
    report_id: UUID
    event_id: UUID
    position: int

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
        position = started.samsyn.casework.head()
        return cls(issue_id, issue.number, referral_id, report_id, event_id, position)

    def values(self) -> dict[str, Sequence[object]]:
        """What the parameters of addresses can be; a route with another one must be added here."""
        return {
            "issue_id": [self.issue_id],
            "number": [self.number],
            "referral_id": [self.referral_id],
            "report_id": [self.report_id],
            "event_id": [self.event_id],
            "position": [self.position],
            "action_id": [uuid4()],
            "view_id": [uuid4()],
            "agency_id": ["district", "police"],
            "figure_id": list(FigureId),
            "form": ["csv", "xlsx"],
            "name": list(FigureId),
            "part": [2026],  # of a log: its year
            "listed": list(Listed),
            "digest": ["0" * 16],
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
class Shown:
    """An answer that had the marker in it, and how many rows its request has in the access log."""

    route: str
    address: str
    rows: int


class Walk:
    """Asks for everything at every address of an application."""

    def __init__(self, site: Site, token_of: Callable[[str], str]) -> None:
        self._site = site
        self._token_of = token_of
        self.hidden = Hidden.put(site.started)
        self.asked: set[str] = set()

    def routes(self, method: str) -> list[HTTPRoute]:
        """Every route that answers such requests, as the router itself has them."""
        return [
            route
            for route in self._site.app.routes
            if isinstance(route, HTTPRoute) and method in route.methods
        ]

    def shown(self, method: str) -> Iterator[Shown]:
        """Every answer that shows what was hidden."""
        for route in self.routes(method):
            self.asked.add(route.path)
            for nth, address in enumerate(self._addresses(route)):
                # Of addresses that differ in a name only one is asked in every way.
                asked_with = self.hidden.queries(address) if method == "GET" and not nth else [{}]
                for query in asked_with:
                    answer = self._ask(method, address, query)
                    if MARKER in _text(answer):
                        yield Shown(route.path, address, self._rows(answer))

    def _addresses(self, route: HTTPRoute) -> list[str]:
        known = self.hidden.values()
        about = next((name for name in ("issue_id", "report_id") if name in route.path), None)
        if "/do/" in route.path:
            known["name"] = [name for name, row in COMMANDS.items() if row.id_field == about]
        parts = [
            [part] if isinstance(part, str) else [str(each) for each in known[part.name]]
            for part in route.path_components
        ]
        return ["/" + "/".join(each) for each in product(*parts)]

    def _ask(self, method: str, address: str, query: dict[str, Any]) -> Any:
        client = self._site.client
        if address.startswith(("/api/", "/audit")):
            user = WITNESS if address.startswith("/audit") else READER
            headers = {"Authorization": f"Bearer {self._token_of(user)}"}
            if method == "GET":
                return client.get(address, params=query, headers=headers)
            return client.post(address, json={}, headers=headers)
        visit = self._site.visit(READER)
        if method == "GET":
            return client.get(address, params=query, headers=HTML, follow_redirects=False)
        return visit.post(address, self.hidden.typed())

    def _rows(self, answer: Any) -> int:
        query = select(accesses.c.row_id).where(
            accesses.c.request_id == answer.headers["x-request-id"]
        )
        with self._site.started.samsyn.engine.connect() as db:
            return len(db.execute(query).all())


def _text(answer: Any) -> str:
    """What an answer shows, also that which lies in an archive or a workbook."""
    if not answer.content.startswith(b"PK"):
        return str(answer.text)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as zipped:
        return "".join(zipped.read(name).decode("utf-8", "replace") for name in zipped.namelist())
