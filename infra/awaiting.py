"""Wait for a database server that is only starting, before anything is opened on it."""

import threading
import time
from typing import Final

import structlog
from sqlalchemy.exc import DBAPIError

from infra.database import PATIENCE_SECONDS, connect

_FIRST_PAUSE_SECONDS: Final = 0.25
_MOST_PAUSE_SECONDS: Final = 5.0

log = structlog.get_logger(__name__)


def await_database(url: str, seconds: float, stop: threading.Event) -> None:
    """Return when the server of a database answers, or `stop` is set; each try is logged.

    Why a connection failed, the driver tells in words alone, and these are in the server's
    language: so a password that is wrong is waited for as a server that starts is.

    Raises:
        DBAPIError: it has not answered for so many seconds; what it said last.
        ValueError: the address is none of a database that can be used.
    """
    give_up_at = time.monotonic() + seconds
    pause = _FIRST_PAUSE_SECONDS
    patience = max(1, min(PATIENCE_SECONDS, round(seconds)))
    engine = connect(url, connections=1, patience=patience)
    try:
        while not stop.is_set():
            try:
                with engine.connect():
                    return
            except DBAPIError as error:
                left = give_up_at - time.monotonic()
                if left <= 0 or engine.dialect.name != "postgresql":
                    raise
                log.warning("database_awaited", error=_said(error), seconds_left=round(left))
            stop.wait(min(pause, left))
            pause = min(2 * pause, _MOST_PAUSE_SECONDS)
    finally:
        engine.dispose()


def _said(error: DBAPIError) -> str:
    """The driver's first line: which server, and what is wrong with it."""
    return (str(error.orig).splitlines() or [""])[0]
