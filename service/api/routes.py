"""The API's one router: every command, every query and the document that tells of them."""

from functools import cache
from typing import Any, Final

import msgspec
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from service.api.authentication import TokenAuthentication
from service.api.command_routes import command_routes
from service.api.document import document
from service.api.queries import QUERIES
from service.api.query_routes import query_routes
from service.commands import COMMANDS
from service.routers import OwnRouter

PATH: Final = "/api/v1"


def api_router() -> OwnRouter:
    """Everything under /api/v1; a route is closed to strangers unless it says otherwise."""
    return OwnRouter(
        PATH,
        route_handlers=[*command_routes(), *query_routes(), _document_route()],
        middleware=[TokenAuthentication],
    )


def api_document() -> dict[str, Any]:
    """The OpenAPI document as plain JSON values."""
    told = document(PATH, COMMANDS.values(), QUERIES.values())
    plain: dict[str, Any] = msgspec.to_builtins(told)
    return plain


def _document_route() -> HTTPRouteHandler:
    body = _document_body()

    @get("/openapi.json", sync_to_thread=False, exclude_from_auth=True)
    def openapi() -> Response[bytes]:
        return Response(body, media_type="application/json")

    return openapi


@cache
def _document_body() -> bytes:
    # The same for every application of a process; to write it is a third of making one.
    return msgspec.json.encode(api_document())
