"""Plays stories through the commands, with the clock set by the files and policies in between."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import takewhile
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import select

from domain.agencies import Agencies, NamedPlace
from domain.refusals import FieldError, Invalid, NotFound, Refused
from projections.visibility import VISIBILITY, issue_access
from service.assembly import Samsyn
from service.commands import COMMANDS, Row
from service.policies import Policies
from service.receipt import Receipt
from service.stories.actors import actor_of, find_everybody
from service.stories.before import Before
from service.stories.checking import problems_of
from service.stories.expectations import check_expectation
from service.stories.names import Names, NotCreated
from service.stories.refusing import described, differences
from service.stories.scene import Scene
from service.stories.setting import prepare_directory
from service.stories.story import Step, Story, StoryError, in_order
from service.stories.telling import BadData, command_of


class StoryClock:
    """A clock that stands where the story is."""

    def __init__(self) -> None:
        self.now = datetime(1970, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        """The story's now, in UTC."""
        return self.now


class Alongside(Protocol):
    """What else happens while stories are played, on the same program and clock."""

    def until(self, at: datetime) -> None:
        """Let happen what happens by a time."""

    def owns(self, issue_id: UUID) -> bool:
        """Whether an issue belongs to it: it sees to the issue's clocks itself."""
        ...


@dataclass
class Played:
    """What came of playing: counts, what failed, and what was left out and why.

    `already_there` are commands that an earlier playing carried out; `passed_over` are the
    refusals and expectations among them, which are not looked at a second time.
    """

    carried_out: int = 0
    already_there: int = 0
    refused_as_told: int = 0
    expectations_met: int = 0
    passed_over: int = 0
    policy_commands: int = 0
    failures: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


class Player:
    """Plays stories on one database; what was played before is not played again."""

    def __init__(
        self, samsyn: Samsyn, clock: StoryClock, alongside: Alongside | None = None
    ) -> None:
        """With something alongside, what the stories expect of the whole log is not looked at."""
        self._samsyn = samsyn
        self._clock = clock
        self._alongside = alongside
        self._policies = (
            Policies(samsyn) if alongside is None else Policies(samsyn, leaves_out=alongside.owns)
        )
        self._names: dict[str, Names] = {}
        self._before: dict[str, Before] = {}
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
        _tell_apart(told)
        self._set_clock(steps[0].at)
        prepare_directory(told, self._samsyn)
        agencies = self._samsyn.execution.agencies()
        find_everybody(steps, agencies)
        _check_places(told, steps, agencies)
        for story in told:
            self._names[story.name] = Names(self._issue_of_number)
            self._before[story.name] = Before(story, self._samsyn.casework, agencies)
        for step in steps:
            self._play(step)
            progress(step)
        if self._alongside is None:
            self._samsyn.runner.catch_up()
        return self.played

    def _play(self, step: Step) -> None:
        if step.waits_for is not None:
            what = step.command or step.note or "expectations"
            self.played.left_out.append(f"{step.where}: {what} waits for {step.waits_for}")
            return
        self._run_policies_until(step.at)
        over = self._before[step.story].is_over(step)
        if step.command is not None:
            self._give(step, COMMANDS[step.command], over=over)
            self.played.policy_commands += self._policies.run()
        if over or self._alongside is not None:
            self.played.passed_over += len(step.expectations)
            return
        if step.expectations:
            self._samsyn.runner.catch_up()
        scene = Scene(step, self._names[step.story], self._samsyn)
        for expectation in step.expectations:
            try:
                failure = check_expectation(expectation, scene)
            except (NotCreated, StoryError) as unclear:
                failure = str(unclear)
            if failure is None:
                self.played.expectations_met += 1
            else:
                self.played.failures.append(f"{step.where}: {failure}")

    def _give(self, step: Step, row: Row, *, over: bool) -> None:
        self._names[step.story].announce(step)
        if over:
            self._recall(step, row)
            return
        try:
            receipt = self._execute(step, row)
        except Refused as refused:
            self._was_refused(step, refused)
            return
        except NotCreated as missing:
            self._was_refused(step, NotFound("not_there", str(missing), str(missing)))
            return
        if step.refused is not None:
            self.played.failures.append(f"{step.where}: {row.name} was carried out, not refused")
        self.played.carried_out += 1
        self._learn(step, row, receipt)

    def _execute(self, step: Step, row: Row) -> Receipt:
        execution = self._samsyn.execution
        agencies = execution.agencies()
        try:
            command = command_of(row.command, step, self._names[step.story], agencies)
        except BadData as bad:
            if step.refused is None:
                raise StoryError(*bad.problems.values()) from bad
            raise Invalid(tuple(_field_error(*each) for each in bad.problems.items())) from bad
        return execution.execute(command, actor_of(step, agencies), key=step.key)

    def _recall(self, step: Step, row: Row) -> None:
        receipt = self._before[step.story].receipt_of(step)
        if receipt is not None:
            self.played.already_there += 1
            self._learn(step, row, receipt)
        elif step.refused is not None:
            self.played.passed_over += 1
        else:
            self.played.failures.append(
                f"{step.where}: {row.name} was not carried out when the story was played before. "
                "If the story has been changed since, play it on another database."
            )

    def _learn(self, step: Step, row: Row, receipt: Receipt) -> None:
        names = self._names[step.story]
        names.learn(step, row, receipt.created_id, receipt.stream_id)
        if step.name is None:
            return
        recorded: list[Any] = list(
            self._samsyn.casework.events.get(receipt.stream_id, lte=receipt.version, desc=True)
        )
        cause = recorded[0].causation_id
        together = takewhile(lambda event: event.causation_id == cause, recorded)
        names.learn_event(step, [event.event_id for event in together][-1])

    def _was_refused(self, step: Step, refused: Refused) -> None:
        told = step.refused
        wrong = [] if told is None else differences(told, refused)
        if told is not None and not wrong:
            self.played.refused_as_told += 1
            return
        found = ", ".join(f"{key} {value}" for key, value in described(refused).items())
        told_otherwise = f" Told otherwise: {'; '.join(wrong)}." if wrong else ""
        self.played.failures.append(
            f"{step.where}: {step.command} was refused ({found}): {refused.sv}{told_otherwise}"
        )

    def _issue_of_number(self, number: str) -> UUID | None:
        self._samsyn.runner.catch_up(VISIBILITY.name)
        query = select(issue_access.c.issue_id).where(issue_access.c.number == number)
        with self._samsyn.engine.connect() as db:
            return db.execute(query).scalar_one_or_none()

    def _run_policies_until(self, at: datetime) -> None:
        """Stop at every moment at which something is due, so that it happens when it should."""
        before: datetime | None = None
        while (due := self._policies.next_due()) is not None and due <= at and due != before:
            self._set_clock(due)
            self.played.policy_commands += self._policies.run()
            before = due
        self._set_clock(at)

    def _set_clock(self, at: datetime) -> None:
        if self._alongside is not None:
            self._alongside.until(at)
        self._clock.now = max(self._clock.now, at)


def _tell_apart(stories: Sequence[Story]) -> None:
    counted = Counter(story.name for story in stories)
    doubled = [name for name, times in counted.items() if times > 1]
    if doubled:
        raise StoryError(f"Several stories are called {', '.join(doubled)}; rename their files.")


def _check_places(stories: Sequence[Story], steps: Sequence[Step], agencies: Agencies) -> None:
    """Now that the directory is there, see to it that every place in the stories is."""
    registered = {
        place_id: NamedPlace(place_id=place_id, name=place_id, lat=0.0, lon=0.0, area_id=None)
        for step in steps
        if step.command == "RegisterPlace"
        and isinstance(place_id := step.data.get("place_id"), str)
    }
    known = replace(agencies, places=agencies.places | registered)
    problems = [problem for story in stories for problem in problems_of(story, known)]
    if problems:
        raise StoryError(*problems)


def _field_error(field_name: str, problem: str) -> FieldError:
    return FieldError(field=field_name, code="unreadable", sv=problem, en=problem)
