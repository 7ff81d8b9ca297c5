"""Whole lives of the demo's issues, from the first report to the end: which way they take."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from domain.categories import CATEGORIES
from domain.codes import CloseOutcome, Effect
from domain.opening import ReopenIssue
from service.demo.affair import Act, Affair, Life
from service.demo.changing import another_report, merge, small_changes, void
from service.demo.people import MAY_TAKE_OVER
from service.demo.referring import (
    ask_opinions,
    get_help,
    hand_over,
    let_know,
    propose,
)
from service.demo.reporting import dismiss, open_issue, report, triaged
from service.demo.working import act, close, follow_up, park

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_MOST_ROUNDS = 3

_READERS: Mapping[str, str | None] = {"partner_associations": None}
"""Who is told and reads nothing here; others answer."""


def report_alone(affair: Affair) -> Life:
    """A report that leads to no issue."""
    at = yield from report(affair, affair.begins)
    return (yield from dismiss(affair, at))


def issue(affair: Affair) -> Life:
    """An issue, with all that comes with it."""
    draw = affair.draw
    at = yield from _beginning(affair)
    if draw.chance(0.012):
        return (yield from void(affair, at))
    if draw.chance(0.04) and (twin := affair.near(affair)) is not None:
        return (yield from merge(affair, at, twin))
    restricted = CATEGORIES[affair.subject.code].restricted
    if affair.responsible != affair.lead:
        at = yield from _find_responsible(affair, affair.later(at, 4 * _HOUR))
    elif draw.chance(0.07) and not restricted:
        at = yield from _wrong_way(affair, affair.later(at, 20 * _HOUR))
    at = yield from small_changes(affair, at)
    if draw.chance(0.06):
        at = yield from another_report(affair, at)
    if draw.chance(0.035):
        at = yield from park(affair, affair.later(at, 2 * _DAY))
    if draw.chance(0.26):
        return (yield from close(affair, at + 3 * _DAY, _without_action(affair)))
    at = yield from _work(affair, at, restricted=restricted)
    if draw.chance(0.05):
        at = yield from _again(affair, at)
    return at


def _beginning(affair: Affair) -> Life:
    """The lead opens it from what it sees itself, or reports come in and their receiver does."""
    at, draw = affair.begins, affair.draw
    if CATEGORIES[affair.subject.code].restricted or draw.chance(0.72):
        return (yield from open_issue(affair, at, affair.lead))
    for _ in range(draw.weighted({1: 10, 2: 1, 3: 1})):
        at = yield from report(affair, at)
    receiver = affair.received_by if affair.received_by in MAY_TAKE_OVER else "district"
    return (yield from open_issue(affair, triaged(affair, at), receiver))


def _find_responsible(affair: Affair, at: datetime) -> Life:
    """Hand it over to where it belongs; who declines is asked again, or the sender keeps it."""
    draw = affair.draw
    to = affair.lead
    pushed_back = 0
    while affair.responsible != affair.lead:
        at = yield from hand_over(affair, at, to, declines=0.15 + 0.4 * (pushed_back > 0))
        if affair.responsible == to:
            return at
        pushed_back += 1
        at = affair.later(at, 26 * _HOUR)
        if pushed_back == _MOST_ROUNDS:
            at = yield from propose(affair, at, affair.lead)
        if draw.chance(0.35) or pushed_back > _MOST_ROUNDS:
            return at  # the sender keeps it
        if draw.chance(0.4):
            to = draw.one([each for each in MAY_TAKE_OVER if each != affair.responsible])
    return at


def _wrong_way(affair: Affair, at: datetime) -> Life:
    """Whom it belongs to thinks that it belongs to somebody else."""
    others = [each for each in MAY_TAKE_OVER if each != affair.responsible]
    to = affair.draw.one(others)
    at = yield from hand_over(affair, at, to, declines=0.7)
    if affair.responsible != to and affair.draw.chance(0.5):
        at = yield from hand_over(affair, affair.later(at, 30 * _HOUR), to, declines=0.6)
    return at


def _work(affair: Affair, at: datetime, *, restricted: bool) -> Life:
    """Rounds of actions and a follow-up, until it helped or nobody hopes any more."""
    draw = affair.draw
    if not restricted and draw.chance(0.05):
        at = yield from ask_opinions(affair, affair.later(at, _DAY))
    for round_ in range(_MOST_ROUNDS):
        at = affair.later(at, 2 * _DAY)
        helper = _helper(affair)
        if helper is not None and draw.chance(0.13):
            at = yield from get_help(affair, at, helper)
        for _ in range(draw.weighted({1: 9, 2: 2})):
            at = yield from act(affair, at, affair.responsible)
        for agency, _ in list(affair.helpers):
            if not agency.startswith("partner"):
                at = yield from act(affair, at, agency)
        if draw.chance(0.03):
            at = yield from let_know(affair, at + _HOUR, "partner_associations", None)
        at = yield from follow_up(affair, at)
        if affair.effect in (Effect.RESOLVED, Effect.IMPROVED) or round_ == _MOST_ROUNDS - 1:
            break
    outcome = CloseOutcome.RESOLVED
    if affair.effect not in (Effect.RESOLVED, Effect.IMPROVED) or draw.chance(0.06):
        outcome = CloseOutcome.MOVED_TO_PLAN
    return (yield from close(affair, at, outcome))


def _again(affair: Affair, at: datetime) -> Life:
    """The problem comes back: the issue is opened again, worked on and closed."""
    at = yield from report(affair, at + affair.draw.number(5, 120) * _DAY)
    at = triaged(affair, at)
    yield Act(
        at=at,
        who=affair.caseworker(affair.responsible),
        command=ReopenIssue(
            issue_id=affair.issue_id,
            reason_sv=affair.says(affair.texts.casework, "change", "reopen"),
            report_ids=(affair.reports[-1],),
        ),
    )
    return (yield from _work(affair, at, restricted=False))


def _helper(affair: Affair) -> str | None:
    """Somebody who may be asked for help with this subject."""
    helpers = [
        each
        for each in affair.subject.help
        if each not in (affair.responsible, "partner_associations")
    ]
    return affair.draw.one(helpers) if helpers else None


def _without_action(affair: Affair) -> CloseOutcome:
    return affair.draw.one((CloseOutcome.HANDLED_ELSEWHERE, CloseOutcome.NO_ACTION_POSSIBLE))
