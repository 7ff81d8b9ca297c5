"""Finds what is wrong with a story before anything of it is played."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from domain.agencies import Agencies
from domain.command import Command
from projections.queues import Bucket
from service.commands import COMMANDS
from service.stories import facts
from service.stories.expectations import kind_of
from service.stories.figures import FIGURE_KEYS, figure_problems
from service.stories.names import KINDS, Names
from service.stories.refusing import check_refusal
from service.stories.setting import declared
from service.stories.story import Step, Story, StoryError, in_order, nearest, shown
from service.stories.telling import BadData, command_of

ANYTHING = UUID(int=0)
"""Stands for what a step will create."""

_TRUTH = (bool, "true or false")
_NUMBER = (int, "a number")
_TEXT = (str, "text")
TYPES: Mapping[str, Mapping[str, tuple[type, str]]] = {
    "queue": {
        "agency": _TEXT,
        "holds": _TRUTH,
        "count": _NUMBER,
        "overdue": _TRUTH,
        "badges": (list, "a list"),
    },
    "event": {"times": _NUMBER, "by": _TEXT},
    "readable_by": {"holds": _TRUTH},
    "figure": {key: _TEXT for key in FIGURE_KEYS if key not in ("is", "in", "since", "until")},
}
"""Keys of expectations that are of one type, whatever they speak of."""


def problems_of(story: Story, agencies: Agencies | None = None) -> list[str]:
    """Everything in the story that cannot be understood: commands, fields, names, expectations.

    Places are looked up in the directory, if there is one yet.
    """
    agencies = agencies or Agencies()
    problems = [*declared(story), *_same_names(story)]
    names = Names(lambda _number: ANYTHING)
    for step in in_order([story]):
        if step.waits_for is None:
            problems += _step_problems(step, names, agencies)
    return problems


def _same_names(story: Story) -> Iterator[str]:
    first: dict[str, int] = {}
    for step in story.steps:
        if step.name is not None and step.occasion == 1:
            other = first.setdefault(step.name, step.index)
            if other != step.index:
                yield f"{step.where}: the name {step.name!r} is that of step {other} already"


def _step_problems(step: Step, names: Names, agencies: Agencies) -> Iterator[str]:
    if step.refused is not None:
        yield from check_refusal(step.refused, f"{step.where}, refused")
    if step.command is not None:
        row = COMMANDS.get(step.command)
        if row is None:
            meant = nearest(step.command, COMMANDS)
            yield f"{step.where}: there is no command {step.command!r}.{meant}"
            return
        yield from _data_problems(step, row.command, names, agencies)
        _imagine(step, names)
    for told in step.expectations:
        try:
            yield from _expectation_problems(told, step, names)
        except StoryError as error:
            yield from error.problems


def _data_problems(
    step: Step, command: type[Command], names: Names, agencies: Agencies
) -> Iterator[str]:
    try:
        command_of(command, step, names, agencies)
    except BadData as bad:
        # What is to be refused may be badly told on purpose.
        yield from bad.problems.values() if step.refused is None else bad.unknown_names


def _imagine(step: Step, names: Names) -> None:
    """As if the step had been played."""
    names.announce(step)
    if step.command is None:
        return
    row = COMMANDS[step.command]
    created = ANYTHING if row.name in KINDS else None
    names.learn(step, row, created, ANYTHING)
    names.learn_event(step, ANYTHING)


def _expectation_problems(told: Mapping[str, Any], step: Step, names: Names) -> Iterator[str]:
    kind = kind_of(told, step.where)
    where = f"{step.where}, expect {kind}"
    wrong = list(_of_wrong_type(told, kind, where))
    yield from wrong
    if wrong:
        return
    named = [told[key] for key in ("in", "report") if key in told]
    named += [told[kind]] if kind in facts.KINDS else []
    for name in named:
        if name is not True:
            names.id_of(name, where)
    if kind == "queue":
        yield from _queue_problems(told, where)
    if kind == "figure":
        yield from figure_problems(told, where)
    if kind in facts.KINDS and not any(key in facts.KINDS[kind][1] for key in told):
        yield f'{where}: say what is so: status = "active"'


def _of_wrong_type(told: Mapping[str, Any], kind: str, where: str) -> Iterator[str]:
    """The keys of an expectation, as far as they are of one type whatever they speak of."""
    wanted = {**TYPES.get(kind, {})} if kind in facts.KINDS else {**TYPES[kind], kind: _TEXT}
    for key, (type_, words) in wanted.items():
        if key in told and (
            not isinstance(told[key], type_) or (type_ is int and isinstance(told[key], bool))
        ):
            yield f"{where}: {key} is {words}, not {shown(told[key])}"


def _queue_problems(told: Mapping[str, Any], where: str) -> Iterator[str]:
    if told["queue"] not in set(Bucket):
        yield f"{where}: there is no queue {told['queue']!r}.{nearest(told['queue'], Bucket)}"
    elif "agency" not in told and told["queue"] != Bucket.AGENDA:
        yield f'{where}: say whose queue: agency = "police"'
    if "count" in told and len(told) != len({"queue", "agency", "count"}):
        yield f"{where}: count goes with queue and agency only, it counts all issues"
