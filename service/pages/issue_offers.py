"""The buttons on an issue's page: what its reader can do on it and on each of its referrals."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from domain.issue import Issue
from domain.referral_state import Referral
from domain.values import Actor
from service.forms.command_words import command_words
from service.language import Language
from service.offers import issue_offers, offers_in_story, referral_offers
from service.pages.frame import Frame
from service.pages.list_address import in_list
from service.pages.telling import ToldReferral
from service.visitors import Visitor

USUAL = frozenset(
    {"AddNote", "CloseIssue", "PerformAction", "PlanAction", "RecordFollowUp", "SendReferral"}
)
"""What is done every day; everything else an issue offers is one step further away."""
KEYS = {
    "AcceptReferral": "t",
    "AnswerReferral": "t",
    "DeclineReferral": "v",
    "RequestReferralInfo": "b",
    "SendReferral": "r",
    "PerformAction": "l",
    "PlanAction": "p",
    "RecordFollowUp": "f",
    "AddNote": "c",
    "CloseIssue": "e",
}
"""The single keys of what is done every day, as the list under ? says them."""
FIRST = frozenset({"AcceptReferral", "AnswerReferral", "PerformAction", "ProvideReferralInfo"})


@dataclass(frozen=True, kw_only=True)
class Link:
    """Something the visitor can do: `first` is the usual thing."""

    path: str
    words: str
    first: bool = False
    key: str = ""


@dataclass(frozen=True, kw_only=True)
class Offers:
    """What the visitor can do on an issue and on each of its referrals."""

    usual: Sequence[Link]
    further: Sequence[Link]
    on_referral: dict[UUID, list[Link]]
    in_story: frozenset[str]


def offers_of(
    frame: Frame, visitor: Visitor, language: Language, issue: Issue, came_from: str | None
) -> Offers:
    """Everything the page offers a visitor who came from a list; its forms lead back into it."""
    here = f"/issues/{issue.id}"
    names = issue_offers(issue, visitor.actor, visitor.agencies, frame.samsyn.clock())

    def link(name: str) -> Link:
        return Link(
            path=in_list(f"{here}/do/{name}", came_from),
            words=language.of(command_words(name)),
            first=name in FIRST,
            key=KEYS.get(name, ""),
        )

    return Offers(
        usual=[link(name) for name in names if name in USUAL],
        further=[link(name) for name in names if name not in USUAL],
        on_referral={
            referral.referral_id: on_referral(
                issue, referral, visitor.actor, language, here, came_from
            )
            for referral in issue.referrals.values()
        },
        in_story=offers_in_story(issue, visitor.actor, visitor.agencies),
    )


def on_referral(
    issue: Issue,
    referral: Referral,
    actor: Actor,
    language: Language,
    here: str,
    came_from: str | None = None,
) -> list[Link]:
    """What somebody can do on one referral, the usual thing first.

    `here` is the issue's path, empty to lead nowhere.
    """
    base = f"{here}/referrals/{referral.referral_id}/do"
    links = [
        Link(
            path=in_list(f"{base}/{name}", came_from) if here else "",
            words=language.of(command_words(name, referral.type)),
            first=name in FIRST,
            key=KEYS.get(name, ""),
        )
        for name in referral_offers(issue, referral, actor)
    ]
    return sorted(links, key=lambda link: not link.first)


def with_offers(
    told: Iterable[ToldReferral], links: Mapping[UUID, list[Link]]
) -> list[tuple[ToldReferral, list[Link]]]:
    """Each referral with what can be done on it."""
    return [(each, links.get(each.referral_id, [])) for each in told]
