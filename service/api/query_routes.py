"""One route for every row of the query table."""

import msgspec
from litestar import MediaType, Request, Response, get
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler

from domain.values import Actor
from infra.tokens import Token
from service.api.answering import Answered, answered
from service.api.asking import Query, read_parameters
from service.api.command_routes import etag_of
from service.api.document_parts import BEHIND_EVENTS, BEHIND_SECONDS
from service.api.queries import QUERIES
from service.services import Services


def query_routes() -> list[HTTPRouteHandler]:
    """The routes of all queries."""
    return [_route(query) for query in QUERIES.values()]


def _route(query: Query) -> HTTPRouteHandler:
    async def ask(request: Request[Actor, Token, State]) -> Response[bytes | None]:
        services: Services = request.app.state.services
        parameters = read_parameters(query, request.path_params, request.query_params)
        # Read when the user was looked up, which was after this request had come.
        agencies = services.samsyn.directory.known()
        answer = await answered(query, parameters, services, request.user, agencies)
        return _response(query, answer, request)

    return get(query.path, name=query.name, operation_id=query.name)(ask)


def _response(
    query: Query, answer: Answered, request: Request[Actor, Token, State]
) -> Response[bytes | None]:
    headers = {
        BEHIND_EVENTS: str(answer.behind.events),
        BEHIND_SECONDS: f"{answer.behind.late.total_seconds():.1f}",
    }
    if query.version is not None:
        headers["ETag"] = etag = etag_of(query.version(answer.found))
        known = {tag.strip() for tag in request.headers.get("if-none-match", "").split(",")}
        if etag in known:
            return Response(None, status_code=304, headers=headers)
    # As bytes: the framework would look through its own encoders for every type in them.
    body = msgspec.json.encode(answer.found)
    return Response(body, media_type=MediaType.JSON, headers=headers)
