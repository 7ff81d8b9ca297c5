"""The objects of an OCEL file, and how their attributes changed, from the events of one stream."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from domain.action import ActionPerformed, ActionPlanned
from domain.agencies import Agency
from domain.answer import ReferralInfoProvided
from domain.classification import CategoryChanged, PlaceCorrected, PriorityChanged
from domain.codes import AgencyKind
from domain.events import EVENTS
from domain.follow_up import FollowUpRecorded
from domain.lifecycle import IssueClosed, IssuesMerged
from domain.opening import IssueOpened
from domain.referral import ReferralSent
from domain.report import ReportDismissed, ReportReceived, ReportRevised
from domain.responsibility import ResponsibilityTransferred
from projections.audit_trail_queries import TrailLine
from service.exports.ocel_fields import Codes, moment, values_of
from service.exports.ocel_relations import (
    ACTION,
    AGENCY,
    FOLLOW_UP,
    ISSUE,
    REFERRAL,
    REPORT,
    USER,
    Known,
    Relation,
    object_id,
    relation,
    relations_of,
)

_ALWAYS: Final = "1970-01-01T00:00:00.000000Z"
"""The time of a value that never changed, as the examples of the standard write it."""

_REPORTED: Final = {
    "kind": "kind",
    "channel": "channel",
    "category": "category",
    "certainty": "certainty",
    "place_id": "place_id",
}
_TOLD: Final[Mapping[str, Mapping[str, Mapping[str, str]]]] = {
    ISSUE: {
        IssueOpened.TOPIC: {
            "number": "number",
            "category": "category",
            "priority": "priority",
            "place_id": "place_id",
            "area_id": "area_id",
        },
        CategoryChanged.TOPIC: {"to_category": "category"},
        PriorityChanged.TOPIC: {"to_priority": "priority"},
        PlaceCorrected.TOPIC: {"to_place_id": "place_id"},
        IssueClosed.TOPIC: {"outcome": "outcome"},
    },
    REFERRAL: {
        ReferralSent.TOPIC: {"type": "type", "respond_by": "respond_by"},
        ReferralInfoProvided.TOPIC: {"respond_by": "respond_by"},
    },
    ACTION: {
        ActionPlanned.TOPIC: {
            "action_type": "action_type",
            "due_on": "due_on",
            "horizon": "horizon",
        },
        ActionPerformed.TOPIC: {
            "action_type": "action_type",
            "implementation": "implementation",
        },
    },
    FOLLOW_UP: {FollowUpRecorded.TOPIC: {"effect": "effect", "next_step": "next_step"}},
    REPORT: {
        ReportReceived.TOPIC: _REPORTED,
        ReportRevised.TOPIC: _REPORTED,
        ReportDismissed.TOPIC: {"reason": "dismissed"},
    },
}
"""By type and event: which attributes of the event say something of the object, by what name."""

_RESPONSIBLE: Final = {
    IssueOpened.TOPIC: "responsible_agency",
    ResponsibilityTransferred.TOPIC: "to_agency",
}
_DONE: Final = {"concerns": "by", "takes_part": "takes_part"}
_LINKED: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    ReferralSent.TOPIC: (REFERRAL, {"from": "from", "to": "to"}),
    ActionPlanned.TOPIC: (ACTION, _DONE),
    ActionPerformed.TOPIC: (ACTION, _DONE),
    FollowUpRecorded.TOPIC: (FOLLOW_UP, {"by": "by", "present": "present"}),
    ReportReceived.TOPIC: (REPORT, {"receives": "received_by"}),
}
"""By event: the object that it begins, and the agencies that belong to it from then on."""


class Made:
    """One object while the events of its stream are gone through."""

    def __init__(self, kind: str, of: object) -> None:
        self.kind = kind
        self.id = object_id(kind, of)
        self._attributes: list[Mapping[str, str]] = []
        self._last: dict[str, str] = {}
        self._relations: dict[tuple[str, str], Relation] = {}

    def has(self, name: str, value: str, since: str) -> None:
        """A value of an attribute from a time on; said once while it stays the same."""
        if self._last.get(name) != value:
            self._last[name] = value
            self._attributes.append({"name": name, "value": value, "time": since})

    def belongs(self, to: Relation) -> None:
        """A relation to another object."""
        self._relations[to["objectId"], to["qualifier"]] = to

    def as_json(self) -> dict[str, Any]:
        """The object as OCEL writes it."""
        return {
            "id": self.id,
            "type": self.kind,
            "attributes": self._attributes,
            "relationships": list(self._relations.values()),
        }


def object_types() -> list[dict[str, Any]]:
    """The types with the attributes that each may have."""
    named = {
        kind: sorted({name for each in by.values() for name in each.values()})
        for kind, by in _TOLD.items()
    }
    named[ISSUE].append("responsible_agency")
    named |= {AGENCY: ["kind", "name_sv", "secrecy_domain"], USER: []}
    return [
        {
            "name": kind,
            "attributes": [
                {"name": name, "type": "time" if name == "respond_by" else "string"}
                for name in names
            ],
        }
        for kind, names in named.items()
    ]


def objects_of(
    kind: str, stream_id: UUID, lines: Sequence[TrailLine], known: Known, codes: Codes
) -> Iterator[Made]:
    """An issue with its referrals, actions and follow-ups, or a report."""
    made: dict[str, Made] = {}

    def find(kind: str, of: object) -> Made:
        return made.setdefault(object_id(kind, of), Made(kind, of))

    stream = find(kind, stream_id)
    for line in lines:
        since = moment(line.occurred_at)
        values = dict(values_of(EVENTS[line.topic], line.data, codes))
        for its_kind, of in _concerned(kind, stream_id, line):
            for name, as_named in _TOLD[its_kind].get(line.topic, {}).items():
                if name in values:
                    find(its_kind, of).has(as_named, values[name], since)
        if line.topic in _RESPONSIBLE:
            stream.has("responsible_agency", line.data[_RESPONSIBLE[line.topic]], since)
        if line.topic in _LINKED:
            its_kind, qualifiers = _LINKED[line.topic]
            one = find(its_kind, dict(_concerned(kind, stream_id, line))[its_kind])
            for each in _agencies(line, known, qualifiers):
                one.belongs(each)
            if one is not stream:
                one.belongs(relation(kind, stream_id, "part_of"))
        _belong_elsewhere(stream, line, known)
    yield from made.values()


def agency_objects(agencies: Iterable[Agency]) -> Iterator[Made]:
    """The agencies of the directory; what a partner is called may be a person's name."""
    for agency in agencies:
        made = Made(AGENCY, agency.agency_id)
        if agency.kind is not AgencyKind.PARTNER:
            made.has("name_sv", agency.name_sv, _ALWAYS)
        made.has("kind", agency.kind.value, _ALWAYS)
        made.has("secrecy_domain", agency.secrecy_domain.value, _ALWAYS)
        yield made


def _concerned(kind: str, stream_id: UUID, line: TrailLine) -> Iterator[tuple[str, object]]:
    yield kind, stream_id
    if "referral_id" in line.data:
        yield REFERRAL, line.data["referral_id"]
    if "action_id" in line.data:
        yield ACTION, line.data["action_id"]
    if line.topic == FollowUpRecorded.TOPIC:
        yield FOLLOW_UP, line.event_id


def _agencies(line: TrailLine, known: Known, qualifiers: Mapping[str, str]) -> Iterator[Relation]:
    for each in relations_of(line, known):
        if each["objectId"].startswith(f"{AGENCY}:") and each["qualifier"] in qualifiers:
            yield {**each, "qualifier": qualifiers[each["qualifier"]]}


def _belong_elsewhere(stream: Made, line: TrailLine, known: Known) -> None:
    if stream.kind == REPORT and line.issue_id is not None:
        stream.belongs(relation(ISSUE, line.issue_id, "part_of"))
    if line.topic == IssuesMerged.TOPIC and UUID(line.data["into_id"]) in known.visible:
        into = relation(ISSUE, line.data["into_id"], "merged_into")
        if into["objectId"] != stream.id:
            stream.belongs(into)
