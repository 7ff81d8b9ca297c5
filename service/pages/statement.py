"""The accessibility statement that law (2018:1937) wants linked from every page."""

from collections.abc import Sequence
from typing import Any

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from service.pages.frame import AnyRequest, Frame


def statement_pages(frame: Frame) -> Sequence[HTTPRouteHandler]:
    """The statement, open to everybody."""

    @get("/accessibility", sync_to_thread=True, include_in_schema=False)
    def statement(request: AnyRequest) -> Response[Any]:
        return frame.page(request, "statement.html", visitor=frame.visitor(request))

    return [statement]
