"""How each event changes the head of an issue: the facts on top of its page."""

from collections.abc import Callable, Mapping
from typing import Any

from domain.categories import CATEGORIES
from domain.classification import CategoryChanged, PlaceCorrected, RecordRegistered, TitleChanged
from domain.command import LIVE
from domain.follow_up import FollowUpRecorded
from domain.lifecycle import IssueClosed, IssuesMerged
from domain.log_entry import LogEntry
from domain.opening import IssueOpened, IssueReopened
from domain.values import Place
from projections.issue_fold import state_after
from projections.issue_state import IssueNow
from projections.nearness import steps_of
from projections.rows import Row
from projections.search_text import searched
from projections.store import Store


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


def change_head(head: Row, entry: LogEntry, store: Store) -> None:
    """Change a head by an event of its issue."""
    state = state_after(head["state"], entry, store)
    head["state"] = state
    moved = head["status"] != state.status
    if moved:
        head["status"] = state.status.value
    head["category"] = state.category
    head["responsible_agency"] = state.responsible_agency
    change = _CHANGES.get(entry.topic)
    if change is not None:
        change(head, entry.event)
    if entry.topic in _CHANGE_WHAT_IS_SEARCHED:
        _make_searchable(head, state)
    if entry.topic in _CHANGE_WHERE_IT_IS or moved:
        _put_on_map(head, is_open=state.status in LIVE)


def _placed(head: Row, event: PlaceCorrected) -> None:
    head["place"] = place_data(event.to_place)


def _registered(head: Row, event: RecordRegistered) -> None:
    head["registry_refs"][event.agency_id] = event.registry_ref


def _followed_up(head: Row, event: FollowUpRecorded) -> None:
    head["effect"] = event.effect.value


def _closed(head: Row, event: IssueClosed) -> None:
    head["closed_at"] = event.occurred_at
    head["outcome"] = event.outcome.value


def _reopened(head: Row, _event: IssueReopened) -> None:
    head["closed_at"] = head["outcome"] = None


def _merged(head: Row, event: IssuesMerged) -> None:
    if head["issue_id"] == event.merged_id:
        head["merged_into"] = {"issue_id": str(event.into_id), "number": event.into_number}


_CHANGES: Mapping[str, Callable[[Row, Any], None]] = {
    PlaceCorrected.TOPIC: _placed,
    RecordRegistered.TOPIC: _registered,
    FollowUpRecorded.TOPIC: _followed_up,
    IssueClosed.TOPIC: _closed,
    IssueReopened.TOPIC: _reopened,
    IssuesMerged.TOPIC: _merged,
}
"""What the state of queues and clocks does not know of."""

_CHANGE_WHAT_IS_SEARCHED = frozenset(
    event.TOPIC
    for event in (IssueOpened, TitleChanged, PlaceCorrected, CategoryChanged, RecordRegistered)
)

_CHANGE_WHERE_IT_IS = frozenset({IssueOpened.TOPIC, PlaceCorrected.TOPIC})


def _put_on_map(head: Row, *, is_open: bool) -> None:
    """Only what is open is looked for by where it lies."""
    place = head["place"]
    steps = steps_of(place["lat"], place["lon"], place["precision"]) if is_open else None
    head["north"], head["east"] = steps or (None, None)


def _make_searchable(head: Row, state: IssueNow) -> None:
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
