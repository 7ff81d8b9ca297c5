"""How each event changes the head of an issue: the facts on top of its page."""

from typing import Any

from domain.categories import CATEGORIES
from domain.classification import PlaceCorrected, RecordRegistered
from domain.follow_up import FollowUpRecorded
from domain.issue import Issue
from domain.lifecycle import IssueClosed, IssuesMerged
from domain.log_entry import LogEntry
from domain.opening import IssueOpened, IssueReopened
from domain.values import Place
from projections.issue_state import IssueNow, stored
from projections.rows import Row
from projections.search_text import searched


def new_head(entry: LogEntry, event: IssueOpened) -> Row:
    """The head of an issue that was opened, without what its state says."""
    source = event.external_ref
    return {
        "issue_id": entry.stream_id,
        "number": event.number,
        "opened_at": event.occurred_at,
        "description_sv": event.description_sv,
        "place": place_data(event.place),
        "area_id": event.area_id,
        "context_flags": [flag.value for flag in event.context_flags],
        "priority_area": event.priority_area,
        "external_ref": {"system": source.system, "id": source.id} if source else None,
        "registering_agency": event.registering_agency,
        "registry_refs": {},
    }


def change_head(head: Row, event: Issue.Event) -> None:
    """Change what the state of queues and clocks does not know of."""
    match event:
        case PlaceCorrected():
            head["place"] = place_data(event.to_place)
        case RecordRegistered():
            head["registry_refs"][event.agency_id] = event.registry_ref
        case FollowUpRecorded():
            head["effect"] = event.effect.value
        case IssueClosed():
            head["closed_at"] = event.occurred_at
            head["outcome"] = event.outcome.value
        case IssueReopened():
            head["closed_at"] = head["outcome"] = None
        case IssuesMerged() if head["issue_id"] == event.merged_id:
            head["merged_into"] = {"issue_id": str(event.into_id), "number": event.into_number}
        case _:
            pass  # the state tells the rest


def note_state(head: Row, state: IssueNow) -> None:
    """Keep the state after a batch, and copy from it what issues are found by."""
    head["state"] = stored(state)
    head["status"] = state.status.value
    head["category"] = state.category
    head["responsible_agency"] = state.responsible_agency
    category = CATEGORIES.get(state.category)
    head["search"] = searched(
        (
            state.number,
            state.title,
            state.public_title,
            state.place_name,
            category.label.sv if category else None,
            category.label.en if category else None,
            *head["registry_refs"].values(),
        )
    )
    head["public_search"] = searched((state.number, state.public_title, state.place_name))


def place_data(place: Place) -> dict[str, Any]:
    """A place as plain JSON values."""
    return {
        "name": place.name,
        "place_id": place.place_id,
        "lat": place.lat,
        "lon": place.lon,
        "precision": place.precision.value,
    }
