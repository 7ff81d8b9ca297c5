"""A proxy before PostgreSQL that loses a commit: before it arrives, or before its answer does."""

import socket
from contextlib import suppress
from threading import Event, Thread
from typing import Final, Literal

COMMIT: Final = b"\0samsyn_append\0"
"""The message that calls the log's procedure, at whose end the server commits."""
Cut = Literal[
    "nothing",
    "before the commit",
    "after the commit",
    "everything",
    "silence",
    "silence before the commit",
    "silence after the commit",
]
"""In silence nothing arrives any more, but both sides believe that they are still connected."""


class CuttingProxy:
    """Forwards connections to a server; ``cut`` says what the next commit meets."""

    def __init__(self, host: str, port: int) -> None:
        self.cut: Cut = "nothing"
        self.then: Cut = "nothing"
        self._server = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        self._accepting = Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def lose_everything(self) -> None:
        """End what is open, whoever is using it, and accept nothing until `cut` says otherwise."""
        self.cut = "everything"
        for one in self._open:
            _end(one, socket.SHUT_RDWR)

    def close(self) -> None:
        """Stop listening and close what is open."""
        # Wakes the thread that accepts; closing alone would leave it waiting.
        _end(self._listener, socket.SHUT_RDWR)
        self._accepting.join()
        self._listener.close()
        for one in self._open:
            one.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self.cut == "everything":
                client.close()
                continue
            try:
                server = socket.create_connection(self._server)
            except OSError:
                client.close()
                continue
            self._open += [client, server]
            Thread(target=self._ask, args=(client, server), daemon=True).start()

    def _ask(self, client: socket.socket, server: socket.socket) -> None:
        mute = Event()
        answers = Thread(target=_carry, args=(server, client, mute), daemon=True)
        answers.start()
        while data := _received(client):
            if self.cut == "silence":
                continue
            cut = self.cut if COMMIT in data else "nothing"
            if cut == "silence before the commit":
                self.cut = self.then
                continue
            if cut == "silence after the commit":
                self.cut = self.then
                mute.set()
            elif cut != "nothing":
                self.cut = self.then
                # The client loses its connection and never sees an answer.
                _end(client, socket.SHUT_RDWR)
            if cut == "before the commit":
                break
            with suppress(OSError):  # the server may have ended the connection first
                server.sendall(data)
        _end(server, socket.SHUT_WR)
        answers.join()
        client.close()
        server.close()


def _carry(source: socket.socket, target: socket.socket, mute: Event) -> None:
    while data := _received(source):
        if mute.is_set():
            continue
        try:
            target.sendall(data)
        except OSError:
            continue  # the client is cut off; the server finishes what it was told
    _end(target, socket.SHUT_RDWR)


def _end(one: socket.socket, how: int) -> None:
    with suppress(OSError):  # the other side was quicker
        one.shutdown(how)


def _received(source: socket.socket) -> bytes:
    try:
        return source.recv(65536)
    except OSError:
        return b""
