"""What a query of the API is: a name, a path, parameters, an answer and what it reads."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache, wraps
from typing import Any, Final, TypeVar, get_origin

from litestar.datastructures import MultiDict
from sqlalchemy import Connection

from domain.agencies import Agencies
from domain.refusals import FieldError, Invalid
from domain.values import Actor
from projections.paging import MOST_ITEMS
from projections.prepared import Question
from projections.viewer import Viewer
from service.api.looking import Looks
from service.reading import hints_of, read_fields, take_apart
from service.services import Services
from service.try_later import TryLater

P = TypeVar("P")

PATIENCE_SECONDS: Final = 5.0
"""How long a query waits for a position before it says: try again."""


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """What every query may be told.

    `at_position` is the position of a receipt: the answer then holds what that command changed.
    """

    at_position: int | None = None


@dataclass(frozen=True, kw_only=True)
class Paged(Parameters):
    """A list: `after` is the `next` of the page before, `limit` goes up to 200."""

    after: str | None = None
    limit: int = 50


@dataclass(frozen=True, kw_only=True)
class Seen:
    """With what a question is put: who asks, the directory and the time."""

    viewer: Viewer
    agencies: Agencies
    now: datetime


@dataclass(frozen=True, kw_only=True)
class Asked(Seen):
    """With what a query is answered: also the read tables and all of the program."""

    services: Services
    actor: Actor
    db: Connection


@dataclass(frozen=True, kw_only=True)
class Query:
    """One query; `name` is a noun and its operationId, `path` is below /api/v1.

    `looks` says what is logged of it. `reads` names the projections that are waited for; `version`
    gives the ETag's number. What is
    asked very often has a `question` too, which knows no connection.
    """

    name: str
    path: str
    tag: str
    parameters: type[Parameters]
    answer: Callable[[Asked, Any], object]
    result: Any
    looks: Looks
    reads: tuple[str, ...] = ()
    version: Callable[[Any], int] | None = None
    question: Callable[[Seen, Any], Question[Any]] | None = None


def asked_at_once(question: Callable[[Seen, P], Question[Any]]) -> Callable[[Asked, P], Any]:
    """The `answer` of a query that is a `question`: the same, asked on a connection."""

    @wraps(question)
    def answer(asked: Asked, wanted: P) -> Any:  # noqa: ANN401  whatever the question gives
        return question(asked, wanted).ask(asked.db)

    return answer


def read_parameters(
    query: Query, path: Mapping[str, object], given: MultiDict[str] | Mapping[str, str]
) -> Parameters:
    """The query's parameters out of an address.

    Raises:
        Invalid: with every bad one.
    """
    kind: Any = query.parameters
    many = _given_often(kind)
    values: dict[str, object] = {}
    for name in given:
        every = given.getall(name) if isinstance(given, MultiDict) else [given[name]]
        values[name] = every if name in many or len(every) > 1 else every[0]
    reading = read_fields(query.parameters, {**values, **path}, from_text=True)
    errors = [*reading.errors, *_limits(reading.values)]
    if errors:
        raise Invalid(tuple(errors))
    return query.parameters(**reading.values)  # type: ignore[arg-type]  # read as the class says


@cache
def _given_often(parameters: Any) -> frozenset[str]:  # noqa: ANN401  a class
    """The parameters of which an address may give several."""
    hints = hints_of(parameters)
    return frozenset(
        field.name
        for field in fields(parameters)
        if get_origin(take_apart(hints[field.name]).kind) is tuple
    )


def wait_for(services: Services, query: Query, position: int | None) -> None:
    """Wait, bounded, until what the query reads holds everything up to a position.

    Raises:
        Invalid: the log does not hold that position.
        TryLater: it takes longer.
    """
    if not position:
        return
    samsyn = services.samsyn
    if position > samsyn.casework.head():
        raise Invalid(
            (
                FieldError(
                    field="at_position",
                    code="ahead_of_the_log",
                    sv="Loggen har inte kommit dit. Ange positionen i ett kvitto.",
                    en="The log has not come that far. Give the position of a receipt.",
                ),
            )
        )
    for name in query.reads:
        if not samsyn.runner.wait_for(name, position, PATIENCE_SECONDS):
            raise TryLater(
                "not_shown_yet",
                "Det syns inte här än. Försök igen om en stund.",
                "It is not to be seen here yet. Try again in a moment.",
            )


def bad_cursor() -> Invalid:
    """`after` is no cursor of this list."""
    return Invalid(
        (
            FieldError(
                field="after",
                code="bad_cursor",
                sv="Ange `next` från sidan före.",
                en="Give the `next` of the page before.",
            ),
        )
    )


def _limits(values: Mapping[str, object]) -> list[FieldError]:
    limit = values.get("limit", 1)
    if isinstance(limit, int) and not 1 <= limit <= MOST_ITEMS:
        return [
            FieldError(
                field="limit",
                code="out_of_range",
                sv=f"Ange 1 till {MOST_ITEMS}.",
                en=f"Give 1 to {MOST_ITEMS}.",
            )
        ]
    position = values.get("at_position")
    if isinstance(position, int) and position < 0:
        return [
            FieldError(
                field="at_position",
                code="out_of_range",
                sv="Ange positionen i ett kvitto.",
                en="Give the position of a receipt.",
            )
        ]
    return []
