"""Which events a command may record, read from the code of its decision."""

import dis
from collections.abc import Iterator
from functools import cache
from types import CodeType, FunctionType

from domain.directory import DirectoryStarted
from domain.envelope import RecordedEvent
from domain.events import EVENTS, MODULES
from service.commands import COMMANDS, Row, Target

CATALOGUE: tuple[type[RecordedEvent], ...] = tuple(
    event for module in MODULES for event in EVENTS.values() if event.__module__ == module.__name__
)
"""Every event in the order in which documents list them, whatever was imported first."""


@cache
def events_of(row: Row) -> tuple[type[RecordedEvent], ...]:
    """The events that the decision of a command names, in the order of the catalogue."""
    named = set(_named(row.decision, set()))
    if row.target is Target.DIRECTORY:
        named.add(DirectoryStarted)  # the first command on the directory begins it
    return tuple(event for event in CATALOGUE if event in named)


def causes_of(event: type[RecordedEvent]) -> tuple[str, ...]:
    """The commands that may record an event."""
    return tuple(row.name for row in COMMANDS.values() if event in events_of(row))


def _named(function: object, seen: set[FunctionType]) -> Iterator[type[RecordedEvent]]:
    """The events that a function of the domain names, and those named where it calls."""
    if not isinstance(function, FunctionType) or function in seen:
        return
    if not function.__module__.startswith("domain."):
        return
    seen.add(function)
    for name in _globals_read(function.__code__):
        found = function.__globals__.get(name)
        if isinstance(found, type) and found in EVENTS.values():
            yield found
        else:
            yield from _named(found, seen)


def _globals_read(code: CodeType) -> Iterator[str]:
    for instruction in dis.get_instructions(code):
        if instruction.opname == "LOAD_GLOBAL":
            yield instruction.argval
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _globals_read(constant)
