"""Clients that send commands without end and keep what was acknowledged to them."""

import itertools
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Self
from uuid import UUID

import httpx

from tests.faults.waiting import PATIENCE_SECONDS

USER: Final = "u-dis-01"
NOTES_EACH: Final = 8
ANSWER_SECONDS: Final = 15.0
"""So long one request may take before it is sent again."""
_PAUSE_SECONDS: Final = 0.05


@dataclass(frozen=True, kw_only=True)
class Settled:
    """A command whose outcome its client knows; it was ``asked`` so often until it did.

    ``at`` is when that was (monotonic seconds).
    """

    key: str
    path: str
    body: dict[str, object]
    position: int
    stream_id: UUID
    version: int
    replayed: bool
    asked: int
    at: float

    @property
    def words(self) -> str:
        """What stands in the event of this command and in no other."""
        return str(self.body.get("text_sv") or self.body["public_title"])


class WrongAnswer(Exception):
    """Neither a receipt nor "ask again"."""


class Sender:
    """One client: a command without a clear answer is sent again with the same key.

    It goes to the next address then, until the outcome is known.
    """

    def __init__(self, client: httpx.Client, addresses: Sequence[str]) -> None:
        self._client = client
        self._addresses = itertools.cycle(addresses)
        self._address = next(self._addresses)

    def settle(self, path: str, body: dict[str, object], key: str) -> Settled:
        """Send until a receipt comes; raises WrongAnswer, TimeoutError."""
        give_up_at = time.monotonic() + PATIENCE_SECONDS
        for asked in itertools.count(1):
            answer = self._send(path, body, key)
            if answer is not None:
                return Settled(
                    key=key,
                    path=path,
                    body=body,
                    position=int(answer["position"]),
                    stream_id=UUID(answer["stream_id"]),
                    version=answer["version"],
                    replayed=answer["replayed"],
                    asked=asked,
                    at=time.monotonic(),
                )
            if time.monotonic() > give_up_at:
                break
            time.sleep(_PAUSE_SECONDS)
            self._address = next(self._addresses)
        raise TimeoutError(f"no clear answer to {path} in {PATIENCE_SECONDS} s")

    def _send(self, path: str, body: dict[str, object], key: str) -> dict[str, Any] | None:
        try:
            answer = self._client.post(
                f"{self._address}/api/v1{path}", json=body, headers={"Idempotency-Key": key}
            )
        except httpx.TransportError:
            return None
        if answer.status_code == 503:
            return None
        if answer.status_code not in (200, 201):
            raise WrongAnswer(f"{answer.status_code} to {path}: {answer.text}")
        receipt: dict[str, Any] = answer.json()
        return receipt


class Load:
    """Several clients at once, each with issues of its own, for as long as the context lasts."""

    def __init__(
        self, client: httpx.Client, addresses: Sequence[str], name: str, *, clients: int = 4
    ) -> None:
        """``name`` tells the commands of this load from those of others."""
        self.settled: list[Settled] = []
        self._client = client
        self._addresses = list(addresses)
        self._name = name
        self._failures: list[Exception] = []
        self._changed = threading.Condition()
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._send, args=(number,), daemon=True)
            for number in range(clients)
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        # Nothing new is sent from here on, and at the end no outcome is unknown.
        self._stop.set()
        for thread in self._threads:
            thread.join()
        if self._failures:
            raise self._failures[0]

    def go_on(self, count: int) -> None:
        """Return when so many more commands are settled."""
        with self._changed:
            until = len(self.settled) + count
            well = self._changed.wait_for(
                lambda: bool(self._failures) or len(self.settled) >= until, PATIENCE_SECONDS
            )
        if self._failures:
            raise self._failures[0]
        assert well, f"{len(self.settled)} of {until} commands settled in {PATIENCE_SECONDS} s"

    def _send(self, number: int) -> None:
        first = number % len(self._addresses)
        sender = Sender(self._client, self._addresses[first:] + self._addresses[:first])
        try:
            for issue in itertools.count():
                if self._stop.is_set():
                    return
                self._one_issue(sender, f"{self._name}-{number}-{issue}")
        except Exception as error:  # noqa: BLE001  told to the test, which runs in another thread
            with self._changed:
                self._failures.append(error)
                self._changed.notify_all()

    def _one_issue(self, sender: Sender, name: str) -> None:
        opening: dict[str, object] = {
            "public_title": f"Lampor {name}",
            "category": "other",
            "place": {"name": "Heden"},
        }
        opened = sender.settle("/issues", opening, f"{name}-open")
        self._keep(opened)
        for note in range(NOTES_EACH):
            if self._stop.is_set():
                return
            words: dict[str, object] = {"text_sv": f"Lampan {name}-{note} är släckt."}
            path = f"/issues/{opened.stream_id}/notes"
            self._keep(sender.settle(path, words, f"{name}-{note}"))

    def _keep(self, settled: Settled) -> None:
        with self._changed:
            self.settled.append(settled)
            self._changed.notify_all()


def ask_again(sender: Sender, settled: Settled) -> Settled:
    """Send a settled command once more, with its key: nothing new may come of it."""
    return sender.settle(settled.path, settled.body, settled.key)
