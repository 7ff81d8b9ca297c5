"""The people of the desk bench: officers log actions, caseworkers answer, give and refer."""

import asyncio
import random
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import uuid4

from tests.bench.browsing import Answer, Browser

OVERTAKEN: Final = frozenset({403, 409, 422})
"""Somebody else was faster, or the rules do not let it be done now: said in words, no fault."""
REFERS_TO: Final = {"district": "police", "police": "social", "social": "district"}
_DONE: Final = 303
_KEY: Final = re.compile(r'name="_key" value="([^"]+)"')
_ROWS: Final = re.compile(r'<td class="id"><a href="(/issues/[0-9a-f-]{36})')
_PICKS: Final = re.compile(r'name="row" value="([0-9a-f-]{36})"')
_ISSUES: Final = re.compile(r'<option value="(TIC-[0-9-]+)"')
_DECLINED: Final = 0.3
_TWICE: Final = 0.1
"""So often somebody sends the same form twice: the answer was slow, or the net was bad."""


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A command that was acknowledged: under which key, and the words that it left behind."""

    user_id: str
    key: str
    words: str = ""

    @property
    def mark(self) -> str:
        """The last word, which nobody else wrote."""
        return self.words.rpartition(" ")[2]


@dataclass
class Done:
    """What all people together did."""

    sent: list[Sent] = field(default_factory=list[Sent])
    overtaken: int = 0
    last_at: float = 0.0

    def keep(self, sent: Sent) -> None:
        """A command was acknowledged."""
        self.sent.append(sent)
        self.last_at = time.perf_counter()

    def note(self, answer: Answer, sent: Sent) -> bool:
        """Whether a command was acknowledged; it is kept then."""
        if answer.status == _DONE:
            self.keep(sent)
            return True
        if answer.status not in OVERTAKEN:
            raise RuntimeError(f"{sent.user_id} was answered {answer.status}")
        self.overtaken += 1
        return False


@dataclass
class Person:
    """Somebody at work: looks, thinks, does one thing, and again until the time is over."""

    user_id: str
    agency_id: str
    officer: bool
    browser: Browser
    done: Done
    think_seconds: float
    dice: random.Random

    async def work(self, until: float) -> None:
        """Do one thing after the other; the last page stays open."""
        steps = self._steps()
        await asyncio.sleep(self.dice.uniform(0, self.think_seconds))
        while time.perf_counter() < until:
            await self.dice.choice(steps)()
            await self._think()
        await self.browser.open("/queue")

    async def last_word(self) -> None:
        """Refer something at once, so that everybody's counters at its receiver must change."""
        self.think_seconds = 0.0
        before = self.acknowledged
        while self.acknowledged == before:
            await self._refer()

    @property
    def acknowledged(self) -> int:
        """How many of this person's commands were."""
        return sum(each.user_id == self.user_id for each in self.done.sent)

    def _steps(self) -> Sequence[Callable[[], Awaitable[None]]]:
        if self.officer:
            return [self._log_action]
        return [self._answer, self._answer, self._take, self._refer, self._note, self._open_issue]

    async def _think(self) -> None:
        await asyncio.sleep(self.dice.uniform(0.5, 1.5) * self.think_seconds / 2)

    async def _log_action(self) -> None:
        page = await self.browser.open("/log-action")
        issues = _ISSUES.findall(page)
        if not issues:
            return
        await self._think()
        words = f"Synlig patrullering, pass {uuid4().hex}"
        typed = {"action_type": "foot_patrol", "issue": self.dice.choice(issues)}
        typed |= {"result_sv": words, "implementation": "done"}
        await self._send(page, "/log-action", typed, words)

    async def _answer(self) -> None:
        here = await self._an_issue("to_answer")
        if here is None:
            return
        page = await self.browser.open(here)
        accepts = re.findall(r'href="(/issues/[^"]+/do/AcceptReferral)"', page)
        declines = re.findall(r'href="(/issues/[^"]+/do/DeclineReferral)"', page)
        if self.dice.random() < _DECLINED and declines:
            words = f"Det här ingår inte i vårt uppdrag, se {uuid4().hex}"
            typed = {"reason_code": "not_our_mandate", "reason_sv": words}
            await self._fill(declines[0], typed, words)
        elif accepts:
            await self._fill(accepts[0], {})

    async def _take(self) -> None:
        page = await self.browser.open("/queue?bucket=unassigned")
        found = _PICKS.findall(page)
        if not found:
            return
        await self._think()
        issue_id, key = self.dice.choice(found), uuid4().hex
        typed = {"row": issue_id, "user_id": self.user_id, "sure": "on", "_key": key}
        answer = await self.browser.send("/queue/assign", {**typed, "back": "/queue"})
        if answer.status != 200:
            raise RuntimeError(f"giving issues was answered {answer.status}")
        if "Klart:" in answer.text:
            self.done.keep(Sent(user_id=self.user_id, key=f"{key}:{issue_id}"))
        else:
            self.done.overtaken += 1

    async def _refer(self) -> None:
        here = await self._an_issue("ours")
        if here is not None:
            words = f"Vi behöver er närvaro, fråga {uuid4().hex}"
            typed = {"type": "transfer", "to_agency": REFERS_TO[self.agency_id]}
            typed |= {"question_sv": words, "wanted_sv": "Närvaro och insatser kl. 15-19."}
            await self._fill(f"{here}/do/SendReferral", typed, words)

    async def _note(self) -> None:
        here = await self._an_issue("ours")
        if here is not None:
            words = f"Belysningen är trasig, anteckning {uuid4().hex}"
            await self._fill(f"{here}/do/AddNote", {"text_sv": words}, words)

    async def _open_issue(self) -> None:
        words = f"Otrygghet vid torget {uuid4().hex}"
        typed = {"public_title": words, "category": "other", "place_name": "Torget"}
        await self._fill("/issues/new", typed, words)

    async def _an_issue(self, bucket: str) -> str | None:
        found = _ROWS.findall(await self.browser.open(f"/queue?bucket={bucket}"))
        return self.dice.choice(found) if found else None

    async def _fill(self, path: str, typed: dict[str, str], words: str = "") -> None:
        page = await self.browser.open(path)
        if _KEY.search(page) is None:
            # Nobody may do it any more: the page says so.
            self.done.overtaken += 1
            return
        await self._think()
        await self._send(page, path, typed, words)

    async def _send(self, page: str, path: str, typed: dict[str, str], words: str) -> None:
        found = _KEY.search(page)
        key = found[1] if found else ""
        sent = Sent(user_id=self.user_id, key=key, words=words)
        answer = await self.browser.send(path, {"_key": key, **typed})
        if not self.done.note(answer, sent):
            return
        if self.dice.random() < _TWICE:
            again = await self.browser.send(path, {"_key": key, **typed})
            if _without_wait(again.location) != _without_wait(answer.location):
                raise RuntimeError(f"sent twice, {path} led elsewhere: {again.status}")
        await self.browser.open(answer.location)


def _without_wait(location: str) -> str:
    """Where an answer leads, whether or not what was written showed already when it was given."""
    return re.sub(r"[?&]at=\d+", "", location)
