"""One route for every row of the command table; nothing here knows a single command."""

from typing import Any

from litestar import Request, Response, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler
from litestar.params import RawBody

from domain.refusals import Refused
from domain.values import Actor
from infra.tokens import Token
from service.api.intake import read_body, take_in
from service.commands import COMMANDS, Row
from service.receipt import Receipt
from service.services import Services


def command_routes() -> list[HTTPRouteHandler]:
    """The routes of all commands."""
    return [_route(row) for row in COMMANDS.values()]


def receipt_document(receipt: Receipt, signed: str | None) -> dict[str, object]:
    """A receipt as it is answered; the position is a text, it may outgrow a client's numbers."""
    return {
        "position": str(receipt.position),
        "stream_id": receipt.stream_id,
        "version": receipt.version,
        "created_id": receipt.created_id,
        "replayed": receipt.replayed,
        "receipt": signed,
    }


def etag_of(version: int) -> str:
    """The entity tag of a version of an issue, a report or the directory."""
    return f'"{version}"'


def _route(row: Row) -> HTTPRouteHandler:
    async def carry_out(request: Request[Actor, Token, State], body: RawBody) -> Response[Any]:
        services: Services = request.app.state.services
        execution = services.samsyn.execution
        try:
            intake = await take_in(
                row,
                path=request.path_params,
                body=read_body(body, request.headers),
                headers=request.headers,
                actor=request.user,
                execution=execution,
            )
            receipt = await execution.execute_async(
                intake.command, request.user, intake.key, intake.expected_version
            )
        except Refused as refused:
            # What could not be read as a command; others are logged where they are decided.
            await sync_to_thread(services.samsyn.access.refused_request, refused)
            raise
        signed = await services.receipts.signed_async(receipt.position)
        return Response(
            receipt_document(receipt, signed),
            status_code=200 if receipt.created_id is None else 201,
            headers={"ETag": etag_of(receipt.version)},
        )

    return post(row.path, name=row.name, operation_id=row.name)(carry_out)
