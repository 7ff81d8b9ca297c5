"""GrantUser: a user belongs to exactly one agency, in one role (DOMAIN 1.2)."""

from domain.directory import GrantUser, UserGranted
from domain.values import Role
from tests.domain.directory_scene import ADMIN, directory_in, given_a_directory, register_agency


def grant(agency_id: str = "harbour", role: Role = Role.CASEWORKER) -> GrantUser:
    return GrantUser(user_id="u-har-01", agency_id=agency_id, role=role)


def test_accepted_later_grant_replaces_the_earlier() -> None:
    scene = given_a_directory().given(register_agency("port"), ADMIN).given(grant(), ADMIN)
    scene.when(grant("port", Role.MANAGER), ADMIN)
    scene.then(UserGranted, user_id="u-har-01", agency_id="port", role=Role.MANAGER)
    [granted] = directory_in(scene).content.grants.values()
    assert (granted.agency_id, granted.role) == ("port", Role.MANAGER)


def test_refused_unknown_agency() -> None:
    scene = given_a_directory().when(grant("nobody"), ADMIN)
    scene.then_bad(("agency_id", "unknown_agency"))


def test_refused_role_of_the_system() -> None:
    scene = given_a_directory().when(grant(role=Role.SYSTEM), ADMIN)
    scene.then_bad(("role", "not_for_users"))
