"""The envelope of every event: who, when, why, for whom, and whose record it is (L13)."""

import pytest
from eventsourcing.domain import Aggregate

from domain.answer import AcceptReferral
from domain.issue import Issue
from domain.values import Actor, Role
from tests.domain.given import given_an_issue, of


def test_events_of_one_command_share_its_cause_and_their_issue() -> None:
    scene = given_an_issue().with_a_transfer_to("police").later(hours=2)
    actor = Actor(user_id="u-pol-01", agency_id="police", role=Role.CASEWORKER)
    scene.when(scene.on_referral(AcceptReferral), actor)
    first, second = scene.events
    assert first.causation_id == second.causation_id
    assert first.event_id != second.event_id
    for event in scene.events:
        assert event.actor == actor
        assert event.correlation_id == scene.issue_id
        assert event.registering_agency == "district"  # it made the issue available
        assert event.occurred_at == event.timestamp == scene.now
        assert (event.layer, event.secrecy, event.on_behalf_of) == ("A", None, None)


def test_replay_remembers_who_recorded_what() -> None:
    scene = given_an_issue().with_a_transfer_to("police").accepted()
    replayed: Aggregate | None = None
    for event in scene.told:
        replayed = event.mutate(replayed)
    assert isinstance(replayed, Issue)
    assert replayed == scene.issue
    assert sorted(set(replayed.event_agencies.values())) == ["district", "police"]


@pytest.mark.parametrize("who", ["u-dis-01", of("district")])
def test_actors_are_told_by_id_or_as_they_are(who: str | Actor) -> None:
    assert given_an_issue(by=who).events[0].actor.agency_id == "district"
