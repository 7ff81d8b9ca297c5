"""Notes that somebody at the receiver has opened the page of an issue referred to the agency."""

from uuid import UUID

from domain.issue import Issue
from domain.referral import OpenReferral
from domain.refusals import Conflict
from service.commands import COMMANDS
from service.pages.frame import Frame
from service.visitors import Visitor

SHOWN_IN = ("issue_story", "audit_trail", "queues")


def note_first_reading(frame: Frame, visitor: Visitor, issue_id: UUID) -> Issue:
    """Record each unread referral to the visitor's agency as opened; gives the issue as it is.

    Only for roles that may give the command themselves. Whoever else was first was first.
    """
    issue: Issue = frame.samsyn.casework.repository.get(issue_id)
    if visitor.actor.role not in COMMANDS[OpenReferral.__name__].roles:
        return issue
    unread = [
        each
        for each in issue.referrals.values()
        if each.to_agency == visitor.actor.agency_id and not each.opened
    ]
    position = 0
    for referral in unread:
        command = OpenReferral(issue_id=issue_id, referral_id=referral.referral_id)
        try:
            receipt = frame.samsyn.execution.execute(command, visitor.actor)
        except Conflict:
            continue  # a colleague has just opened the same page: that reading is the first one
        position = receipt.position
    if not position:
        return issue
    frame.read_models.wait(SHOWN_IN, position)
    latest: Issue = frame.samsyn.casework.repository.get(issue_id)
    return latest
