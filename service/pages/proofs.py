"""Receipts and proofs to take away: of what one has just done, and of each line of a story."""

from collections.abc import Callable, Sequence
from typing import Any, Final
from uuid import UUID

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from domain.access import AccessKind
from projections.issue_story_queries import story
from service.access import an_issue
from service.audit_log import proof_of
from service.language import Language
from service.pages.frame import AnyRequest, Frame
from service.pages.telling import ToldLine
from service.sealed_so_far import WORDS, Safety

READS: Final = ("visibility", "issue_story", "audit_trail")
_TEXT: Final = "text/plain"


def proof_pages(frame: Frame) -> Sequence[HTTPRouteHandler]:
    """The downloads."""

    @get("/receipts/{position:int}", sync_to_thread=True, include_in_schema=False)
    def receipt(request: AnyRequest, position: FromPath[int]) -> Response[bytes]:
        visitor = frame.signed_in(request)
        if not frame.receipts.recorded_by(position, visitor.actor.user_id):
            raise NotFoundException
        return _receipt(frame, position)

    @get(
        "/issues/{issue_id:uuid}/proofs/{position:int}",
        sync_to_thread=True,
        include_in_schema=False,
    )
    def proof(
        request: AnyRequest, issue_id: FromPath[UUID], position: FromPath[int]
    ) -> Response[bytes]:
        visitor = frame.reader(request)
        positions = frame.behind(request, visitor, READS).positions
        with frame.reading(visitor, an_issue(issue_id, AccessKind.EXPORT), positions) as db:
            lines = story(db, visitor.viewer, issue_id)
            event_id = next((line.event_id for line in lines if line.position == position), None)
            found = proof_of(db, event_id, frame.settings) if event_id else None
        if event_id is None:
            raise NotFoundException
        if found is None:
            return _receipt(frame, position)
        return _file(str(found), f"samsyn-{position}.tlog-proof")

    return [receipt, proof]


def states_of(
    frame: Frame,
    db: Any,  # noqa: ANN401  a connection, which pages do not name
    story: Sequence[ToldLine],
    language: Language,
) -> Callable[[int], tuple[str, str]]:
    """What each line of a story says of its state, and what there is of it to take away."""
    newest = max((line.position for line in story), default=0)
    safety = frame.safety.up_to(db, newest)
    promise = language.pick("Ladda ned kvitto", "Download receipt")
    proof = language.pick("Ladda ned bevis", "Download proof")
    said = {
        each: (language.of(WORDS[each]), promise if each is Safety.RECORDED else proof)
        for each in Safety
    }
    return lambda position: said[safety.of(position)]


def _receipt(frame: Frame, position: int) -> Response[bytes]:
    """The signed promise for what stands at a position.

    Raises:
        NotFoundException: it cannot be signed now.
    """
    signed = frame.receipts.signed(position)
    if signed is None:
        raise NotFoundException
    return _file(signed, f"samsyn-{position}.receipt")


def _file(text: str, name: str) -> Response[bytes]:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }
    return Response(text.encode(), media_type=_TEXT, headers=headers)
