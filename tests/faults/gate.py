"""A proxy before PostgreSQL whose connections can stand still, or be open at one end only."""

import socket
import threading
from contextlib import suppress
from typing import Final

_CHUNK: Final = 65536


class _Link:
    """One connection: the program's end and the server's."""

    def __init__(self, client: socket.socket, server: socket.socket) -> None:
        self.client = client
        self.server = server
        self.answers = threading.Event()
        self.answers.set()
        self.forgotten = False


class Gate:
    """Carries connections to a server until a test says otherwise."""

    def __init__(self, host: str, port: int, at: int = 0) -> None:
        """Stand before a server; ``at`` is the port to listen on, any that is free if 0."""
        self.reached = threading.Event()
        self._marker: bytes | None = None
        self._server = (host, port)
        self._flows = threading.Event()
        self._flows.set()
        self._links: list[_Link] = []
        self._listener = socket.create_server(("127.0.0.1", at))
        self.port: int = self._listener.getsockname()[1]
        self._closed = False
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def hold(self) -> None:
        """Let nothing pass, either way; every connection stays open."""
        self._flows.clear()

    def hold_answer_to(self, marker: bytes) -> None:
        """Pass on the next message with these bytes, and then no answer on its connection.

        ``reached`` is set when that has happened.
        """
        self.reached.clear()
        self._marker = marker

    def let_go(self) -> None:
        """Pass on what was held and everything from now on."""
        self._flows.set()
        for link in self._links:
            link.answers.set()

    def forget(self) -> None:
        """End the present connections for the server alone: the program is never told."""
        for link in self._links:
            link.forgotten = True
            _end(link.server)

    def give_up(self) -> None:
        """Tell the program what was forgotten, as an operating system does after a while."""
        for link in self._links:
            if link.forgotten:
                _end(link.client)

    def close(self) -> None:
        """Stop listening and end everything."""
        self._closed = True
        # Wakes the thread that accepts; closing alone would leave it waiting.
        self._listener.shutdown(socket.SHUT_RDWR)
        self.let_go()
        # A connection that was held at the door would otherwise come in behind our back.
        self._accepting.join()
        self._listener.close()
        for link in self._links:
            for one in (link.client, link.server):
                _end(one)
                one.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self._flows.wait()
            if self._closed:
                client.close()
                return
            try:
                server = socket.create_connection(self._server)
            except OSError:
                client.close()
                continue
            link = _Link(client, server)
            self._links.append(link)
            for carry in (self._ask, self._answer):
                threading.Thread(target=carry, args=(link,), daemon=True).start()

    def _ask(self, link: _Link) -> None:
        while data := _received(link.client):
            self._flows.wait()
            marked = self._marker is not None and self._marker in data
            if marked:
                self._marker = None
                link.answers.clear()
            with suppress(OSError):  # forgotten, or the server has ended the connection
                link.server.sendall(data)
            if marked:
                self.reached.set()
        _end(link.server)

    def _answer(self, link: _Link) -> None:
        while data := _received(link.server):
            self._flows.wait()
            link.answers.wait()
            with suppress(OSError):  # the program has gone away
                link.client.sendall(data)
        if not link.forgotten:
            _end(link.client)


def _end(one: socket.socket) -> None:
    with suppress(OSError):  # the other side was quicker
        one.shutdown(socket.SHUT_RDWR)


def _received(source: socket.socket) -> bytes:
    try:
        return source.recv(_CHUNK)
    except OSError:
        return b""
