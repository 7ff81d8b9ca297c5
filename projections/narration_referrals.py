"""The lines of what happens between agencies: referrals, responsibility and escalation."""

from collections.abc import Mapping

from domain.codes import ReferralType
from projections.narration_line import Line, equals, has, line, of_type

LINES: Mapping[str, tuple[Line, ...]] = {
    "ReferralSent": (
        line(
            "{from_agency:name} skickade ärendet till {to_agency:name} för kännedom",
            "{from_agency:name} sent the issue to {to_agency:name} for information",
            equals("type", ReferralType.INFORM),
        ),
        line(
            "{from_agency:name} skickade {type:a_referral} till {to_agency:name}",
            "{from_agency:name} sent {type:a_referral} to {to_agency:name}",
        ),
    ),
    "ReferralDelivered": (
        line(
            "{referral_type:the_referral} nådde {to_agency:name}",
            "{referral_type:the_referral} reached {to_agency:name}",
            has("to_agency"),
        ),
        line(
            "{referral_type:the_referral} nådde mottagaren",
            "{referral_type:the_referral} reached the receiver",
        ),
    ),
    "ReferralOpened": (
        line(
            "{actor:name} läste {referral_type:the_referral} för första gången",
            "{actor:name} read {referral_type:the_referral} for the first time",
        ),
    ),
    "ReferralWithdrawn": (
        line(
            "{actor:name} återkallade {referral_type:the_referral}",
            "{actor:name} withdrew {referral_type:the_referral}",
        ),
    ),
    "ReferralAccepted": (
        line(
            "{actor:name} antog begäran om insats från {from_agency:name}",
            "{actor:name} accepted the request for assistance from {from_agency:name}",
            of_type(ReferralType.ASSIST),
        ),
        line(
            "{actor:name} tog över ärendet från {from_agency:name}",
            "{actor:name} took over the issue from {from_agency:name}",
            has("from_agency"),
        ),
        line("{actor:name} tog över ärendet", "{actor:name} took over the issue"),
    ),
    "ReferralDeclined": (
        line(
            "{actor:name} avböjde {referral_type:the_referral}: {reason_code:DeclineReason}",
            "{actor:name} declined {referral_type:the_referral}: {reason_code:DeclineReason}",
        ),
    ),
    "ReferralInfoRequested": (
        line(
            "{actor:name} bad {from_agency:name} om komplettering",
            "{actor:name} asked {from_agency:name} for more",
            has("from_agency"),
        ),
        line("{actor:name} bad om komplettering", "{actor:name} asked for more"),
    ),
    "ReferralInfoProvided": (
        line(
            "{actor:name} kompletterade {referral_type:the_referral}",
            "{actor:name} added what was asked for to {referral_type:the_referral}",
        ),
    ),
    "ReferralAnswered": (
        line(
            "{actor:name} svarade på remissen med ett yttrande",
            "{actor:name} answered the consultation with an opinion",
            of_type(ReferralType.CONSULT),
        ),
        line(
            "{actor:name} besvarade {referral_type:the_referral}",
            "{actor:name} answered {referral_type:the_referral}",
        ),
    ),
    "ReferralReturned": (
        line(
            "{actor:name} återlämnade ärendet till {from_agency:name}: {reason_code:DeclineReason}",
            "{actor:name} returned the issue to {from_agency:name}: {reason_code:DeclineReason}",
            of_type(ReferralType.TRANSFER),
        ),
        line(
            "{actor:name} återlämnade {referral_type:the_referral}: {reason_code:DeclineReason}",
            "{actor:name} returned {referral_type:the_referral}: {reason_code:DeclineReason}",
        ),
    ),
    "ResponsibilityTransferred": (
        line(
            "Ansvaret gick från {from_agency:name} till {to_agency:name}",
            "Responsibility went from {from_agency:name} to {to_agency:name}",
        ),
    ),
    "ResponsibilityProposed": (
        line(
            "{actor:name} föreslog {proposed_agency:name} som ansvarig",
            "{actor:name} proposed {proposed_agency:name} as responsible",
        ),
    ),
    "ReferralReminderSent": (
        line(
            "Påminnelse till {to_agency:name}: svarstiden gick ut {overdue_since:time}",
            "Reminder to {to_agency:name}: the time to answer ran out {overdue_since:time}",
            has("to_agency"),
        ),
        line(
            "Påminnelse: svarstiden gick ut {overdue_since:time}",
            "Reminder: the time to answer ran out {overdue_since:time}",
        ),
    ),
    "ReferralEscalated": (
        line(
            "Ärendet eskalerades till nivå {level:number} ({to_role:to_role})",
            "The issue was escalated to level {level:number} ({to_role:to_role})",
        ),
    ),
}
