"""What else happens to an issue of the demo: notes, marks, corrections, merging and voiding."""

from datetime import datetime, timedelta
from uuid import UUID

from domain.categories import CATEGORIES, categories_in
from domain.classification import ChangeCategory, ChangePriority, CorrectPlace
from domain.codes import Priority
from domain.lifecycle import MergeIssues, VoidIssue
from domain.notes import AddNote, MarkSecrecy, RemoveSecrecyMark
from domain.opening import LinkReport
from service.demo.affair import Act, Affair, Life
from service.demo.reporting import report, triaged, triager

_HOUR = timedelta(hours=1)
_PROVISIONS = {"police": "OSL 35 kap. 1 §", "social": "OSL 26 kap. 1 §"}


def small_changes(affair: Affair, at: datetime) -> Life:
    """Whatever happens between the larger steps, most often nothing."""
    draw, texts = affair.draw, affair.texts.casework["change"]
    who = affair.caseworker(affair.responsible)
    if draw.chance(0.16):
        at = affair.later(at, 10 * _HOUR)
        note = AddNote(issue_id=affair.issue_id, text_sv=affair.says(texts, "note"))
        yield Act(at=at, who=who, command=note)
    if draw.chance(0.04):
        at = affair.later(at, 10 * _HOUR)
        affair.priority = _other_priority(affair)
        change = ChangePriority(
            issue_id=affair.issue_id,
            priority=affair.priority,
            reason_sv=affair.says(texts, "priority"),
        )
        yield Act(at=at, who=who, command=change)
    if draw.chance(0.03) and (category := _sibling(affair)) is not None:
        at = affair.later(at, 10 * _HOUR)
        recategorised = ChangeCategory(
            issue_id=affair.issue_id, category=category, reason_sv=affair.says(texts, "category")
        )
        yield Act(at=at, who=who, command=recategorised)
    if draw.chance(0.02):
        at = affair.later(at, 5 * _HOUR)
        moved = CorrectPlace(
            issue_id=affair.issue_id,
            place=draw.one(affair.texts.spots).place,
            reason_sv=affair.says(texts, "place"),
        )
        yield Act(at=at, who=who, command=moved)
    provision = _PROVISIONS.get(affair.responsible)
    if provision is not None and draw.chance(0.03):
        mark = MarkSecrecy(issue_id=affair.issue_id, provision=provision)
        yield Act(at=at, who=who, command=mark)
        if draw.chance(0.4):
            at = affair.later(at, 200 * _HOUR)
            yield Act(at=at, who=who, command=RemoveSecrecyMark(issue_id=affair.issue_id))
    return at


def another_report(affair: Affair, at: datetime) -> Life:
    """Somebody else reports the same; it becomes part of the open issue."""
    at = yield from report(affair, at + affair.draw.wait(60 * _HOUR))
    at = triaged(affair, at)
    link = LinkReport(issue_id=affair.issue_id, report_id=affair.reports[-1])
    yield Act(at=at, who=triager(affair), command=link)
    return at


def merge(affair: Affair, at: datetime, into: UUID) -> Life:
    """The issue turns out to be another one."""
    at += timedelta(minutes=affair.draw.number(3, 40))
    yield Act(
        at=at,
        who=affair.caseworker(affair.responsible),
        command=MergeIssues(
            issue_id=affair.issue_id,
            into_issue_id=into,
            reason_sv=affair.says(affair.texts.casework, "change", "merge"),
        ),
    )
    return at


def void(affair: Affair, at: datetime) -> Life:
    """The issue was entered by mistake."""
    at = affair.later(at, 3 * _HOUR)
    reason = affair.says(affair.texts.casework, "change", "void")
    yield Act(
        at=at,
        who=affair.caseworker(affair.responsible),
        command=VoidIssue(issue_id=affair.issue_id, reason_sv=reason),
    )
    return at


def _other_priority(affair: Affair) -> Priority:
    return affair.draw.one(
        [each for each in Priority if each not in (affair.priority, Priority.URGENT)]
    )


def _sibling(affair: Affair) -> str | None:
    """Another category of the same group with the same lead."""
    own = CATEGORIES[affair.subject.code]
    others = [
        each.code
        for each in categories_in(own.group)
        if each.code != own.code and each.lead_agency == own.lead_agency and not each.restricted
    ]
    return affair.draw.one(others) if others and not own.restricted else None
