"""What a story may expect: states, events, queues, figures, and who sees what."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, cast
from uuid import UUID

import msgspec

from domain.events import EVENTS
from service.stories import facts
from service.stories.figures import FIGURE_KEYS, figure, words_of
from service.stories.readers import QUEUE_KEYS, counted, in_queue, may_read
from service.stories.scene import Scene
from service.stories.story import (
    NOTHING,
    StoryError,
    in_story_time,
    moment,
    nearest,
    shown,
)

Told = Mapping[str, Any]


@dataclass(frozen=True)
class Kind:
    """One kind of expectation: the keys it may have, and how it is checked."""

    keys: Callable[[Told], Iterable[str]]
    check: Callable[[Told, Scene], str | None]


def check_expectation(told: Told, scene: Scene) -> str | None:
    """What is not as told, in words; None if all is.

    Raises:
        StoryError: the expectation cannot be understood.
        NotCreated: it speaks of something whose step was refused.
    """
    return KINDS[kind_of(told, scene.where)].check(told, scene)


def kind_of(told: Told, where: str) -> str:
    """Which kind of expectation this is.

    Raises:
        StoryError: it is of no kind, or has a key that its kind does not know.
    """
    kind = next((key for key in KINDS if key in told), None)
    if kind is None:
        raise StoryError(
            f"{where}: nothing is expected in {shown(dict(told))}.{nearest('', KINDS)}"
        )
    event = told.get("event")
    if kind == "event" and (not isinstance(event, str) or event not in EVENTS):
        raise StoryError(f"{where}: there is no event {shown(event)}.{nearest(event, EVENTS)}")
    known = {kind, *KINDS[kind].keys(told)}
    for key in told:
        if key not in known:
            raise StoryError(f"{where}: expect {kind} has no {shown(key)}.{nearest(key, known)}")
    return kind


def _described(kind: str) -> Kind:
    _, known = facts.KINDS[kind]

    def check(told: Told, scene: Scene) -> str | None:
        found = _thing(kind, told, scene)
        wrong: list[str] = []
        for name, wanted in told.items():
            if name in known:
                value = known[name](found)
                if _plain(value) != _plain_told(wanted, value, scene.where):
                    wrong.append(f"{name} is {_shown(value)}, not {_shown(wanted)}")
        return f"{kind}: {'; '.join(wrong)}" if wrong else None

    return Kind(lambda _told: known, check)


def _thing(kind: str, told: Told, scene: Scene) -> object:
    if kind == "issue":
        return scene.issue(scene.issue_id(told["issue"]))
    if kind == "report":
        return scene.report(scene.report_id(told["report"]))
    id_ = scene.inside_id(kind, told[kind])
    issue = scene.issue(scene.names.issue_of(id_) or scene.issue_id(None))
    found = (issue.referrals if kind == "referral" else issue.actions).get(id_)
    if found is None:
        raise StoryError(f"{scene.where}: {told[kind]!r} is no {kind} of {issue.number}")
    return found


def _check_event(told: Told, scene: Scene) -> str | None:
    stream_id = (
        scene.report_id(told["report"]) if "report" in told else scene.issue_id(told.get("in"))
    )
    event_class = EVENTS[told["event"]]
    recorded = [
        event
        for event in scene.samsyn.casework.events.get(stream_id)
        if isinstance(event, event_class)
    ]
    like = [event for event in recorded if not _differences(told, event, scene)]
    times = told.get("times")
    if len(like) == times or (times is None and like):
        return None
    wanted = "at least once" if times is None else f"{times} times"
    others = "; ".join(
        _differences(told, event, scene)[0] for event in recorded[-3:] if event not in like
    )
    return f"{told['event']} is recorded so {len(like)} times, not {wanted}" + (
        f" (there is one in which {others})" if others else ""
    )


def _differences(told: Told, event: Any, scene: Scene) -> list[str]:  # noqa: ANN401  any event
    found: list[str] = []
    for key, wanted in told.items():
        if key in EVENT_KEYS:
            continue
        if key == "at":
            value: object = event.occurred_at
        elif key == "by":
            value = event.actor.user_id
        else:
            value = getattr(event, key)
        if isinstance(value, UUID) and isinstance(wanted, str):
            wanted = str(scene.names.id_of(wanted, scene.where))  # noqa: PLW2901  a name stands for its id
        if _plain(value) != _plain_told(wanted, value, scene.where):
            found.append(f"{key} is {_shown(value)}")
    return found


EVENT_KEYS = ("event", "in", "report", "times")


def _keys_of_event(told: Told) -> Iterable[str]:
    return (*EVENT_KEYS, "at", "by", *EVENTS[told["event"]].__dataclass_fields__)


def _check_queue(told: Told, scene: Scene) -> str | None:
    if "count" in told:
        return counted(told, scene.samsyn)
    return in_queue(told, scene.issue_id(told.get("in")), scene)


def _check_reader(told: Told, scene: Scene) -> str | None:
    return may_read(told, scene.issue_id(told.get("in")), scene.samsyn, scene.where)


def _check_figure(told: Told, scene: Scene) -> str | None:
    issue_id = scene.issue_id(told["in"]) if "in" in told else None
    found, wanted = figure(told, issue_id, scene.samsyn, scene.step)
    if found == wanted:
        return None
    return f"figure {told['figure']} is {words_of(found, told)}, not {told['is']}"


KINDS: Mapping[str, Kind] = {
    "event": Kind(_keys_of_event, _check_event),
    "queue": Kind(lambda _told: QUEUE_KEYS, _check_queue),
    "figure": Kind(lambda _told: FIGURE_KEYS, _check_figure),
    "readable_by": Kind(lambda _told: ("in", "holds"), _check_reader),
    "referral": _described("referral"),
    "action": _described("action"),
    "issue": _described("issue"),
    "report": _described("report"),
}
"""Every kind of expectation; an expectation is of the first kind whose key it has."""


def _plain_told(wanted: object, value: object, where: str) -> object:
    if wanted == NOTHING and (value is None or isinstance(value, datetime)):
        return None
    return _plain(moment(wanted, where)) if isinstance(value, datetime) else _plain(wanted)


def _shown(value: object) -> str:
    return repr(in_story_time(value) if isinstance(value, datetime) else _plain(value))


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [_plain(each) for each in cast("tuple[object, ...]", value)]
    return msgspec.to_builtins(value)
