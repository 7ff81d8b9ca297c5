"""Which commands a page offers to somebody on an issue: those that role, agency and state allow.

Offering is a courtesy; whether a command is carried out is decided when it is given.
"""

from datetime import datetime

from domain.agencies import Agencies
from domain.codes import ReferralStatus, ReferralType
from domain.command import Who
from domain.issue import Issue, ReferralCommand
from domain.referral_state import Referral
from domain.values import Actor
from service.commands import COMMANDS, Row, Target

ON_ISSUE = (
    "PerformAction",
    "SendReferral",
    "PlanAction",
    "RecordFollowUp",
    "AddNote",
    "CloseIssue",
    "LinkReport",
    "ScheduleFollowUp",
    "AssignCaseworker",
    "UnassignCaseworker",
    "ProposeResponsibility",
    "ChangePriority",
    "ChangeCategory",
    "CorrectPlace",
    "ChangeTitle",
    "RegisterRecord",
    "MarkSecrecy",
    "RemoveSecrecyMark",
    "ParkIssue",
    "ResumeIssue",
    "ReopenIssue",
    "MergeIssues",
    "VoidIssue",
)
ON_REFERRAL = (
    "AcceptReferral",
    "DeclineReferral",
    "RequestReferralInfo",
    "ProvideReferralInfo",
    "AnswerReferral",
    "ReturnReferral",
    "OpenReferral",
    "WithdrawReferral",
)
IN_STORY = ("RecordCorrection", "NoteDispute")


def issue_offers(issue: Issue, actor: Actor, agencies: Agencies, now: datetime) -> list[str]:
    """The commands on the issue itself, in the order of use."""
    authority = agencies.is_authority(actor.agency_id) and agencies.in_force(actor.agency_id, now)
    offers: list[str] = []
    for name in ON_ISSUE:
        row = COMMANDS[name]
        if (
            actor.role in row.roles
            and authority
            and issue.status in row.command.states
            and _agency_fits(row, issue, actor)
        ):
            offers.append(name)
    for name, useless in (
        ("UnassignCaseworker", actor.agency_id not in issue.caseworkers),
        ("RemoveSecrecyMark", actor.agency_id not in issue.secrecy_marks),
        ("RegisterRecord", actor.agency_id in issue.registered),
    ):
        if useless and name in offers:
            offers.remove(name)
    return offers


def offers_in_story(issue: Issue, actor: Actor, agencies: Agencies) -> frozenset[str]:
    """The commands on single events: correcting what the own agency recorded, disputing any."""
    return frozenset(
        name
        for name in IN_STORY
        if actor.role in COMMANDS[name].roles
        and agencies.is_authority(actor.agency_id)
        and _agency_fits(COMMANDS[name], issue, actor)
    )


def referral_offers(issue: Issue, referral: Referral, actor: Actor) -> list[str]:
    """The commands on one referral, the usual one first."""
    return [
        name
        for name in ON_REFERRAL
        if actor.role in COMMANDS[name].roles
        and issue.status in COMMANDS[name].command.states
        and referral.status in COMMANDS[name].command.referral_states
        and _is_for(name, referral, actor)
    ]


def _agency_fits(row: Row, issue: Issue, actor: Actor) -> bool:
    if row.target is not Target.ISSUE or issubclass(row.command, ReferralCommand):
        return False
    if row.command.who == Who.RESPONSIBLE:
        return actor.agency_id == issue.responsible_agency
    if row.command.who == Who.INVOLVED:
        return actor.agency_id in issue.involved
    return True


def _is_for(name: str, referral: Referral, actor: Actor) -> bool:
    who = COMMANDS[name].command.who
    wanted = referral.from_agency if who == Who.SENDER else referral.to_agency
    if actor.agency_id != wanted:
        return False
    match name:
        case "OpenReferral":
            return referral.type is ReferralType.INFORM and not referral.opened
        case "AcceptReferral":
            return referral.type in (ReferralType.TRANSFER, ReferralType.ASSIST)
        case "AnswerReferral":
            ready = (
                ReferralStatus.SENT
                if referral.type is ReferralType.CONSULT
                else ReferralStatus.ACCEPTED
            )
            return referral.type is not ReferralType.TRANSFER and referral.status is ready
        case _:
            return referral.type is not ReferralType.INFORM
