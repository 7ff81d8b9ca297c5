"""One route for every row of the query table."""

from typing import Any

from litestar import Request, Response, get
from litestar.concurrency import sync_to_thread
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler

from domain.agencies import Agencies
from domain.values import Actor
from infra.tokens import Token
from projections.paging import BadCursor
from service.api.asking import Asked, Parameters, Query, bad_cursor, read_parameters, wait_for
from service.api.command_routes import etag_of
from service.api.document_parts import BEHIND_EVENTS, BEHIND_SECONDS
from service.api.queries import QUERIES
from service.freshness import Freshness
from service.services import Services
from service.viewers import viewer_of


def query_routes() -> list[HTTPRouteHandler]:
    """The routes of all queries."""
    return [_route(query) for query in QUERIES.values()]


def _route(query: Query) -> HTTPRouteHandler:
    async def ask(request: Request[Actor, Token, State]) -> Response[Any]:
        services: Services = request.app.state.services
        parameters = read_parameters(query, request.path_params, request.query_params)
        # Read when the user was looked up, which was after this request had come.
        agencies = services.samsyn.directory.known()
        found, behind = await sync_to_thread(
            _answer, query, parameters, services, request.user, agencies
        )
        answer = _with_etag(query, found, request)
        answer.headers[BEHIND_EVENTS] = str(behind.events)
        answer.headers[BEHIND_SECONDS] = f"{behind.late.total_seconds():.1f}"
        return answer

    return get(query.path, name=query.name, operation_id=query.name)(ask)


def _answer(
    query: Query, parameters: Parameters, services: Services, actor: Actor, agencies: Agencies
) -> tuple[object, Freshness]:
    wait_for(services, query, parameters.at_position)
    # Asked before reading: what is answered is at least so fresh.
    behind = services.read_models.behind(query.reads)
    at_least = parameters.at_position or 0
    needed = {name: max(at, at_least) for name, at in behind.positions.items()}
    with services.samsyn.reading.connection(needed) as db:
        asked = Asked(
            services=services,
            actor=actor,
            viewer=viewer_of(actor, agencies),
            agencies=agencies,
            db=db,
            now=services.clock(),
        )
        try:
            return query.answer(asked, parameters), behind
        except BadCursor as error:
            raise bad_cursor() from error


def _with_etag(query: Query, found: object, request: Request[Actor, Token, State]) -> Response[Any]:
    if query.version is None:
        return Response(found)
    etag = etag_of(query.version(found))
    known = {tag.strip() for tag in request.headers.get("if-none-match", "").split(",")}
    if etag in known:
        return Response(None, status_code=304, headers={"ETag": etag})
    return Response(found, headers={"ETag": etag})
