"""A witness over HTTP: asks a log for what is new, and answers those who hand checkpoints in."""

import http.server
import urllib.request
from typing import Any, Final

from infra.audit.witness import Answer, Witness

PATH: Final = "/add-checkpoint"
_PATIENCE_SECONDS: Final = 60
_MOST_BYTES: Final = 1 << 25


class LogOverHttp:
    """A log under an address, such as ``https://samsyn.example/audit``."""

    def __init__(self, address: str, token: str) -> None:
        """``token`` is of a user who may read the log; raises ValueError for another address."""
        if not address.startswith(("http://", "https://")):
            raise ValueError(f"{address} is no address that begins with https://")
        self._address = address.rstrip("/")
        self._token = token

    def read(self, path: str) -> bytes:
        """Give a file of the log; raises OSError."""
        return self._ask(path, None)

    def tell(self, note: str) -> None:
        """Hand in a signature; raises OSError."""
        self._ask("cosignatures", note.encode())

    def _ask(self, path: str, body: bytes | None) -> bytes:
        headers = {"Content-Type": "text/plain; charset=utf-8"}
        request = urllib.request.Request(  # noqa: S310  the constructor lets http(s) in only
            f"{self._address}/{path}", data=body, headers=headers
        )
        # A log that sends us elsewhere does not get our token sent there, too.
        request.add_unredirected_header("Authorization", f"Bearer {self._token}")
        with urllib.request.urlopen(request, timeout=_PATIENCE_SECONDS) as answer:  # noqa: S310  as above
            return bytes(answer.read(_MOST_BYTES))


def serve(witness: Witness, host: str, port: int) -> http.server.ThreadingHTTPServer:
    """A server that is bound and answers once its ``serve_forever`` runs; raises OSError."""

    class Handler(_Handler):
        asked = witness

    return http.server.ThreadingHTTPServer((host, port), Handler)


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _PATIENCE_SECONDS
    asked: Witness

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        body = self.rfile.read(min(int(length), _MOST_BYTES)) if length.isdecimal() else b""
        self._send(self.asked.add_checkpoint(body) if self.path == PATH else Answer(404))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401  the library's names
        """Say nothing: the program logs what matters."""

    def _send(self, answer: Answer) -> None:
        body = answer.body.encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(body)))
        if "Content-Length" not in self.headers:
            self.send_header("Connection", "close")  # what follows was not read
        self.end_headers()
        self.wfile.write(body)
