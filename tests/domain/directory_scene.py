"""A directory with one agency in it, changed by an administrator through the commands."""

from datetime import date
from typing import Any

from domain.codes import AgencyKind, SecrecyDomain
from domain.directory import Directory, RegisterAgency
from domain.values import Role
from tests.domain.given import Scene, of

ADMIN = of("district", Role.ADMIN)
FIRST_DAY = date(2021, 1, 1)


def register_agency(agency_id: str = "harbour", **changes: Any) -> RegisterAgency:
    data: dict[str, Any] = {
        "agency_id": agency_id,
        "name_sv": "Hamnen",
        "name_en": "The harbour",
        "kind": AgencyKind.PUBLIC_COMPANY,
        "secrecy_domain": SecrecyDomain.CITY,
        "valid_from": FIRST_DAY,
    }
    return RegisterAgency(**(data | changes))


def given_a_directory() -> Scene:
    """A directory that knows the harbour."""
    return Scene().given(register_agency(), ADMIN)


def directory_in(scene: Scene) -> Directory:
    """The directory, which the first command began."""
    assert scene.directory is not None
    return scene.directory
