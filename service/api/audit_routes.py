"""The audit log over HTTP, as C2SP has it: checkpoint, tiles, entries, proofs, cosignatures."""

from collections.abc import Callable
from typing import Final, TypeAlias, TypeVar
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler
from litestar.params import RawBody
from sqlalchemy import Connection

from domain.values import Actor
from infra.audit import store
from infra.audit.checkpoint import written_hashes
from infra.audit.paths import consistency_proof, exists
from infra.audit.tiles import bundle, parse_tile_path
from infra.tokens import Token
from service.api.audit_asking import (
    agency_asked,
    no_proof_yet,
    nothing_here,
    require_may_prove,
    require_may_read,
    signed_before,
    sizes_of,
    tree_asked,
)
from service.api.audit_cosigning import take_cosignatures
from service.api.authentication import TokenAuthentication
from service.audit_log import policy_of, proof_of
from service.routers import OwnRouter
from service.services import Services
from service.witnessed import offered

PATH: Final = "/audit"
_TEXT: Final = "text/plain"  # the framework adds the charset
_ACCESS_OF_A_YEAR: Final = "/access/{agency_id:str}/{part:str}"
_BYTES: Final = "application/octet-stream"
# Whoever may read them may keep them: what is sealed never changes.
_FOR_EVER: Final = {"Cache-Control": "private, max-age=31536000, immutable"}

Asking: TypeAlias = Request[Actor, Token, State]
Found = TypeVar("Found")


def _of_each_log(path: str) -> list[str]:
    """The addresses of something that each log has: the one that grows, or that of a year."""
    logs = ("", "/issues/{part:str}", "/access/{agency_id:str}", _ACCESS_OF_A_YEAR)
    return [f"{log}/{path}" for log in logs]


def audit_router() -> OwnRouter:
    """Everything under /audit; each route is closed to strangers."""
    handlers: list[HTTPRouteHandler] = [checkpoint, tile, proof, consistency, policy, cosignatures]
    return OwnRouter(PATH, route_handlers=handlers, middleware=[TokenAuthentication])


@get(_of_each_log("checkpoint"))
async def checkpoint(request: Asking) -> Response[str]:
    """The newest checkpoint with the signatures of the log and of witnesses.

    A witness that says what it has signed (`signed=<origin> <size>`) may be given one that others
    are signing.
    """

    def answer(db: Connection, services: Services) -> str:
        tree = tree_asked(db, request)
        size = signed_before(request, tree)
        if size is None:
            sealed = store.last_checkpoint(db, tree.tree)
        else:
            sealed = offered(db, tree, services.settings, size, services.clock())
        if sealed is None:
            raise nothing_here()
        return str(store.witnessed(db, tree.tree, sealed))

    return Response(await _read(request, answer), media_type=_TEXT)


@get(_of_each_log("tile/{name:path}"))
async def tile(request: Asking) -> Response[bytes]:
    """A tile of hashes, or the entries whose hashes are in a tile of level 0."""
    asked = parse_tile_path(str(request.path_params["name"]).removeprefix("/"))
    if asked is None:
        raise nothing_here()
    wanted, is_entries = asked

    def answer(db: Connection, _services: Services) -> bytes:
        tree = tree_asked(db, request)
        sealed = store.last_checkpoint(db, tree.tree)
        if sealed is None or not exists(wanted, sealed.size):
            raise nothing_here()
        if is_entries:
            return bundle(store.entries_in(db, tree.tree, wanted.start, wanted.width))
        return store.tiles_in(db, tree.tree)([wanted])[wanted]

    return Response(await _read(request, answer), media_type=_BYTES, headers=_FOR_EVER)


@get("/events/{event_id:uuid}/proof")
async def proof(request: Asking) -> Response[str]:
    """That an event is in the log: a `.tlog-proof` file, with the entry as its extra data."""
    event_id: UUID = request.path_params["event_id"]

    def answer(db: Connection, services: Services) -> str:
        require_may_prove(db, services, request.user, event_id)
        found = proof_of(db, event_id, services.settings)
        if found is None:
            raise no_proof_yet()
        return str(found)

    named = {"Content-Disposition": f'attachment; filename="{event_id}.tlog-proof"'}
    text = await _read(request, answer, for_witnesses=False)
    return Response(text, media_type=_TEXT, headers=named)


@get(_of_each_log("consistency"))
async def consistency(request: Asking) -> Response[str]:
    """That the log grew from one size to another: one hash a line, in base64."""

    def answer(db: Connection, _services: Services) -> str:
        tree = tree_asked(db, request)
        sealed = store.last_checkpoint(db, tree.tree)
        if sealed is None:
            raise nothing_here()
        old, new = sizes_of(request.query_params, sealed.size)
        path = consistency_proof(old, new, store.tiles_in(db, tree.tree))
        return "".join(f"{line}\n" for line in written_hashes(path))

    return Response(await _read(request, answer), media_type=_TEXT)


@get(_of_each_log("policy"))
async def policy(request: Asking) -> Response[str]:
    """Whose signatures are asked for; to be compared with what was agreed, not to be believed."""

    def answer(db: Connection, services: Services) -> str:
        return str(policy_of(db, tree_asked(db, request), services.settings))

    return Response(await _read(request, answer), media_type=_TEXT)


@post(_of_each_log("cosignatures"))
async def cosignatures(request: Asking, body: RawBody) -> Response[None]:
    """Take what a witness signed: the text of a checkpoint, an empty line, signature lines.

    201 when one of them is new, 200 when all were known.
    """
    services: Services = request.app.state.services
    is_new = await sync_to_thread(take_cosignatures, services, request.user, body)
    return Response(None, status_code=201 if is_new else 200)


async def _read(
    request: Asking,
    answer: Callable[[Connection, Services], Found],
    *,
    for_witnesses: bool = True,
) -> Found:
    services: Services = request.app.state.services
    if for_witnesses:
        require_may_read(services, request.user, agency_asked(request))

    def ask() -> Found:
        with services.samsyn.engine.connect() as db:
            return answer(db, services)

    return await sync_to_thread(ask)
