"""Which request is being answered: what the access log says of it, wherever it is written."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

_CURRENT: Final[ContextVar["Trace | None"]] = ContextVar("samsyn_trace", default=None)
_MOST_CHARACTERS: Final = 200
_MOST_WORDS: Final = 1_000
TO_PRINT: Final = ("print", "yes")
_NO_WORDS: Final = frozenset(
    {"after", "at", "done", "limit", "receipt", "sort", "undo", TO_PRINT[0]}
)
"""What an address says of the page and not of what is sought."""


@dataclass(eq=False)
class Trace:
    """One request; ``logged`` are the things it has been logged to read, ``refused`` whether so."""

    request_id: str
    scope: Mapping[str, Any]
    logged: set[object] = field(default_factory=set[object])
    refused: bool = False

    @property
    def operation(self) -> str:
        """Method and address without its values: no personal data can stand in it."""
        return f"{self.scope['method']} {self.scope.get('path_template') or '<unmatched>'}"

    @property
    def shape(self) -> str | None:
        """The names of what was asked by; what was asked for stands encrypted beside them."""
        names = sorted({name for name, _ in self._asked if name.isidentifier()})
        return " ".join(names)[:_MOST_CHARACTERS] or None

    @property
    def is_to_be_printed(self) -> bool:
        """Whether the page was asked for as it is printed where no script tells of a print."""
        given = parse_qsl(self.scope.get("query_string", b"").decode("latin-1"))
        return self.scope["method"] == "GET" and TO_PRINT in given

    @property
    def text(self) -> str:
        """The free text that a list is searched by; the other filters are chosen from lists."""
        given = parse_qsl(self.scope.get("query_string", b"").decode("latin-1"))
        return " ".join(value for name, value in given if name == "text")[:_MOST_WORDS]

    @property
    def words(self) -> str | None:
        """What a list was asked for, as in the address; kept encrypted and nowhere else."""
        asked = [(name, value) for name, value in self._asked if name not in _NO_WORDS]
        return urlencode(asked)[:_MOST_WORDS] or None

    @cached_property
    def _asked(self) -> list[tuple[str, str]]:
        given = parse_qsl(self.scope.get("query_string", b"").decode("latin-1"))
        return [(name, value) for name, value in given if value]


def begin_trace(request_id: str, scope: Mapping[str, Any]) -> None:
    """From here on this request is answered, in its task and in threads that work for it."""
    _CURRENT.set(Trace(request_id, scope))


@contextmanager
def traced(request_id: str, scope: Mapping[str, Any]) -> Generator[None]:
    """Within it the same is done for what no request asked for."""
    before = _CURRENT.set(Trace(request_id, scope))
    try:
        yield
    finally:
        _CURRENT.reset(before)


def current_trace() -> Trace | None:
    """The request that is being answered; None in what works beside the requests."""
    return _CURRENT.get()
