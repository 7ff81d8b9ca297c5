"""Plays stories through the commands, with the clock set by the files and policies in between."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from domain.directory import GrantUser, RegisterAgency
from domain.refusals import Conflict, Invalid, NotAllowed, NotFound, Refused
from domain.values import SYSTEM, Actor
from service.assembly import Samsyn
from service.commands import COMMANDS, Row, Target
from service.policies import Policies
from service.preset import load_preset
from service.receipt import Receipt
from service.stories.expectations import check
from service.stories.references import Names, command_of
from service.stories.story import Step, Story, StoryError, in_order

STATUS = {NotAllowed: 403, NotFound: 404, Conflict: 409, Invalid: 422}
KINDS = {"ReceiveReport": "report", "OpenIssue": "issue", "SendReferral": "referral"}


class StoryClock:
    """A clock that stands where the story is."""

    def __init__(self) -> None:
        self.now = datetime(2000, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        """The story's now, in UTC."""
        return self.now


@dataclass
class Played:
    """What came of playing: counts, what failed and what was left out with the reason."""

    carried_out: int = 0
    already_there: int = 0
    refused_as_told: int = 0
    expectations_met: int = 0
    policy_commands: int = 0
    failures: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


class Player:
    """Plays stories on one database; a story that was played is not played again."""

    def __init__(self, samsyn: Samsyn, clock: StoryClock) -> None:
        self._samsyn = samsyn
        self._clock = clock
        self._policies = Policies(samsyn)
        self._names: dict[str, Names] = {}
        self._skip_until: dict[str, int] = {}
        self.played = Played()

    def play(
        self, stories: Iterable[Story], progress: Callable[[Step], None] = lambda _step: None
    ) -> Played:
        """Play every step of all stories in the order of time.

        Raises:
            StoryError: a step cannot be understood; what came before it stays played.
        """
        told = list(stories)
        steps = in_order(told)
        if not steps:
            return self.played
        self._set_clock(steps[0].at)
        for story in told:
            self._prepare(story)
        for step in steps:
            self._play(step)
            progress(step)
        self._samsyn.runner.catch_up()
        return self.played

    def _prepare(self, story: Story) -> None:
        execution = self._samsyn.execution
        if not execution.agencies().agencies:
            load_preset(execution, story.preset)
        for raw in story.agencies:
            self._enter(raw, "RegisterAgency", RegisterAgency, f"agency:{raw.get('agency_id')}")
        for raw in story.users:
            self._enter(raw, "GrantUser", GrantUser, f"user:{raw.get('user_id')}")
        self._names[story.name] = Names()
        known = [step for step in story.steps if self._receipt_before(step) is not None]
        self._skip_until[story.name] = max((step.index for step in known), default=0)

    def _enter(
        self, raw: Mapping[str, Any], name: str, wanted: type[RegisterAgency | GrantUser], key: str
    ) -> None:
        step = _setting_up(raw, name, self._clock.now)
        command = command_of(step, COMMANDS[name], Names(), self._samsyn.execution.agencies())
        if not isinstance(command, wanted):
            raise StoryError(f"{step.where}: not a {wanted.__name__}")
        self._samsyn.execution.execute(command, SYSTEM, key=f"story-setting:{key}")

    def _play(self, step: Step) -> None:
        if step.waits_for is not None:
            what = step.command or step.note or "expectations"
            self.played.left_out.append(f"{step.where}: {what} waits for {step.waits_for}")
            return
        self._run_policies_until(step.at)
        self._set_clock(step.at)
        skipped = step.index <= self._skip_until[step.story]
        if step.command is not None:
            self._command(step, skipped=skipped)
            self.played.policy_commands += self._policies.run()
        if step.expectations and not skipped:
            self._samsyn.runner.catch_up()
            for expectation in step.expectations:
                failure = check(expectation, step, self._names[step.story], self._samsyn)
                if failure is None:
                    self.played.expectations_met += 1
                else:
                    self.played.failures.append(f"{step.where}: {failure}")

    def _command(self, step: Step, *, skipped: bool) -> None:
        row = _row(step)
        if skipped:
            receipt = self._receipt_before(step)
            if receipt is not None:
                self.played.already_there += 1
                self._learn(step, row, receipt)
            return
        command = command_of(step, row, self._names[step.story], self._samsyn.execution.agencies())
        try:
            receipt = self._samsyn.execution.execute(command, self._actor(step), key=step.key)
        except Refused as refused:
            self._was_refused(step, refused)
            return
        if step.refused is not None:
            self.played.failures.append(f"{step.where}: {row.name} was carried out, not refused")
        self.played.carried_out += 1
        self._learn(step, row, receipt)

    def _learn(self, step: Step, row: Row, receipt: Receipt) -> None:
        names = self._names[step.story]
        names.learn(step.name, KINDS.get(row.name, "other"), receipt.created_id)
        if row.target is Target.ISSUE:
            names.learn(None, "issue", receipt.stream_id)
        last = self._samsyn.casework.read(receipt.position - 1, 1)
        names.learn_event(step.name, last[0].event.event_id)

    def _was_refused(self, step: Step, refused: Refused) -> None:
        status = next(code for kind, code in STATUS.items() if isinstance(refused, kind))
        fields = sorted(e.field for e in refused.errors) if isinstance(refused, Invalid) else []
        told = step.refused
        happened = f"{step.command} was refused with {status} {refused.code} {fields}: {refused.sv}"
        if told is None:
            self.played.failures.append(f"{step.where}: {happened}")
            return
        wanted = {
            "status": status,
            "code": refused.code,
            "fields": fields,
            "happened": getattr(refused, "happened", ""),
        }
        unknown = set(told) - set(wanted)
        if unknown:
            raise StoryError(f"{step.where}: refused has no {', '.join(sorted(unknown))}")
        differs = [
            name
            for name, value in told.items()
            if (sorted(value) if name == "fields" else value) != wanted[name]
        ]
        if differs:
            self.played.failures.append(f"{step.where}: {happened}; told was {dict(told)}")
        else:
            self.played.refused_as_told += 1

    def _actor(self, step: Step) -> Actor:
        grant = self._samsyn.execution.agencies().grants.get(step.who or "")
        if step.who == SYSTEM.user_id:
            return SYSTEM
        if grant is None:
            raise StoryError(f"{step.where}: the user {step.who!r} has no agency and role")
        return Actor(user_id=grant.user_id, agency_id=grant.agency_id, role=grant.role)

    def _receipt_before(self, step: Step) -> Receipt | None:
        if step.command is None or step.waits_for is not None or step.who is None:
            return None
        kept = self._samsyn.casework.find_key(f"{step.who}:{step.key}")
        if kept is None:
            return None
        return Receipt(
            position=kept.position,
            stream_id=kept.stream_id,
            version=kept.version,
            created_id=kept.created_id,
            replayed=True,
        )

    def _run_policies_until(self, at: datetime) -> None:
        """Stop at every moment at which something is due, so that it happens when it should."""
        self._samsyn.runner.catch_up()
        while (due := self._policies.next_due()) is not None and due <= at:
            self._set_clock(due)
            done = self._policies.run()
            self.played.policy_commands += done
            if not done:
                break

    def _set_clock(self, at: datetime) -> None:
        self._clock.now = max(self._clock.now, at)


def _row(step: Step) -> Row:
    row = COMMANDS.get(step.command or "")
    if row is None:
        raise StoryError(
            f"{step.where}: there is no command {step.command!r}; there are "
            f"{', '.join(sorted(COMMANDS))}"
        )
    return row


def _setting_up(raw: Mapping[str, Any], name: str, now: datetime) -> Step:
    return Step(
        story="setting",
        index=0,
        occasion=1,
        at=now,
        who=SYSTEM.user_id,
        command=name,
        name=None,
        data={
            key: date.fromisoformat(value)
            if key == "valid_from" and isinstance(value, str)
            else value
            for key, value in raw.items()
        },
        refused=None,
        expectations=(),
        waits_for=None,
        note="",
    )
