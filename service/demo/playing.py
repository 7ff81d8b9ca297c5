"""Lets the demo's year happen: every act and every clock in the order of time, many an append."""

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from typing import Any, Protocol
from uuid import UUID

from domain.categories import CATEGORIES
from domain.command import LIVE, Command
from domain.envelope import Recorded
from domain.issue import Issue
from domain.opening import OpenIssue
from domain.refusals import Conflict, Refused
from domain.values import SYSTEM, Actor
from domain.working_days import LOCAL_ZONE, Calendar
from infra.log.errors import KeptReceipt
from service.assembly import Samsyn
from service.batch import scoped_key
from service.commands import BY_CLASS
from service.demo.affair import Act, Affair, Life
from service.demo.clocks import clocks_after
from service.demo.plan import YEAR, Begun, Plan
from service.imports.in_flight import InFlight
from service.numbering import PREFIX

STORIES_YEAR = 2026
FIRST_NUMBER = 201
"""Issues of the stories' year are counted from here: the stories have numbers of their own."""


class SettableClock(Protocol):
    """A clock that stands where the demo is."""

    now: datetime


@dataclass(order=True, slots=True)
class _Due:
    """Something that happens at a time: a life goes on, or the system acts."""

    at: datetime
    order: int
    who: str = field(compare=False)
    command: Command = field(compare=False)
    key: str | None = field(compare=False, default=None)
    life: Life | None = field(compare=False, default=None)
    number: int = field(compare=False, default=0)


class Year:
    """The year on one program; `until` lets it happen up to a time, again and again."""

    def __init__(
        self,
        samsyn: Samsyn,
        clock: SettableClock,
        ends: datetime,
        issues: int,
        progress: Callable[[str, int, int], None] = lambda _what, _done, _total: None,
        *,
        was_begun: bool = False,
    ) -> None:
        """`was_begun`: what an earlier run of the same year has recorded is passed over."""
        self._samsyn, self._clock, self._issues = samsyn, clock, issues
        self.ends = ends
        self._execution = samsyn.execution.for_bulk()
        self._agencies = self._execution.agencies()
        self._in_flight: InFlight[str] = InFlight()
        self._known: dict[UUID, Recorded] = {}
        self._at_place: dict[tuple[str, str], list[UUID]] = defaultdict(list)
        self._order = count()
        self._steps: dict[int, Iterator[int]] = defaultdict(count)
        self._is_numbered = False
        self._due: list[_Due] = []
        self._progress = progress
        self._was_begun = was_begun
        self.commands = 0
        self.given_up = 0
        for begun in Plan(ends, issues, samsyn.calendar, self._near):
            self._go_on(begun.life, begun.number, None)

    def owns(self, issue_id: UUID) -> bool:
        """Whether an issue is one of the year's: the year sees to its clocks itself."""
        return issue_id in self._known

    def until(self, at: datetime) -> None:
        """Let everything happen that happens by a time, and wait until it is durable."""
        while self._due and self._due[0].at <= min(at, self.ends):
            self._happens(heapq.heappop(self._due))
        self._in_flight.drain()

    def _happens(self, due: _Due) -> None:
        self._clock.now = max(self._clock.now, due.at)
        try:
            created = self._execute(due)
        except Refused as refused:
            # Somebody has acted before a clock was out, or was quicker: then it goes no further.
            if due.life is not None and not isinstance(refused, Conflict):
                raise
            self.given_up += due.life is not None
            return
        self._progress("days of a year", YEAR.days - (self.ends - due.at).days, YEAR.days)
        if due.life is not None:
            self._go_on(due.life, due.number, created)

    def _execute(self, due: _Due) -> UUID | None:
        actor = self._actor(due.who)
        if self._was_begun and (kept := self._kept(due, actor)) is not None:
            return self._recall(due, kept)
        command = self._with_number(due.command)
        row = BY_CLASS[type(command)]
        batch = self._execution.batch()
        target: Any = None
        if row.id_field is not None:
            target = self._known[getattr(command, row.id_field)]
            batch.loaded.add(target)
        for other in (*row.reports(command, target), *row.issues(command, target)):
            batch.loaded.add(self._known[other])
        decided = batch.execute(command, actor, due.key)
        self.commands += 1
        self._in_flight.add(batch.save_later(), due.who)
        if command is not due.command:
            self._in_flight.drain()  # the next number is counted on from what the log holds
        self._remember(due.command, decided.target, decided.created_id)
        return decided.created_id

    def _kept(self, due: _Due, actor: Actor) -> KeptReceipt | None:
        return self._samsyn.casework.find_key(scoped_key(actor, due.key)) if due.key else None

    def _recall(self, due: _Due, kept: KeptReceipt) -> UUID | None:
        """What an earlier run did: the life goes on from there."""
        if kept.stream_id not in self._known:
            self._known[kept.stream_id] = self._samsyn.casework.repository.get(kept.stream_id)
        self._remember(due.command, self._known[kept.stream_id], kept.created_id)
        return kept.created_id

    def _with_number(self, command: Command) -> Command:
        """The first issue of the stories' year is given a number above theirs."""
        if not isinstance(command, OpenIssue) or self._is_numbered:
            return command
        if self._clock.now.astimezone(LOCAL_ZONE).year != STORIES_YEAR:
            return command
        self._is_numbered = True
        return replace(command, number=f"{PREFIX}-{STORIES_YEAR}-{FIRST_NUMBER:05d}")

    def _remember(self, command: Command, target: Recorded, created: UUID | None) -> None:
        self._known[target.id] = target
        if not isinstance(target, Issue):
            return
        if isinstance(command, OpenIssue):
            group = CATEGORIES[target.category].group
            self._at_place[target.place.name, group].append(target.id)
            self._is_numbered |= target.number == f"{PREFIX}-{STORIES_YEAR}-{FIRST_NUMBER:05d}"
        now = self._clock.now
        for at, act in clocks_after(command, target, created, now, self._samsyn.calendar):
            self._push(_Due(at=at, order=next(self._order), who=SYSTEM.user_id, command=act))

    def _go_on(self, life: Life, number: int, created: UUID | None) -> None:
        try:
            act: Act = life.send(created)
        except StopIteration:
            return
        self._push(
            _Due(
                at=max(act.at, self._clock.now),
                order=next(self._order),
                who=act.who,
                command=act.command,
                key=_step_key(self._issues, number, next(self._steps[number])),
                life=life,
                number=number,
            )
        )

    def _push(self, due: _Due) -> None:
        if due.at <= self.ends:
            heapq.heappush(self._due, due)

    def _near(self, affair: Affair) -> UUID | None:
        """Another live issue of the same sort at the same place that the same agency has."""
        group = CATEGORIES[affair.subject.code].group
        for issue_id in reversed(self._at_place[affair.place.name, group]):
            issue: Any = self._known[issue_id]
            if issue_id != affair.issue_id and issue.status in LIVE:
                return issue_id
        return None

    def _actor(self, user_id: str) -> Actor:
        if user_id == SYSTEM.user_id:
            return SYSTEM
        grant = self._agencies.grants[user_id]
        return Actor(user_id=user_id, agency_id=grant.agency_id, role=grant.role)


def first_and_last_key(issues: int, calendar: Calendar) -> tuple[str, str]:
    """The keys, with their users, of the year's first command and of its last.

    With the first the year was begun, with the last it is whole.
    """
    plan = Plan(datetime.now(UTC), issues, calendar, lambda _affair: None)
    first, last = plan.begun(0), plan.begun(plan.last)
    return _key_of(first, issues), _key_of(last, issues)


def _key_of(begun: Begun, issues: int) -> str:
    return f"{next(begun.life).who}:{_step_key(issues, begun.number, 0)}"


def _step_key(issues: int, number: int, step: int) -> str:
    return f"demo-year:{issues}:{number}:{step}"
