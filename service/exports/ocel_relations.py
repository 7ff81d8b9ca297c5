"""What an event has to do with: the objects of OCEL and how each takes part."""

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from domain.directory import AgencyRegistered, AgencySucceeded
from domain.follow_up import FollowUpRecorded
from domain.values import Role
from projections.audit_trail_queries import TrailLine
from service.exports.pseudonyms import Pseudonyms

ISSUE, REPORT, REFERRAL, ACTION = "issue", "report", "referral", "action"
FOLLOW_UP, AGENCY, USER = "follow_up", "agency", "user"

_AGENCIES: Final = {
    "from_agency": "from",
    "to_agency": "to",
    "responsible_agency": "responsible",
    "receiving_agency": "receives",
    "agency_id": "concerns",
    "suggested_agency": "suggested",
    "proposed_agency": "proposed",
    "together_with": "takes_part",
    "agencies_present": "present",
}
_OBJECTS: Final = {"referral_id": REFERRAL, "action_id": ACTION}
_REPORTS: Final = {"report_id": "source", "source_reports": "source", "report_ids": "source"}
_ISSUES: Final = {"issue_id": "issue", "merged_id": "merged", "into_id": "into"}
_SUCCESSION: Final = frozenset({AgencyRegistered.TOPIC, AgencySucceeded.TOPIC})

Relation = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Known:
    """Which objects are in the file, for as many as can be asked for; and the users' names."""

    agencies: Container[str]
    visible: Container[UUID]
    users: Pseudonyms


def object_id(kind: str, of: object) -> str:
    """The id of an object: OCEL wants them different across all types."""
    return f"{kind}:{of}"


def relation(kind: str, of: object, qualifier: str) -> Relation:
    """A relation to an object."""
    return {"objectId": object_id(kind, of), "qualifier": qualifier}


def others_named(line: TrailLine) -> tuple[set[UUID], set[UUID]]:
    """The issues and reports besides its own that an event names; a reader may not see them all."""
    issues = {UUID(each) for name in _ISSUES for each in _all(line.data.get(name))}
    reports = {UUID(each) for name in _REPORTS for each in _all(line.data.get(name))}
    return issues, reports


def relations_of(line: TrailLine, known: Known) -> list[Relation]:
    """Every object of the file that an event concerns, each with its part in it, none twice."""
    found = [*_things(line, known), *_agencies(line, known), *_people(line, known)]
    return list({(each["objectId"], each["qualifier"]): each for each in found}.values())


def _things(line: TrailLine, known: Known) -> Iterator[Relation]:
    if line.report_id is not None:
        yield relation(REPORT, line.report_id, "report")
    if line.issue_id is not None:
        yield relation(ISSUE, line.issue_id, "issue")
    for name, kind in _OBJECTS.items():
        for each in _all(line.data.get(name)):
            yield relation(kind, each, kind)
    if line.topic == FollowUpRecorded.TOPIC:
        yield relation(FOLLOW_UP, line.event_id, "follow_up")
    for kind, names in ((ISSUE, _ISSUES), (REPORT, _REPORTS)):
        for name, qualifier in names.items():
            for each in _all(line.data.get(name)):
                if UUID(each) in known.visible:
                    yield relation(kind, each, qualifier)


def _agencies(line: TrailLine, known: Known) -> Iterator[Relation]:
    named = [(line.agency_id, "by")]
    for name, qualifier in _AGENCIES.items():
        named += [(each, qualifier) for each in _all(line.data.get(name))]
    if line.topic in _SUCCESSION:
        named += [(each, "successor") for each in _all(line.data.get("successor_id"))]
    for agency_id, qualifier in named:
        if agency_id in known.agencies:
            yield relation(AGENCY, agency_id, qualifier)


def _people(line: TrailLine, known: Known) -> Iterator[Relation]:
    if line.role != Role.SYSTEM:
        yield relation(USER, known.users.of(line.user_id), "by")
    for each in _all(line.data.get("user_id")):
        yield relation(USER, known.users.of(each), "concerns")


def _all(value: Any) -> list[str]:  # noqa: ANN401  a JSON value: nothing, one or several ids
    if value is None:
        return []
    return [value] if isinstance(value, str) else list(value)
