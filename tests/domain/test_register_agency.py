"""RegisterAgency: an id is used once; partners are no authorities (OSL 2:3)."""

from datetime import date

from domain.codes import AgencyKind
from domain.directory import DIRECTORY_ID, AgencyRegistered, DirectoryStarted
from domain.refusals import Conflict, NotAllowed
from tests.clock import START
from tests.domain.directory_scene import (
    ADMIN,
    FIRST_DAY,
    directory_in,
    given_a_directory,
    register_agency,
)
from tests.domain.given import given_nothing


def test_accepted_first_one_begins_the_directory() -> None:
    scene = given_nothing().when(register_agency(), ADMIN)
    scene.then(DirectoryStarted, AgencyRegistered, agency_id="harbour", intake_only=False)
    assert {event.originator_id for event in scene.events} == {DIRECTORY_ID}
    content = directory_in(scene).content
    assert content.is_authority("harbour")
    assert content.in_force("harbour", START)
    assert content.name_sv("harbour") == "Hamnen"


def test_accepted_partner_is_no_authority() -> None:
    scene = given_a_directory()
    command = register_agency("owners", kind=AgencyKind.PARTNER, intake_only=True)
    scene.when(command, "system").then(AgencyRegistered, intake_only=True)
    assert not directory_in(scene).content.is_authority("owners")


def test_accepted_in_force_from_its_first_to_its_last_day() -> None:
    scene = given_nothing()
    scene.given(register_agency(valid_from=START.date(), valid_to=START.date()), ADMIN)
    agencies = directory_in(scene).content
    days = [START.replace(day=day) for day in (11, 12, 13)]
    assert [agencies.in_force("harbour", day) for day in days] == [False, True, False]


def test_refused_id_that_is_taken() -> None:
    scene = given_a_directory().when(register_agency(name_sv="En annan hamn"), ADMIN)
    scene.then_refused(Conflict, "agency_exists", happened="AgencyRegistered")


def test_refused_last_day_before_the_first() -> None:
    scene = given_a_directory()
    scene.when(register_agency("quay", valid_from=FIRST_DAY, valid_to=date(2020, 1, 1)), ADMIN)
    scene.then_bad(("valid_to", "before_valid_from"))


def test_refused_by_a_caseworker() -> None:
    scene = given_nothing().when(register_agency())
    scene.then_refused(NotAllowed, "role_not_allowed", who_may=("admin", "system"))
