"""Gives several issues of a queue to one caseworker: what will happen first, then how each went.

For ten seconds all of it can be taken back at once, each issue by an event of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from litestar import Response, post
from litestar.handlers import HTTPRouteHandler

from domain.classification import AssignCaseworker
from domain.refusals import Refused
from projections.issue_story_queries import issue_head
from projections.issue_story_rows import IssueHead
from service.access import a_list
from service.batch import new_key
from service.commands import COMMANDS
from service.pages.frame import UNDONE, AnyRequest, Frame, Typed, first_of, see_other
from service.pages.local_paths import safe_path
from service.pages.own_choices import own_choices
from service.pages.typed import read_typed, whole
from service.undoing import WITHIN, undo
from service.visitors import Visitor

MOST = 100
"""Issues at once."""
ROW = COMMANDS[AssignCaseworker.__name__]
SHOWN_IN = ("queues", "issue_story")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One issue: who handles it now, and why it could not be given, once that was tried.

    `version` is what the issue came to when it was given.
    """

    issue_id: UUID
    number: str
    title: str
    now: str
    refused: str = ""
    version: int = 0


def may_assign(visitor: Visitor) -> bool:
    """Whether the visitor's role gives issues to caseworkers."""
    return visitor.actor.role in ROW.roles and visitor.viewer.authority


def bulk_pages(frame: Frame) -> Sequence[HTTPRouteHandler]:
    """One page, sent twice: to see what will happen, and to do it."""

    @post("/queue/assign", include_in_schema=False)
    async def assign(request: AnyRequest) -> Response[Any]:
        typed = await read_typed(request)
        return await frame.in_thread(_assign, frame, request, typed)

    @post("/queue/assign/undo", include_in_schema=False)
    async def take_back(request: AnyRequest) -> Response[Any]:
        typed = await read_typed(request)
        return await frame.in_thread(_take_back, frame, request, typed)

    return [assign, take_back]


def _assign(frame: Frame, request: AnyRequest, typed: Typed) -> Response[Any]:
    visitor = frame.reader(request)
    frame.admit(visitor, ROW)
    back = safe_path(first_of(typed, "back"), "/queue")
    user_id = first_of(typed, "user_id")
    choices = own_choices(frame, visitor, frame.language(request, visitor))
    people = {each.value: each.words for each in choices.colleagues()}
    heads = _chosen(frame, visitor, typed.get("row", []))
    if user_id not in people:
        return see_other(back)
    lines = [
        _line(frame, visitor, head, _examined(frame, request, visitor, head, user_id))
        for head in heads
    ]
    done = bool(first_of(typed, "sure"))
    position = 0
    if done:
        key = first_of(typed, "_key")
        lines, position = _carry_out(frame, request, visitor, heads, user_id, key)
    if position:
        frame.read_models.wait(SHOWN_IN, position)
    return frame.page(
        request,
        "assign.html",
        visitor=visitor,
        lines=[each for each in lines if not each.refused],
        refused=[each for each in lines if each.refused],
        done=done,
        seconds=WITHIN.seconds,
        user_id=user_id,
        name=people[user_id],
        back_to=back,
        key=first_of(typed, "_key") or new_key(),
    )


def _chosen(frame: Frame, visitor: Visitor, ids: Sequence[str]) -> list[IssueHead]:
    """The issues that were ticked, each once, as far as the visitor sees them."""
    found: list[IssueHead] = []
    looked = a_list(own=True)
    with frame.reading(visitor, looked) as db:
        for text in list(dict.fromkeys(ids))[:MOST]:
            try:
                head = issue_head(db, visitor.viewer, UUID(text))
            except ValueError:
                continue
            if isinstance(head, IssueHead):
                found.append(head)
        looked.found = len(found)
    return found


def _line(
    frame: Frame, visitor: Visitor, head: IssueHead, refused: str = "", version: int = 0
) -> Line:
    user = head.caseworkers.get(visitor.actor.agency_id)
    name = frame.visitors.names([user]).get(user, user) if user else ""
    return Line(
        issue_id=head.issue_id,
        number=head.number,
        title=head.title,
        now=name,
        refused=refused,
        version=version,
    )


def _examined(
    frame: Frame, request: AnyRequest, visitor: Visitor, head: IssueHead, user_id: str
) -> str:
    """Why it will not work for an issue; nothing if it will, as things stand."""
    command = AssignCaseworker(issue_id=head.issue_id, user_id=user_id)
    refused = frame.samsyn.execution.examine(command, visitor.actor)
    return frame.refusal(request, visitor, refused) if refused else ""


def _carry_out(
    frame: Frame,
    request: AnyRequest,
    visitor: Visitor,
    heads: Sequence[IssueHead],
    user_id: str,
    key: str,
) -> tuple[list[Line], int]:
    """Each issue is a command of its own: what is refused for one stands in nobody's way."""
    lines: list[Line] = []
    position = 0
    for head in heads:
        said, version = "", 0
        try:
            receipt = frame.samsyn.execution.execute(
                AssignCaseworker(issue_id=head.issue_id, user_id=user_id),
                visitor.actor,
                key=f"form:{key}:{head.issue_id}" if key else None,
            )
            position, version = receipt.position, receipt.version
        except Refused as refused:
            said = frame.refusal(request, visitor, refused)
        lines.append(_line(frame, visitor, head, said, version))
    return lines, position


def _take_back(frame: Frame, request: AnyRequest, typed: Typed) -> Response[Any]:
    """Each issue by itself, as it was given; what cannot be taken back any more is told."""
    visitor = frame.reader(request)
    frame.admit(visitor, ROW)
    language = frame.language(request, visitor)
    back = safe_path(first_of(typed, "back"), "/queue")
    parts = (each.partition(":") for each in typed.get("given", []))
    given = {issue_id: version for issue_id, _, version in parts}
    said: list[str] = []
    position = 0
    for head in _chosen(frame, visitor, list(given)):
        try:
            receipt = undo(
                frame.samsyn, visitor.actor, head.issue_id, whole(given.get(str(head.issue_id), ""))
            )
            position = receipt.position
        except Refused as refused:
            said.append(f"{head.number}: {frame.refusal(request, visitor, refused)}")
    if position and not said:
        return frame.after_command(back, position, SHOWN_IN, done=UNDONE)
    if position:
        frame.read_models.wait(SHOWN_IN, position)
    return frame.page(
        request,
        "message.html",
        status=409,
        visitor=visitor,
        heading=language.pick("Allt gick inte att ångra", "Not all of it could be undone"),
        text=" ".join(said),
        kept=(),
        onwards=back,
        onwards_words=language.pick("Tillbaka till listan", "Back to the list"),
    )
