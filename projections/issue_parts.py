"""What an issue's page asks for, as questions that can go out together: its head and its parts."""

from collections.abc import Mapping
from enum import Enum
from typing import Any, Generic, TypeVar, get_args, get_type_hints
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Select, String, bindparam, select

from domain.codes import Badge, Effect, NextStep
from domain.follow_up import FollowUpRecorded
from domain.notes import NoteAdded
from projections.audit_trail import lines
from projections.columns import Json, UuidText
from projections.issue_state import IssueNow
from projections.issue_story_rows import (
    IssueHead,
    PushedHead,
    StoryAction,
    StoryFollowUp,
    StoryNote,
    StoryReferral,
)
from projections.issue_story_tables import actions, heads, referrals
from projections.prepared import Prepared, Question
from projections.queue_rows import badges_of, dues_of
from projections.viewer import Viewer
from projections.visibility import agency_of, sees_pushed_only, visible_issue

Head = IssueHead | PushedHead
"""A partner gets the short one: number, public title and place."""
S = TypeVar("S", bound=msgspec.Struct)

_FROM_STATE = (
    *("title", "category", "priority", "status", "status_since", "parked_until", "declines"),
    *("responsible_agency", "responsible_since", "caseworkers", "secrecy_marks"),
)
_FROM_ROW = (
    *("description_sv", "area_id", "context_flags", "priority_area", "external_ref"),
    *("registering_agency", "registry_refs", "opened_at", "closed_at", "outcome", "effect"),
)
_OF_HEAD = ("issue_id", "state", "place", "merged_into", *_FROM_ROW)


def head_by_id(viewer: Viewer, issue_id: UUID) -> Question[Head | None]:
    """Ask for the head of an issue; None if there is none that the viewer may see."""
    return _head(viewer, "issue_id", issue_id)


def head_by_number(viewer: Viewer, number: str) -> Question[Head | None]:
    """Ask for the head of the issue with a number like TIC-2026-00042, or None as above."""
    return _head(viewer, "number", number)


def referrals_of_issue(viewer: Viewer, issue_id: UUID) -> Question[list[StoryReferral]]:
    """Ask for its referrals in the order they were sent; for partners those sent to them."""
    return _REFERRALS.question(viewer, issue_id)


def actions_of_issue(viewer: Viewer, issue_id: UUID) -> Question[list[StoryAction]]:
    """Ask for its actions in the order they were recorded; for partners their own."""
    return _ACTIONS.question(viewer, issue_id)


def follow_ups_of_issue(viewer: Viewer, issue_id: UUID) -> Question[list[StoryFollowUp]]:
    """Ask for what its follow-ups found, the first one first; partners get none."""
    if sees_pushed_only(viewer):
        return Question((), lambda _: [])
    return Question(
        (_FOLLOW_UPS.part(viewer, None, _said(FollowUpRecorded.TOPIC, issue_id)),),
        lambda found: [
            StoryFollowUp(event_id, at, agency_id, user_id, *msgspec.structs.astuple(said))
            for event_id, at, _, agency_id, user_id, said in found[0]
        ],
    )


def notes_of_issue(viewer: Viewer, issue_id: UUID) -> Question[list[StoryNote]]:
    """Ask for the notes on it, the first one first; partners get none."""
    if sees_pushed_only(viewer):
        return Question((), lambda _: [])
    return Question(
        (_NOTES.part(viewer, None, _said(NoteAdded.TOPIC, issue_id)),),
        lambda found: [
            StoryNote(said.note_id, at, recorded_at, agency_id, user_id, said.text_sv)
            for _, at, recorded_at, agency_id, user_id, said in found[0]
        ],
    )


def head_of(row: Mapping[Any, Any], viewer: Viewer) -> Head:
    """The head that a row of the table tells."""
    state: IssueNow = row["state"]
    known = {
        "issue_id": row["issue_id"],
        "version": state.version,
        "number": state.number,
        "public_title": state.public_title,
        "place": row["place"],
    }
    if sees_pushed_only(viewer):
        return msgspec.convert(known, PushedHead)
    known |= {name: getattr(state, name) for name in _FROM_STATE}
    known |= {name: row[name] for name in _FROM_ROW}
    into: Mapping[str, str] = row["merged_into"] or {}
    return msgspec.convert(
        known
        | {
            "follow_up_due_at": state.follow_up_due,
            "merged_into_id": into.get("issue_id"),
            "merged_into_number": into.get("number"),
            "lasting_badges": [Badge(badge) for badge in badges_of(state)],
            "due_at": min((due.at for due in dues_of(state)), default=None),
        },
        IssueHead,
    )


def _head(viewer: Viewer, by: str, value: object) -> Question[Head | None]:
    return Question(
        (_HEADS.part(viewer, by, {by: value}),),
        lambda found: (
            head_of(dict(zip(_OF_HEAD, found[0][0], strict=True)), viewer) if found[0] else None
        ),
    )


def _select_head(viewer: Viewer, by: str) -> Select[Any]:
    wanted = heads.c[by]
    return select(*(heads.c[name] for name in _OF_HEAD)).where(
        wanted == bindparam(by, type_=wanted.type), visible_issue(viewer, heads.c.issue_id)
    )


_HEADS = Prepared(_select_head)


def _of_issue(query: Any, issue_id: ColumnElement[UUID], viewer: Viewer) -> Select[Any]:  # noqa: ANN401  whatever it selects
    wanted = bindparam("issue", type_=UuidText)
    # Asked of the parameter, not of the column: once, and not for each row.
    found: Select[Any] = query.where(issue_id == wanted, visible_issue(viewer, wanted))
    return found


class _Part(Generic[S]):
    """The rows of a table that belong to an issue: a column for each field of a struct."""

    def __init__(self, table: Any, kind: type[S], agency: ColumnElement[Any]) -> None:  # noqa: ANN401  as SQLAlchemy has tables
        self._table, self._kind, self._agency = table, kind, agency
        hints = get_type_hints(kind)
        self._columns = [table.c[name] for name in kind.__struct_fields__]
        self._prepared = Prepared(
            self._select,
            kinds={
                column.name: hints[column.name]
                for column in self._columns
                if isinstance(column.type, Json) or _is_code(hints[column.name])
            },
        )

    def question(self, viewer: Viewer, issue_id: UUID) -> Question[list[S]]:
        """Ask for all of them that the viewer may see."""
        kind = self._kind
        return Question(
            (self._prepared.part(viewer, None, {"issue": issue_id}),),
            lambda found: [kind(*row) for row in found[0]],
        )

    def _select(self, viewer: Viewer, _shape: None) -> Select[Any]:
        query = _of_issue(select(*self._columns), self._table.c.issue_id, viewer)
        if sees_pushed_only(viewer):
            query = query.where(self._agency == agency_of(viewer))
        return query.order_by(self._table.c.position)


def _is_code(hint: Any) -> bool:  # noqa: ANN401  any annotation
    kinds = get_args(hint) or (hint,)
    return any(isinstance(each, type) and issubclass(each, Enum) for each in kinds)


_REFERRALS = _Part(referrals, StoryReferral, referrals.c.to_agency)
_ACTIONS = _Part(actions, StoryAction, actions.c.agency_id)


class _NoteSaid(msgspec.Struct):
    note_id: UUID
    text_sv: str


class _FollowUpSaid(msgspec.Struct):
    """In the order of the last fields of a `StoryFollowUp`."""

    effect: Effect
    evidence_sv: str
    next_step: NextStep
    agencies_present: tuple[str, ...]
    before_count: int | None
    after_count: int | None


def _said(topic: str, issue_id: UUID) -> Mapping[str, object]:
    return {"topic": topic, "issue": issue_id}


def _select_lines(viewer: Viewer, _shape: None) -> Select[Any]:
    names = ("event_id", "occurred_at", "recorded_at", "agency_id", "user_id", "data")
    return _of_issue(
        select(*(lines.c[name] for name in names))
        .where(lines.c.topic == bindparam("topic", type_=String))
        .order_by(lines.c.occurred_at, lines.c.position),
        lines.c.issue_id,
        viewer,
    )


_FOLLOW_UPS = Prepared(_select_lines, kinds={"data": _FollowUpSaid})
_NOTES = Prepared(_select_lines, kinds={"data": _NoteSaid})
