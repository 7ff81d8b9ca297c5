"""Issues near a spot: open ones the viewer may see, the nearest first, as far as anybody walks."""

from collections.abc import Iterator
from uuid import UUID

import pytest

from domain.classification import CorrectPlace
from domain.codes import ReferralType
from domain.lifecycle import ParkIssue, VoidIssue
from domain.values import Place, PlacePrecision
from projections.issue_story import ISSUE_STORY
from projections.issues_near import issues_near
from projections.nearness import Spot, metres_between
from projections.visibility import VISIBILITY
from tests.examples import Started, a_started_samsyn, an_open_issue, open_issue, send_referral
from tests.projections.story_examples import PARTNER, seen_by

HERE = Spot(57.7000, 11.9700)
A_METRE_NORTH = 1 / 111_320


@pytest.fixture
def started(database_url: str) -> Iterator[Started]:
    with a_started_samsyn(database_url, projections=[VISIBILITY, ISSUE_STORY]) as started:
        yield started


def lying(started: Started, metres: float, **changes: object) -> UUID:
    """An issue so far to the north."""
    place = Place(name="Ute", lat=HERE.lat + metres * A_METRE_NORTH, lon=HERE.lon)
    return started.create(open_issue(**({"place": place} | changes)))


def near(started: Started, who: object = "u-pol-02") -> dict[UUID, int]:
    started.catch_up()
    with started.samsyn.engine.connect() as db:
        found = issues_near(db, seen_by(started, who), HERE)  # type: ignore[arg-type]  # a user or an actor
    return {each.issue.issue_id: round(each.metres) for each in found}


def test_the_nearest_comes_first_with_its_metres_and_none_from_further_off(
    started: Started,
) -> None:
    far, beside, close = lying(started, 900), lying(started, 40), lying(started, 300)
    lying(started, 1_020)
    corner = Place(name="Hörnet", lat=HERE.lat + 0.008, lon=HERE.lon + 0.016)
    an_open_issue(started, place=corner)
    found = near(started)
    assert list(found) == [beside, close, far]
    assert list(found.values()) == [40, 300, 900]
    assert metres_between(HERE, Spot(corner.lat or 0, corner.lon or 0)) > 1_000


def test_a_degree_to_the_east_is_shorter_than_one_to_the_north(started: Started) -> None:
    east = lying(started, 0, place=Place(name="Öst", lat=HERE.lat, lon=HERE.lon + 0.004))
    north = lying(started, 0, place=Place(name="Nord", lat=HERE.lat + 0.003, lon=HERE.lon))
    assert list(near(started)) == [east, north]


def test_what_has_ended_or_lies_nowhere_in_particular_is_not_offered(started: Started) -> None:
    ended, parked = lying(started, 10), lying(started, 20)
    an_open_issue(started, place=Place(name="Någonstans"))
    lying(
        started,
        30,
        place=Place(name="Centrum", lat=57.7, lon=11.97, precision=PlacePrecision.AREA),
    )
    started.execute(VoidIssue(issue_id=ended, reason_sv="Upplagt två gånger."))
    until = started.clock().replace(year=started.clock().year + 1)
    started.execute(ParkIssue(issue_id=parked, until=until, reason_sv="Väntar på ombyggnad."))
    assert near(started) == {parked: 20}


def test_an_issue_lies_where_its_place_was_corrected_to(started: Started) -> None:
    issue_id = lying(started, 500)
    assert near(started) == {issue_id: 500}
    there = Place(name="Rätt plats", lat=HERE.lat + 70 * A_METRE_NORTH, lon=HERE.lon)
    started.execute(CorrectPlace(issue_id=issue_id, place=there, reason_sv="Fel sida gatan."))
    assert near(started) == {issue_id: 70}


def test_nobody_is_offered_what_is_hidden_from_them(started: Started) -> None:
    hidden = lying(started, 10, category="extremism")
    shown = lying(started, 20)
    sent = send_referral(shown, "partner_nordstan", type=ReferralType.ASSIST, question_sv=None)
    started.execute(sent)
    assert near(started) == {shown: 20}
    assert set(near(started, "u-dis-01")) == {hidden, shown}
    assert near(started, PARTNER) == {}, "partners log no actions, and are told no places"
