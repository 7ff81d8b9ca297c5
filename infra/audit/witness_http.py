"""A witness over HTTP: asks a log for what is new, and answers those who hand checkpoints in."""

import http.client
import http.server
import re
import sqlite3
import sys
import urllib.error
import urllib.request
from http import HTTPStatus
from typing import Any, Final

import structlog

from infra.audit.witness import Answer, LogGone, Witness

PATH: Final = "/add-checkpoint"
_PATIENCE_SECONDS: Final = 60
_MOST_BYTES: Final = 1 << 25
_GONE: Final = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
_MOST_READ: Final = 1 << 20
"""So much of what is too long is still read: whoever sends it then gets to see the answer."""
_LENGTH: Final = re.compile("[0-9]{1,9}")
_TEXT_TYPE: Final = "text/plain; charset=utf-8"

log = structlog.get_logger(__name__)


class LogOverHttp:
    """A log under an address, such as ``https://samsyn.example/audit``."""

    def __init__(self, address: str, token: str) -> None:
        """``token`` is of a user who may read the log; raises ValueError for another address."""
        if not address.startswith(("http://", "https://")):
            raise ValueError(f"{address} is no address that begins with https://")
        self._address = address.rstrip("/")
        self._token = token

    def read(self, path: str) -> bytes:
        """Give a file of the log; raises OSError, LogGone for what is not there."""
        return self._ask(path, None)

    def tell(self, note: str) -> None:
        """Hand in a signature; raises OSError."""
        self._ask("cosignatures", note.encode())

    def _ask(self, path: str, body: bytes | None) -> bytes:
        headers = {"Content-Type": _TEXT_TYPE}
        request = urllib.request.Request(  # noqa: S310  the constructor lets http(s) in only
            f"{self._address}/{path}", data=body, headers=headers
        )
        # A log that sends us elsewhere does not get our token sent there, too.
        request.add_unredirected_header("Authorization", f"Bearer {self._token}")
        try:
            with urllib.request.urlopen(request, timeout=_PATIENCE_SECONDS) as answer:  # noqa: S310  as above
                return bytes(answer.read(_MOST_BYTES))
        except urllib.error.HTTPError as error:
            with error:
                if error.code in _GONE:
                    raise LogGone(str(error)) from error
                raise
        except http.client.HTTPException as error:
            raise OSError(f"no answer of HTTP ({type(error).__name__})") from error


class _Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002  the library's
        """Whoever asked is gone in the midst of it: one line, and no trace of ours."""
        log.warning("witness_broken_off", error=type(sys.exception()).__name__)


def serve(witness: Witness, host: str, port: int) -> http.server.ThreadingHTTPServer:
    """A server that is bound and answers once its ``serve_forever`` runs; raises OSError."""

    class Handler(_Handler):
        asked = witness

    return _Server((host, port), Handler)


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = default_request_version = "HTTP/1.1"
    server_version, sys_version = "samsyn-witness", ""
    error_message_format, error_content_type = "", _TEXT_TYPE
    timeout = _PATIENCE_SECONDS
    asked: Witness

    def do_POST(self) -> None:
        """Answer what is handed in; what is too long, or of a length not said, is not read."""
        length = self.headers.get("Content-Length", "")
        is_read = bool(_LENGTH.fullmatch(length)) and int(length) <= _MOST_READ
        body = self.rfile.read(int(length)) if is_read else b""
        try:
            answer = self.asked.add_checkpoint(body) if self.path == PATH else Answer(404)
        except sqlite3.Error as error:  # nothing is kept, so nothing is signed
            log.error("witness_cannot_store", error=type(error).__name__)  # noqa: TRY400  no trace
            answer = Answer(503)
        self._send(answer, is_read=is_read)

    def do_GET(self) -> None:
        """Nothing is shown here."""
        status = 405 if self.path == PATH else 404
        self._send(Answer(status), is_read=False)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401  the library's names
        """Say nothing: the program logs what matters."""

    def _send(self, answer: Answer, *, is_read: bool) -> None:
        body = answer.body.encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(body)))
        if answer.status == http.HTTPStatus.METHOD_NOT_ALLOWED:
            self.send_header("Allow", "POST")
        if not is_read:
            self.send_header("Connection", "close")  # what follows was not read
        self.end_headers()
        self.wfile.write(body)
