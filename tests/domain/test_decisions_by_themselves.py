"""Decisions refuse by themselves what the table of roles keeps away from them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain import escalation, events, opening, referral
from domain.agencies import Agencies
from domain.context import Context
from domain.issue import Issue, ReferralCommand
from domain.refusals import NotAllowed
from domain.values import SYSTEM
from tests.clock import START
from tests.domain.given import Scene, directory_of, given_an_issue, of, open_issue


@pytest.mark.parametrize(
    ("decide", "command"),
    [
        (referral.mark_delivered, referral.MarkReferralDelivered),
        (escalation.remind, escalation.RemindReferral),
    ],
)
def test_refused_to_people_what_the_system_does(
    decide: Callable[[Issue, Any, Context], None], command: type[ReferralCommand]
) -> None:
    scene = given_an_issue().with_a_transfer_to("police")
    given = command(issue_id=scene.issue_id, referral_id=scene.referral_id)
    context: Context = scene.context(given, of("police"))
    with pytest.raises(NotAllowed) as refused:
        decide(scene.issue, given, context)
    assert (refused.value.code, refused.value.who_may) == ("system_only", ("system",))


def test_accepted_from_the_system_for_any_authority() -> None:
    scene = Scene()
    command = open_issue(responsible_agency="social", registering_agency="social")
    issue = opening.open_issue(command, scene.context(command, SYSTEM), "TIC-2026-00001")
    assert isinstance(issue, Issue)
    assert issue.responsible_agency == "social"


def test_the_system_needs_no_agency() -> None:
    Agencies().require_authority(SYSTEM, START)


def test_nobody_acts_for_agencies_that_succeed_each_other() -> None:
    agencies = directory_of()
    for ended, heir in (("social", "police"), ("police", "social")):
        agencies.agencies[ended] = replace(
            agencies.agencies[ended], valid_to=START.date() - timedelta(days=1), successor_id=heir
        )
    assert agencies.heir("social", START) is None
    assert not agencies.acts_for("police", "social", START)


def test_every_module_of_the_catalogue_has_events() -> None:
    modules = {event.__module__ for event in events.EVENTS.values()}
    assert modules == {module.__name__ for module in events.MODULES}
