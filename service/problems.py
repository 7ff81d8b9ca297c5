"""Turns whatever went wrong into a problem (RFC 9457): one place for every status and word."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from eventsourcing.persistence import OperationalError as LogUnavailable
from litestar.exceptions import HTTPException
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from domain.labels import Label
from domain.refusals import Conflict, FieldError, Invalid, NotAllowed, NotFound, Refused
from infra.audit.note import BadNote
from infra.audit.paths import TileMissing
from infra.log.errors import EventUnreadable, LogReadOnly, OutcomeUnknown
from service.batch import VersionChanged
from service.language import Language
from service.read_only import WORDS as READ_ONLY
from service.read_only import ReadOnly
from service.try_later import TryLater

MEDIA_TYPE: Final = "application/problem+json"
RETRY_AFTER_SECONDS: Final = 1

WORDS: Final[Mapping[int, Label]] = {
    400: Label("Det gick inte att läsa det som skickades.", "What was sent could not be read."),
    401: Label(
        "Logga in. Token saknas, är okänd, har gått ut eller är återkallad.",
        "Sign in. The token is missing, unknown, expired or revoked.",
    ),
    403: Label("Du får inte göra detta.", "You may not do this."),
    404: Label("Det finns inget här.", "There is nothing here."),
    405: Label("Så kan adressen inte användas.", "The address cannot be used in this way."),
    406: Label("Den formen finns inte.", "There is no such form."),
    409: Label("Något annat hann före.", "Something else came first."),
    412: Label("Någon har ändrat sedan du läste.", "Somebody changed it since you read."),
    413: Label("Det som skickades är för stort.", "What was sent is too large."),
    415: Label("Skicka application/json.", "Send application/json."),
    422: Label("Uppgifterna behöver rättas.", "The input needs mending."),
    429: Label("För många försök. Vänta en stund.", "Too many attempts. Wait a while."),
    500: Label(
        "Något gick fel hos oss. Felet är noterat.",
        "Something went wrong on our side. It has been noted.",
    ),
    503: Label("Försök igen om en stund.", "Try again in a moment."),
}
"""The title of each status."""

_UNKNOWN_OUTCOME: Final = Label(
    "Det är oklart om det sparades. Skicka samma sak igen med samma nyckel.",
    "It is not known whether it was saved. Send the same again with the same key.",
)
_NOTHING_SAVED: Final = Label(
    "Inget sparades. Försök igen om en stund.", "Nothing was saved. Try again in a moment."
)

_NOT_WHOLE: Final = Label(
    "Revisionsloggen är inte som den förseglades, eller dess policy går inte att läsa. Den som "
    "driver Samsyn får veta det.",
    "The audit log is not as it was sealed, or its policy cannot be read. Whoever runs Samsyn is "
    "told.",
)


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What is answered: never holds the query string or words of the user's."""

    status: int
    code: str
    title: str
    detail: str
    who_may: tuple[str, ...] | None = None
    happened: str | None = None
    errors: tuple[dict[str, str], ...] | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])

    def document(self, request_id: str) -> dict[str, object]:
        """The members of the problem document."""
        members: dict[str, object] = {
            "type": "about:blank",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "request_id": request_id,
        }
        for name in ("who_may", "happened", "errors"):
            value = getattr(self, name)
            if value is not None:
                members[name] = value
        return members


def problem_of(error: Exception, language: Language) -> Problem:
    """The problem that an exception is told as; one that nobody foresaw is a 500."""
    match error:
        case ReadOnly() | LogReadOnly():
            return _later("read_only", READ_ONLY, language)
        case Refused():
            return _refusal(error, language)
        case HTTPException():
            return _http(error, language)
        case TryLater() | OutcomeUnknown() | LogUnavailable() | DBAPIError() | PoolTimeout():
            return _later(*_unavailable(error), language)
        case _:
            return _fault(error, language)


def _fault(error: Exception, language: Language) -> Problem:
    """What is wrong on our side, named where it has a name."""
    match error:
        case BadNote() | TileMissing():
            return _plain(500, "log_not_whole", language, detail=language.of(_NOT_WHOLE))
        case EventUnreadable():
            return _plain(500, "event_unreadable", language, detail=language.of(_unreadable(error)))
        case _:
            return _plain(500, "internal_error", language)


def _unreadable(error: EventUnreadable) -> Label:
    event = error.topic.rpartition(":")[2]
    return Label(
        f"En händelse går inte att läsa: {event}, nummer {error.version} i sin ström. "
        "Inget sparades. Den som driver Samsyn får veta det.",
        f"An event cannot be read: {event}, number {error.version} of its stream. "
        "Nothing was saved. Whoever runs Samsyn is told.",
    )


def _unavailable(error: Exception) -> tuple[str, Label]:
    match error:
        case TryLater():
            return error.code, error.label
        case OutcomeUnknown():
            return "outcome_unknown", _UNKNOWN_OUTCOME
        case _:
            return "unavailable", _NOTHING_SAVED


def told(error: FieldError, language: Language) -> dict[str, str]:
    """One bad field as it is answered."""
    return {
        "field": error.field,
        "code": error.code,
        "message": language.pick(error.sv, error.en),
    }


def _refusal(error: Refused, language: Language) -> Problem:
    detail = language.pick(error.sv, error.en)
    match error:
        case Invalid():
            errors = tuple(told(each, language) for each in error.errors)
            return _plain(422, error.code, language, detail=detail, errors=errors)
        case NotAllowed():
            return _plain(403, error.code, language, detail=detail, who_may=error.who_may)
        case NotFound():
            return _plain(404, error.code, language, detail=detail)
        case VersionChanged():
            etag = {"ETag": f'"{error.happened}"'}
            return _plain(
                412, error.code, language, detail=detail, happened=error.happened, headers=etag
            )
        case Conflict():
            return _plain(409, error.code, language, detail=detail, happened=error.happened)
        case _:
            return _plain(409, error.code, language, detail=detail)


def _http(error: HTTPException, language: Language) -> Problem:
    # The framework's own detail repeats the address with its query string: ours is said instead.
    headers = {
        name: value
        for name, value in (error.headers or {}).items()
        if name.lower() in {"allow", "www-authenticate", "retry-after"}
    }
    code = HTTPStatus(error.status_code).name.lower()
    return _plain(error.status_code, code, language, headers=headers)


def _later(code: str, label: Label, language: Language) -> Problem:
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
    return _plain(503, code, language, detail=language.of(label), headers=headers)


def _plain(
    status: int,
    code: str,
    language: Language,
    *,
    detail: str | None = None,
    who_may: tuple[str, ...] | None = None,
    happened: str | None = None,
    errors: tuple[dict[str, str], ...] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Problem:
    known = WORDS.get(status)
    title = language.of(known) if known else HTTPStatus(status).phrase
    return Problem(
        status=status,
        code=code,
        title=title,
        detail=detail or title,
        who_may=who_may,
        happened=happened,
        errors=errors,
        headers=headers or {},
    )
