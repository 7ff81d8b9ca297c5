"""RevokeUser: what was granted is taken away."""

from domain.directory import GrantUser, RevokeUser, UserRevoked
from domain.values import Role
from tests.domain.directory_scene import ADMIN, directory_in, given_a_directory


def test_accepted_takes_agency_and_role_away() -> None:
    scene = given_a_directory()
    grant = GrantUser(user_id="u-har-01", agency_id="harbour", role=Role.CASEWORKER)
    scene.given(grant, ADMIN).when(RevokeUser(user_id="u-har-01"), ADMIN)
    scene.then(UserRevoked, user_id="u-har-01")
    assert directory_in(scene).content.grants == {}


def test_refused_unknown_user() -> None:
    scene = given_a_directory().when(RevokeUser(user_id="u-nobody"), ADMIN)
    scene.then_bad(("user_id", "unknown_user"))
