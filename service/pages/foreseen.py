"""What the receiver of a referral will see of the issue: the receiver's own page, before sending.

The command is decided but not recorded, and so is the reading that opening the page is; what they
would append is folded by the folds of the read models, and read by their queries and the one rule
of visibility, as somebody at the receiver.
"""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from domain.codes import ReferralType
from domain.command import Command, text_fields
from domain.issue import Issue
from domain.labels import Label
from domain.referral import OpenReferral, ReferralOpened, SendReferral
from domain.refusals import FieldError
from domain.values import Actor, Role
from projections import issue_story_queries as stories
from projections.issue_story_rows import IssueHead
from service.access import an_issue
from service.language import Language
from service.pages.frame import Frame, Typed, first_of
from service.pages.issue_content import content_of, shown_content, waits_for_another
from service.pages.issue_offers import on_referral, with_offers
from service.past_issue import issue_after
from service.viewers import viewer_of
from service.visitors import Visitor

UNFINISHED: Final = Label("(inte färdigskrivet än)", "(not finished yet)")
SHORT: Final = frozenset({"required", "too_short"})


def foreseen(
    frame: Frame, visitor: Visitor, language: Language, command: Command
) -> dict[str, Any]:
    """What the template of the receiver's page wants, in the sender's language.

    Raises:
        Refused: the referral would be.
    """
    samsyn = frame.samsyn
    # Both for the type checker: a form's preview is asked of its own command.
    assert isinstance(command, SendReferral)  # noqa: S101

    def is_read(referral_id: UUID) -> tuple[Command, Actor]:
        first = OpenReferral(issue_id=command.issue_id, referral_id=referral_id)
        return first, _somebody_at(frame, command.to_agency, language).actor

    decided, to_come = samsyn.execution.foresee(command, visitor.actor, is_read)
    assert isinstance(decided, Issue)  # noqa: S101
    receiver = _somebody_at(frame, command.to_agency, language)
    with frame.reading(visitor, an_issue(decided.id)) as live:
        mine = {line.report_id for line in stories.story(live, visitor.viewer, decided.id)}
    with issue_after(samsyn, decided.id, to_come) as db:
        content = content_of(frame, receiver, language, db, decided.id)
    assert content is not None  # noqa: S101  whoever is sent an issue may read it
    # Nobody gets to read a report by looking at what somebody else will see; and who is going to
    # be the first to read the referral is not known.
    readings = {each.position for each in to_come if each.topic == ReferralOpened.TOPIC}
    story = [
        each
        for each in content.story
        if each.position not in readings and (not each.report_id or each.report_id in mine)
    ]
    links = {
        each.referral_id: on_referral(decided, each, receiver.actor, language, here="")
        for each in decided.referrals.values()
        if each.type is not ReferralType.INFORM  # read by being looked at, which settles it
    }
    return shown_content(content, samsyn.clock(), language) | {
        "reader": receiver.actor.agency_id,
        "pushed": not isinstance(content.head, IssueHead),
        "unread": len({each.report_id for each in content.story} - mine - {None}),
        "referrals": with_offers(content.told_referrals, links),
        "waiting": waits_for_another(content.referrals, receiver.actor.agency_id),
        "story": story,
        "path": "",
        "offers": None,
        "filters": (),
    }


def with_marks(typed: Typed, errors: Sequence[FieldError], language: Language) -> Typed | None:
    """What is typed, with a mark where a text has only been begun; None if more is wrong.

    So the preview can follow the writing: a text that is too short to be sent is shown as that.
    """
    limits = text_fields(SendReferral)
    if not all(each.code in SHORT and each.field in limits for each in errors):
        return None
    mark = language.of(UNFINISHED)
    marked: Typed = {}
    for each in errors:
        text = f"{first_of(typed, each.field)} {mark}".strip()
        marked[each.field] = [text.ljust(limits[each.field].least, ".")]
    return {**typed, **marked}


def _somebody_at(frame: Frame, agency_id: str, language: Language) -> Visitor:
    """A caseworker of an agency who is nobody in particular."""
    actor = Actor(user_id="", agency_id=agency_id, role=Role.CASEWORKER)
    agencies = frame.visitors.agencies_known()
    viewer = viewer_of(actor, agencies)
    return Visitor(
        actor=actor, display_name="", language=language, viewer=viewer, agencies=agencies
    )
