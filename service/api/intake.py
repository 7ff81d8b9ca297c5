"""Takes a command out of a request: its path, its body and its headers, every bad field at once."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, Final, get_origin
from uuid import UUID

import msgspec
import structlog
from litestar.datastructures import Headers
from litestar.exceptions import ClientException, HTTPException

from domain.command import Command
from domain.refusals import FieldError, Invalid, NotAllowed
from domain.values import Actor
from service.commands import Row
from service.execution import Execution
from service.reading import Reading, hints_of, read_fields, take_apart

MOST_OF_A_KEY: Final = 200
_KEY: Final = re.compile(r"[\x21-\x7e]+")
_ETAG: Final = re.compile(r'"(\d{1,9})"')
_FAR_AHEAD: Final = datetime(2199, 12, 31, tzinfo=UTC)


log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Intake:
    """A command as it was sent, ready to be carried out."""

    command: Command
    key: str | None
    expected_version: int | None


def read_body(body: bytes, headers: Headers) -> dict[str, object]:
    """The JSON object in a body; no body at all is an empty object.

    Raises:
        HTTPException: 400 for anything but a JSON object, 415 for another kind of content.
    """
    if not body:
        return {}
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise HTTPException(status_code=415)
    try:
        return msgspec.json.decode(body, type=dict[str, object])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ClientException from error


async def take_in(
    row: Row,
    *,
    path: Mapping[str, object],
    body: Mapping[str, object],
    headers: Headers,
    actor: Actor,
    execution: Execution,
) -> Intake:
    """Read everything, or say everything that is wrong.

    Raises:
        Invalid: with every bad field of headers and body, and what the rules say of the others.
        NotAllowed: the actor's role may not give this command whatever it says.
    """
    key, key_errors = _key(headers.get("idempotency-key"))
    version, version_errors = _version(headers.get("if-match"))
    doubled = tuple(
        _doubled(name) for name in body if name in path and str(path[name]) != body[name]
    )
    reading = read_fields(row.command, {**body, **path})
    errors = (*key_errors, *version_errors, *doubled, *reading.errors)
    if errors:
        log.info("command_unreadable", command=row.name, fields=[error.field for error in errors])
        # That asks the database: in a thread, for the event loop must not wait.
        rules = await asyncio.to_thread(_what_rules_say, row, reading, actor, execution)
        raise Invalid((*errors, *rules))
    command: Any = row.command
    return Intake(command=command(**reading.values), key=key, expected_version=version)


def _key(told: str | None) -> tuple[str | None, tuple[FieldError, ...]]:
    if told is None or (len(told) <= MOST_OF_A_KEY and _KEY.fullmatch(told)):
        return told, ()
    error = FieldError(
        field="Idempotency-Key",
        code="bad_key",
        sv=f"Nyckeln är 1 till {MOST_OF_A_KEY} tecken utan blanksteg, till exempel ett UUID.",
        en=f"The key is 1 to {MOST_OF_A_KEY} characters without spaces, a UUID for example.",
    )
    return None, (error,)


def _version(told: str | None) -> tuple[int | None, tuple[FieldError, ...]]:
    if told is None or told.strip() == "*":
        return None, ()
    if match := _ETAG.fullmatch(told.strip()):
        return int(match[1]), ()
    error = FieldError(
        field="If-Match",
        code="bad_version",
        sv='Ange den ETag som lästes, till exempel "7".',
        en='Give the ETag that was read, for example "7".',
    )
    return None, (error,)


def _doubled(name: str) -> FieldError:
    return FieldError(
        field=name,
        code="not_as_in_the_path",
        sv="Fältet säger något annat än adressen. Ta bort det.",
        en="The field says something else than the address. Remove it.",
    )


def _what_rules_say(
    row: Row, reading: Reading, actor: Actor, execution: Execution
) -> tuple[FieldError, ...]:
    """Decide with stand-ins for what could not be read; keep only what is said of the rest.

    Whoever sends ten wrong fields then hears of ten, whether a type or a rule is broken, also of
    one that was left out though a rule wants it. Nothing is recorded.
    """
    stand_ins = {
        field.name: _stand_in(hints_of(row.command)[field.name])
        for field in fields(row.command)
        if field.name not in reading.values
        and field.default is MISSING
        and field.default_factory is MISSING
    }
    command_class: Any = row.command
    refused = execution.examine(command_class(**reading.values, **stand_ins), actor)
    if isinstance(refused, NotAllowed) and refused.code == "role_not_allowed":
        raise refused
    if isinstance(refused, Invalid):
        unread = {error.field.partition(".")[0] for error in reading.errors}
        return tuple(
            error
            for error in refused.errors
            # A stand-in may be why a rule wants a field that was left out.
            if error.field in reading.values or not (stand_ins or error.field in unread)
        )
    return ()  # another refusal may come from a stand-in: it is told once all can be read


def _stand_in(hint: Any) -> object:  # noqa: ANN401  any annotation
    wanted = take_apart(hint)
    kind = wanted.kind
    if wanted.optional:
        return None
    if get_origin(kind) is tuple:
        return ()
    if is_dataclass(kind):
        return kind(**{field.name: "-" for field in fields(kind) if field.default is MISSING})  # type: ignore[operator]  # is_dataclass admits instances too; this is a class
    if issubclass(kind, StrEnum):
        return next(iter(kind))
    values: dict[type, object] = {
        UUID: UUID(int=0),
        datetime: _FAR_AHEAD,
        date: _FAR_AHEAD.date(),
        str: "-" * 20,
    }
    return values[kind] if kind in values else kind()
