"""The API's one router: every command, every query and the document that tells of them."""

from typing import Final

from litestar import Router

from service.api.authentication import TokenAuthentication
from service.api.command_routes import command_routes

PATH: Final = "/api/v1"


def api_router() -> Router:
    """Everything under /api/v1; a route is closed to strangers unless it says otherwise."""
    return Router(
        PATH,
        route_handlers=[*command_routes()],
        middleware=[TokenAuthentication],
    )
