"""Tells machines whether the program lives and whether it is ready; open to all, says no names."""

from typing import Any

import structlog
from litestar import Request, Response, get
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from service.services import Services
from service.worker import Worker

log = structlog.get_logger(__name__)


@get("/health", sync_to_thread=False, include_in_schema=False)
def health() -> dict[str, str]:
    """Answer: whoever asks knows that the process lives."""
    return {"status": "alive"}


@get("/ready", sync_to_thread=True, include_in_schema=False)
def ready(request: Request[Any, Any, Any]) -> Response[dict[str, object]]:
    """200 when requests can be served; `degraded` when a read model stands still or a loop died.

    A read model that is behind or stopped does not take the whole service away: its pages say so.
    """
    services: Services = request.app.state.services
    worker: Worker | None = request.app.state.worker
    samsyn = services.samsyn
    try:
        with samsyn.engine.connect() as db:
            db.execute(text("SELECT 1"))
        head = samsyn.casework.head()
        lines = samsyn.runner.status(head)
    except SQLAlchemyError as error:
        log.warning("database_unreachable", error=type(error).__name__)
        return Response({"status": "database unreachable"}, status_code=503)
    degraded = any(line.stopped for line in lines) or (worker is not None and worker.failure)
    return Response(
        {
            "status": "degraded" if degraded else "ready",
            "head": str(head),
            "projections": [
                {"name": line.name, "lag": line.lag, "stopped": line.stopped is not None}
                for line in lines
            ],
        }
    )
