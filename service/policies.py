"""What the system does by itself when a time has come, through the same commands as everybody.

Nothing here decides: a clock that is out leads to a command, and the issue says whether it still
applies. So it may run twice, late, or in several processes at once; each thing is done once.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from uuid import UUID

from domain.command import Command
from domain.escalation import EscalateReferral, RemindReferral
from domain.follow_up import ScheduleFollowUp
from domain.lifecycle import ResumeIssue
from domain.referral import MarkReferralDelivered
from domain.refusals import Refused
from domain.values import SYSTEM
from projections.clocks import CLOCKS, ClockKind, DueClock, clocks_by
from projections.viewer import Viewer
from service.assembly import Samsyn

PAGE = 500

_EVERYTHING = Viewer(SYSTEM, authority=True)


class ClocksStandStill(Exception):
    """The projection of the clocks has stopped: see `samsyn doctor`, then rebuild it."""


class Policies:
    """Delivers, reminds, escalates, resumes and schedules follow-ups when their time has come."""

    def __init__(
        self,
        samsyn: Samsyn,
        follow: Callable[[], bool] | None = None,
        stopping: Callable[[], bool] = lambda: False,
        leaves_out: Callable[[UUID], bool] = lambda _issue_id: False,
    ) -> None:
        """`samsyn` follows the log with the projection `clocks` among others.

        `follow` brings the clocks to the head of the log, or waits until a worker has, and says
        whether they are there; by itself it folds here. Once `stopping` says so, nothing more is
        begun. `leaves_out` names issues whose clocks somebody else looks after.
        """
        self._samsyn = samsyn
        self._stopping = stopping
        self._leaves_out = leaves_out
        self._follow = follow or (lambda: samsyn.runner.catch_up(CLOCKS.name))
        self._refused: set[DueClock] = set()

    def run(self) -> int:
        """Do everything that is due by now, in the order in which it fell due.

        Returns:
            How many commands were carried out.

        Raises:
            ClocksStandStill: nothing can be known of what is due.
        """
        done = 0
        tried: set[DueClock] = set()
        while True:
            now = self._samsyn.clock()
            self._catch_up()
            news = False
            for clock in self._clocks(until=now):
                if self._stopping():
                    return done
                if clock not in tried:
                    news = True
                    tried.add(clock)
                    done += self._carry_out(clock)
            # What was done may have set clocks that are out already: look again.
            if not news:
                # What was refused before and is gone by now needs no memory.
                self._refused &= tried
                return done

    def next_due(self) -> datetime | None:
        """When there will be something to do; in the past if it is due now, None if never.

        What the last run was refused is left out: it waits for somebody else.
        """
        self._catch_up()
        waiting = (clock for clock in self._clocks(until=None) if clock not in self._refused)
        first = next(waiting, None)
        return first.due_at if first else None

    def _carry_out(self, clock: DueClock) -> bool:
        try:
            receipt = self._samsyn.execution.execute(_command(clock), SYSTEM, clock.key)
        except Refused:
            # Somebody answered, resumed or followed up meanwhile, or another worker was first:
            # the issue as it stands decides, and the execution has noted the refusal.
            self._refused.add(clock)
            return False
        self._refused.discard(clock)
        return not receipt.replayed

    def _catch_up(self) -> None:
        if not self._follow():
            raise ClocksStandStill

    def _clocks(self, until: datetime | None) -> Iterator[DueClock]:
        last: DueClock | None = None
        while True:
            with self._samsyn.engine.connect() as db:
                page = clocks_by(db, _EVERYTHING, until=until, after=last, limit=PAGE)
            yield from (clock for clock in page if not self._leaves_out(clock.issue_id))
            if len(page) < PAGE:
                return
            last = page[-1]


def _command(clock: DueClock) -> Command:
    if clock.kind is ClockKind.RESUME:
        return ResumeIssue(issue_id=clock.issue_id)
    if clock.kind is ClockKind.FOLLOW_UP:
        return ScheduleFollowUp(issue_id=clock.issue_id)
    return _referral_command(clock, clock.item_id)


def _referral_command(clock: DueClock, referral_id: UUID) -> Command:
    match clock.kind:
        case ClockKind.DELIVER:
            return MarkReferralDelivered(issue_id=clock.issue_id, referral_id=referral_id)
        case ClockKind.REMIND:
            return RemindReferral(issue_id=clock.issue_id, referral_id=referral_id)
        case _:
            return EscalateReferral(
                issue_id=clock.issue_id, referral_id=referral_id, level=clock.level
            )
