"""The one way to what people read: no row in the access log, no page.

Whatever shows somebody an issue reads it through ``AccessLog.reading`` or, on a wire, with
``AccessLog.logged``. The row is added in the reading's own transaction. Where that cannot be (a
replica takes no rows; SQLite would let nobody write until the page is read) it is added after the
reading and before anything is shown. If it cannot be added nothing is shown.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex
from typing import Any, Final, TypeVar
from uuid import UUID

import structlog
from sqlalchemy import Connection, Engine, Text, bindparam, cast

from domain.access import AccessKind
from domain.refusals import Refused
from domain.values import Actor
from infra.access.rows import AccessRow
from infra.access.sending import send, send_alone
from infra.access.terms import SearchWords
from infra.access.writing import NO_REASON, adding
from infra.ids import new_id
from infra.secret_files import KeyFileUnusable
from projections import access_reasons as reasons
from projections.prepared import Part, Prepared, Question, Rows
from projections.viewer import Viewer
from service.namesakes import Namesakes
from service.replica import Reading
from service.tracing import Trace, current_trace
from service.try_later import TryLater

T = TypeVar("T")
log = structlog.get_logger(__name__)
_SALT_BYTES: Final = 16
_SOUGHT: Final = frozenset({AccessKind.SEARCH, AccessKind.EXPORT})
_LISTED: Final = cast(bindparam("listed", type_=Text), Text)


@dataclass(kw_only=True)
class Looked:
    """What is going to be shown: an issue, a report or, with neither, a list.

    ``own`` lists are the queue and the inbox of one's agency. ``found``, how many lines there are,
    may be told until the reading ends, and so may the issue.
    """

    kind: AccessKind
    issue_id: UUID | None = None
    report_id: UUID | None = None
    own: bool = False
    found: int | None = None

    @property
    def key(self) -> object:
        """The same for everything that needs one row together."""
        return self.kind, self.issue_id, self.report_id


def an_issue(issue_id: UUID, kind: AccessKind = AccessKind.READ) -> Looked:
    """One issue is read, or taken along."""
    return Looked(kind=kind, issue_id=issue_id)


def a_report(report_id: UUID) -> Looked:
    """One report is read."""
    return Looked(kind=AccessKind.READ, report_id=report_id)


def a_list(kind: AccessKind = AccessKind.SEARCH, *, own: bool = False) -> Looked:
    """A list is gone through, or taken along."""
    return Looked(kind=kind, own=own)


class AccessLog:
    """Writes the access log; one for the whole program, for many threads."""

    def __init__(self, engine: Engine, reading: Reading, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._dialect = engine.dialect.name
        self._reading = reading
        self._clock = clock
        self._adding: Prepared[tuple[str, str]] = Prepared(_adding)
        self.words: SearchWords | None = None
        """What encrypts what is searched for; whatever answers people sets it."""
        self.namesakes: Namesakes | None = None
        """What knows names that are searched for; likewise."""

    @contextmanager
    def reading(
        self, viewer: Viewer, looked: Looked, needed: Mapping[str, int] | None = None
    ) -> Generator[Connection]:
        """A connection to read what is looked at; shown may be what it gave once the block is left.

        ``needed`` are the positions that read models must have come to. One request has one row
        for each thing it shows, however often it reads it.

        Raises:
            DBAPIError: also when the row could not be added; then nothing may be shown.
        """
        trace = _trace()
        self.know_names()
        if looked.key in trace.logged:
            with self._reading.connection(needed or {}) as db:
                yield db
            return
        if self._dialect == "postgresql" and not self._reading.has_replica:
            with self._reading.transaction() as db:
                yield db
                part = self._part(viewer, looked, trace)
                statement = part.on(db.dialect)
                send(db, statement.text, statement.parameters(part.given))
        else:
            with self._reading.connection(needed or {}) as db:
                yield db
            self._add(self._part(viewer, looked, trace))
        trace.logged.add(looked.key)

    def logged(self, viewer: Viewer, looked: Looked, question: Question[T]) -> Question[T]:
        """The question with its row as one more statement of the same transaction.

        Of an issue the row is added only if the viewer sees it; else nothing is found either. Who
        asks again because the connection broke may find the row there already: that is told as
        "try again", which is rare enough.
        """
        part = self._part(viewer, looked, _trace(), checked=True)

        def tell(found: Sequence[Rows]) -> T:
            told = question.tell(found[:-1])
            if not found[-1]:
                raise _not_logged()
            return told

        return Question([*question.parts, part], tell)

    def taken_out(self, viewer: Viewer, looked: Looked) -> None:
        """Add a row for what is taken along beside all requests; raises DBAPIError."""
        self._add(self._part(viewer, looked, _trace()))

    def refused(self, actor: Actor, refused: Refused, issue_id: UUID | None = None) -> None:
        """Note that somebody's command was refused; once a request, and of requests alone."""
        trace = current_trace()
        if trace is None or trace.refused:
            return
        looked = Looked(kind=AccessKind.REFUSED, issue_id=issue_id)
        viewer = Viewer(actor, authority=False)
        part = self._adding.part(
            viewer,
            (self._dialect, "nothing"),
            self._given(viewer, looked, trace) | {"code": refused.code},
        )
        self._add(part)
        trace.refused = True

    def refused_request(self, refused: Refused) -> None:
        """Note that what somebody sent was refused, if it is not noted yet and it is known who."""
        trace = current_trace()
        actor = None if trace is None else trace.scope.get("user")
        if isinstance(actor, Actor):
            self.refused(actor, refused)

    def _add(self, part: Part) -> None:
        statement = part.on(self._engine.dialect)
        send_alone(self._engine, statement.text, statement.parameters(part.given))

    def _part(self, viewer: Viewer, looked: Looked, trace: Trace, *, checked: bool = False) -> Part:
        given = self._given(viewer, looked, trace)
        about = looked.issue_id or looked.report_id
        if about is None:
            shape = "list"
            given["listed"] = reasons.reason_of_list(viewer, own=looked.own).value
        else:
            shape = "issue" if looked.issue_id is not None else "report"
            given |= reasons.asked_about(viewer, about)
        return self._adding.part(
            viewer, (self._dialect, f"seen {shape}" if checked else shape), given
        )

    def _given(self, viewer: Viewer, looked: Looked, trace: Trace) -> dict[str, Any]:
        actor, row_id = viewer.actor, new_id()
        return {
            "agency_id": actor.agency_id,
            "row_id": row_id,
            "at": self._clock(),
            "user_id": actor.user_id,
            "role": actor.role.value,
            "kind": _kind(looked, trace).value,
            "issue_id": looked.issue_id,
            "report_id": looked.report_id,
            "operation": trace.operation,
            "shape": trace.shape,
            "found": looked.found,
            "code": None,
            "request_id": trace.request_id,
            "salt": token_hex(_SALT_BYTES),
            "words": (words := self._words(actor.agency_id, row_id, looked, trace)),
            "name_sought": self._name_sought(actor, trace) if words else None,
        }

    def know_names(self) -> None:
        """Bring up to date whose names there are, if this request searches for something.

        Not for the event loop; raises DBAPIError.
        """
        trace = current_trace()
        if trace is not None and trace.text and self.namesakes is not None:
            self.namesakes.look_up()

    def _name_sought(self, actor: Actor, trace: Trace) -> str | None:
        if not trace.text or self.namesakes is None:
            return None
        found = self.namesakes.sought(actor.user_id, actor.agency_id, trace.text)
        return None if found is None else found.value

    def sought(self, row: AccessRow) -> str | None:
        """What a row's search was for, as in the address; None if nobody can read it any more.

        For the manager of the agency whose row it is, and nobody else.
        """
        if row.words is None or self.words is None:
            return None
        try:
            return self.words.opened(row.agency_id, row.row_id, row.words)
        except KeyFileUnusable as error:
            log.error("access_key_unusable", why=str(error))  # noqa: TRY400  a finding, not a fault
            return None

    def _words(self, agency_id: str, row_id: UUID, looked: Looked, trace: Trace) -> str | None:
        """What a list was asked for, encrypted.

        Raises:
            TryLater: it cannot be encrypted now.
        """
        if looked.kind not in _SOUGHT or looked.issue_id or looked.report_id:
            return None
        words = trace.words
        if words is None:
            return None
        if self.words is None:
            raise RuntimeError("Nobody has said with which keys searches are kept.")
        try:
            return self.words.sealed(agency_id, row_id, words)
        except KeyFileUnusable as error:
            log.error("access_key_unusable", why=str(error))  # noqa: TRY400  a finding, not a fault
            raise _not_logged() from error


def _kind(looked: Looked, trace: Trace) -> AccessKind:
    """What was done: whoever asks for the page as it is printed prints it."""
    is_print = trace.is_to_be_printed and looked.kind in {AccessKind.READ, AccessKind.SEARCH}
    return AccessKind.PRINT if is_print else looked.kind


def _not_logged() -> TryLater:
    return TryLater(
        "not_logged",
        "Läsningen kunde inte loggas. Försök igen.",
        "The reading could not be logged. Try again.",
    )


def _trace() -> Trace:
    trace = current_trace()
    if trace is None:
        raise RuntimeError("What people read is read for a request of theirs.")
    return trace


def _adding(viewer: Viewer, shape: tuple[str, str]) -> Any:  # noqa: ANN401  an insert of either dialect
    dialect, what = shape
    match what:
        case "issue":
            return adding(dialect, reasons.reason_of_issue(viewer))
        case "seen issue":
            seen = reasons.shown_issue(viewer)
            return adding(dialect, reasons.reason_of_issue(viewer), seen)
        case "report":
            return adding(dialect, reasons.reason_of_report(viewer))
        case "seen report":
            seen = reasons.shown_report(viewer)
            return adding(dialect, reasons.reason_of_report(viewer), seen)
        case "nothing":
            return adding(dialect, NO_REASON)
        case _:
            return adding(dialect, _LISTED)
