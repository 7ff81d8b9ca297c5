"""Checks what a story expects: states, referrals, queues, events and figures."""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID

import msgspec

from domain.issue import Issue
from domain.values import SYSTEM
from projections.queues import Bucket
from projections.queues_queries import queues_with
from projections.viewer import Viewer
from service.assembly import Samsyn
from service.stories.figures import figure
from service.stories.references import Names
from service.stories.story import Step, StoryError, moment

Expectation = Mapping[str, Any]


def check(expectation: Expectation, step: Step, names: Names, samsyn: Samsyn) -> str | None:
    """What is not as told, in words; None if all is.

    Raises:
        StoryError: the expectation cannot be understood.
    """
    for key, checker in CHECKERS.items():
        if key in expectation:
            return checker(expectation, step, names, samsyn)
    raise StoryError(f"{step.where}: expect needs one of {', '.join(CHECKERS)}")


def _issue_id(told: object, step: Step, names: Names) -> UUID:
    if told in (None, True):
        latest = names.latest("issue")
        if latest is None:
            raise StoryError(f"{step.where}: no issue has been opened yet")
        return latest
    return names.id_of(told, step.where)


def _issue(told: Expectation, step: Step, names: Names, samsyn: Samsyn) -> str | None:
    issue: Issue = samsyn.casework.repository.get(_issue_id(told["issue"], step, names))
    return _compare(told, {"issue"}, issue, "issue", step)


def _referral(told: Expectation, step: Step, names: Names, samsyn: Samsyn) -> str | None:
    issue: Issue = samsyn.casework.repository.get(_issue_id(told.get("in"), step, names))
    referral = issue.referrals.get(names.id_of(told["referral"], step.where))
    if referral is None:
        return f"the referral {told['referral']} is not in {issue.number}"
    return _compare(told, {"referral", "in"}, referral, "referral", step)


def _queue(told: Expectation, step: Step, names: Names, samsyn: Samsyn) -> str | None:
    issue_id = _issue_id(told.get("in"), step, names)
    if told["queue"] not in set(Bucket):
        raise StoryError(f"{step.where}: queues are {', '.join(Bucket)}")
    with samsyn.engine.connect() as db:
        there = queues_with(db, Viewer(actor=SYSTEM, authority=True), issue_id, samsyn.clock())
    wanted = (told.get("agency"), Bucket(told["queue"]))
    holds = wanted in there
    if holds != told.get("holds", True):
        stands = ", ".join(f"{agency}: {bucket}" for agency, bucket in sorted(there)) or "none"
        return f"queue {wanted[1]} of {wanted[0]}: {holds}; the issue stands in {stands}"
    return None


def _events(told: Expectation, step: Step, names: Names, samsyn: Samsyn) -> str | None:
    stream = (
        names.id_of(told["report"], step.where)
        if "report" in told
        else _issue_id(told.get("in"), step, names)
    )
    found = [
        event
        for event in samsyn.casework.events.get(stream)
        if type(event).__name__ == told["event"]
    ]
    times = told.get("times")
    if times is not None and len(found) != times:
        return f"{told['event']} is recorded {len(found)} times, not {times}"
    if times is None and not found:
        return f"{told['event']} is not recorded"
    if "at" in told:
        wanted = moment(told["at"], step.where)
        if all(getattr(event, "occurred_at", None) != wanted for event in found):
            at = ", ".join(f"{getattr(event, 'occurred_at', None)}" for event in found)
            return f"{told['event']} is recorded at {at}, not at {wanted}"
    return None


def _figure(told: Expectation, step: Step, names: Names, samsyn: Samsyn) -> str | None:
    issue_id = (
        names.latest("issue") if told.get("of") is None else names.id_of(told["of"], step.where)
    )
    found = figure(told, issue_id, samsyn, step)
    return None if found == told["is"] else f"{told['figure']} is {found!r}, not {told['is']!r}"


CHECKERS: dict[str, Callable[[Expectation, Step, Names, Samsyn], str | None]] = {
    "queue": _queue,
    "event": _events,
    "referral": _referral,
    "figure": _figure,
    "issue": _issue,
}


def _compare(
    told: Expectation, leave_out: set[str], found: object, kind: str, step: Step
) -> str | None:
    wrong: list[str] = []
    for name, wanted in told.items():
        if name in leave_out:
            continue
        value = found
        for part in name.split("."):
            if not hasattr(value, part):
                raise StoryError(f"{step.where}: {kind} has no {name}")
            value = getattr(value, part)
        if _plain(value) != _plain_told(wanted, value, step):
            wrong.append(f"{name} is {_plain(value)!r}, not {wanted!r}")
    return "; ".join(wrong) or None


def _plain_told(wanted: object, value: object, step: Step) -> object:
    return _plain(moment(wanted, step.where)) if isinstance(value, datetime) else _plain(wanted)


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, set):
        return sorted(value)
    return msgspec.to_builtins(value)
