"""OpenIssue: one agency is responsible from the first moment (R1), number and reports with it."""

from typing import Any

import pytest

from domain.codes import ContextFlag, IssueStatus, Priority
from domain.opening import IssueOpened
from domain.refusals import Conflict, NotAllowed
from domain.report import DismissReport, ReportLinked
from domain.values import ExternalRef, Place, PlacePrecision, Role
from tests.clock import START
from tests.domain.given import BRUNNSPARKEN, given_a_report, given_nothing, of, open_issue


def test_accepted_for_the_own_agency() -> None:
    scene = given_nothing()
    scene.when(open_issue(category="drug_dealing", context_flags=(ContextFlag.NEAR_SCHOOL,)))
    scene.then(
        IssueOpened,
        number="TIC-2026-00042",
        title="Otrygghet vid Brunnsparken",
        public_title="Otrygghet vid Brunnsparken",
        priority=Priority.HIGH,
        responsible_agency="district",
        registering_agency="district",
        source_reports=(),
        context_flags=(ContextFlag.NEAR_SCHOOL,),
        originator_version=1,
        occurred_at=START,
        timestamp=START,
        layer="A",
    )
    assert scene.issue.status is IssueStatus.NEW
    assert scene.issue.involved == {"district"}
    assert scene.issue.number == "TIC-2026-00042"
    assert scene.created == scene.issue_id
    assert scene.events[0].correlation_id == scene.issue_id


def test_accepted_area_follows_from_the_named_place() -> None:
    assert given_nothing().when(open_issue()).then(IssueOpened).area_id == "centrum"


def test_accepted_area_as_told() -> None:
    given_nothing().when(open_issue(area_id="vasastaden")).then(IssueOpened, area_id="vasastaden")


def test_accepted_place_that_is_not_in_the_directory() -> None:
    place = Place(name="Bakom kiosken", precision=PlacePrecision.AREA)
    given_nothing().when(open_issue(place=place)).then(IssueOpened, place=place, area_id=None)


def test_accepted_with_a_priority_of_its_own() -> None:
    command = open_issue(priority=Priority.URGENT, priority_reason_sv="Barn i närheten.")
    given_nothing().when(command).then(IssueOpened, priority=Priority.URGENT)


def test_accepted_titles_without_blanks_around() -> None:
    command = open_issue(title="  Intern ", public_title=" Offentlig  ")
    given_nothing().when(command).then(IssueOpened, title="Intern", public_title="Offentlig")


def test_accepted_from_reports_links_them_in_the_same_append() -> None:
    scene = given_a_report()
    first = scene.report_id
    scene.with_a_report()
    scene.when(open_issue(report_ids=(first, scene.report_id, first)))
    scene.then(ReportLinked, ReportLinked, IssueOpened, source_reports=(first, scene.report_id))
    assert scene.reports[first].issue_id == scene.issue_id
    assert scene.issue.report_ids == [first, scene.report_id]
    assert len({event.causation_id for event in scene.events}) == 1


def test_accepted_at_night_by_a_field_officer() -> None:
    scene = given_nothing().when(open_issue(), of("police", Role.FIELD_OFFICER))
    scene.then(IssueOpened, responsible_agency="police")


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.SYSTEM])
def test_refused_or_accepted_for_another_agency_by_role(role: Role) -> None:
    scene = given_nothing().when(open_issue(responsible_agency="social"), of("district", role))
    if role is Role.SYSTEM:
        scene.then_refused(NotAllowed, "role_not_allowed")
    else:
        scene.then(IssueOpened, responsible_agency="social", registering_agency="district")
        assert scene.issue.involved == {"district", "social"}


def test_accepted_from_another_system() -> None:
    ref = ExternalRef(system="log", id="7")
    given_nothing().when(open_issue(external_ref=ref)).then(IssueOpened, external_ref=ref)


def test_refused_for_another_agency_by_a_caseworker() -> None:
    scene = given_nothing().when(open_issue(responsible_agency="social"))
    scene.then_refused(NotAllowed, "only_for_own_agency", who_may=("coordinator",))


def test_refused_for_intake_only() -> None:
    scene = given_nothing().when(open_issue(), "u-con-01")
    scene.then_refused(NotAllowed, "intake_only")


@pytest.mark.parametrize("agency", ["partner_nordstan", "district_2018", "nobody"])
def test_refused_for_no_authority_in_force(agency: str) -> None:
    scene = given_nothing().when(open_issue(), agency)
    scene.then_refused(NotAllowed, "not_an_authority", who_may=("authority",))


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"category": "unheard_of"}, "category", "unknown_category"),
        ({"public_title": ""}, "public_title", "too_short"),
        ({"public_title": "x" * 121}, "public_title", "too_long"),
        ({"title": "Ring 070-123 45 67"}, "title", "looks_like_phone"),
        ({"place": Place(name=" ")}, "place", "no_name"),
        ({"place": Place(name="x" * 201)}, "place", "too_long"),
        ({"place": Place(name="Hos anna@example.se")}, "place", "looks_like_email"),
        ({"place": Place(name="Här", lat=57.7)}, "place", "half_a_position"),
        ({"place": Place(name="Här", lat=91.0, lon=12.0)}, "place", "not_on_earth"),
        ({"place": Place(name="Här", lat=57.0, lon=181.0)}, "place", "not_on_earth"),
        ({"place": Place(name="Här", place_id="atlantis")}, "place", "unknown_place"),
        ({"registering_agency": "nobody"}, "registering_agency", "unknown_agency"),
    ],
)
def test_refused_bad_field(changes: dict[str, Any], field: str, code: str) -> None:
    given_nothing().when(open_issue(**changes)).then_bad((field, code))


def test_refused_for_a_partner_by_a_coordinator() -> None:
    scene = given_nothing()
    scene.when(open_issue(responsible_agency="partner_nordstan"), of("district", Role.COORDINATOR))
    scene.then_bad(("responsible_agency", "not_an_authority"))


def test_refused_for_an_unknown_agency_by_a_coordinator() -> None:
    scene = given_nothing()
    scene.when(open_issue(responsible_agency="nobody"), of("district", Role.COORDINATOR))
    scene.then_bad(("responsible_agency", "unknown_agency"))


def test_refused_with_a_settled_report_links_none_of_them() -> None:
    scene = given_a_report()
    first = scene.report_id
    scene.with_a_report()
    scene.given(scene.on_report(DismissReport, reason="test"))
    scene.when(open_issue(report_ids=(first, scene.report_id)))
    scene.then_refused(Conflict, "report_dismissed", happened="ReportDismissed")
    assert scene.reports[first].issue_id is None
    assert scene.issues == {}


def test_accepted_any_place_id_where_the_directory_has_no_places() -> None:
    scene = given_nothing()
    scene.agencies.places.clear()
    scene.when(open_issue(place=BRUNNSPARKEN)).then(IssueOpened, area_id=None)
