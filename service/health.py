"""Tells machines whether the program lives and whether it is ready; open to all, says no names."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final, TypeVar

from litestar import Request, Response, get

from projections.tail import Stopped
from service.freshness import STANDS_STILL_AFTER
from service.probes import PATIENCE_SECONDS, DatabaseNow, Probe, Probes
from service.services import Services
from service.witnessed import WELL
from service.worker import Worker

NOT_CONFIGURED: Final = "not configured"
ACCESS_LATE_SECONDS: Final = 600.0
"""Access logs are sealed every ten seconds; who has read is logged also while they are not."""
Answer = TypeVar("Answer")


@get("/health", sync_to_thread=False, include_in_schema=False)
def health() -> dict[str, str]:
    """Answer: whoever asks knows that the process lives."""
    return {"status": "alive"}


@get("/ready", include_in_schema=False)
async def ready(request: Request[Any, Any, Any]) -> Response[dict[str, object]]:
    """200 when requests can be served; `degraded` when something beside them is not well.

    A read model that is behind or stopped, a lost Redis or replica do not take the whole service
    away: pages say so, and reads go to the database itself. It is answered without the threads of
    requests, and in bounded time: also when all of them wait for a database that hangs.
    """
    services: Services = request.app.state.services
    probes: Probes = request.app.state.probes
    worker: Worker | None = request.app.state.worker
    database, replica, redis = await asyncio.gather(
        answer_of(probes.database), answer_of(probes.replica), answer_of(probes.redis)
    )
    if database is None:
        away: dict[str, object] = {
            "status": "database unreachable",
            "log": "unreachable",
            "redis": _said(probes.redis, redis),
            "replica": _said(probes.replica, replica),
        }
        return Response(away, status_code=503)
    runner = services.samsyn.runner
    stopped = {
        lag.name: at
        for lag in database.lags
        if (at := runner.stopped_at(lag.checkpoint, lag.lease)) is not None
    }
    degraded = (
        bool(stopped)
        or any(lag.seconds > STANDS_STILL_AFTER.total_seconds() for lag in database.lags)
        or (worker is not None and worker.failure is not None)
        or (database.witnessed is not None and database.witnessed.state != WELL)
        or database.access.seconds > ACCESS_LATE_SECONDS
        or database.read_only
        or (probes.replica is not None and replica is None)
        or (probes.redis is not None and redis is None)
    )
    return Response(
        {
            "status": "degraded" if degraded else "ready",
            "log": "read-only" if database.read_only else "reachable",
            "head": str(database.head),
            "projections": _projections(database, stopped),
            "audit": _audit(database),
            "redis": _said(probes.redis, redis),
            "replica": _said(probes.replica, replica),
        }
    )


async def answer_of(probe: Probe[Answer] | None) -> Answer | None:
    """Ask a probe, and wait as long as it is worth; None when its server does not answer."""
    if probe is None:
        return None
    asked = asyncio.wrap_future(probe.ask())
    # Not cancelled when it takes too long: the next one who asks joins the open question.
    done, _ = await asyncio.wait([asked], timeout=PATIENCE_SECONDS)
    return asked.result() if done else None


def _projections(database: DatabaseNow, stopped: Mapping[str, Stopped]) -> list[dict[str, object]]:
    return [
        {
            "name": lag.name,
            "lag": lag.events,
            "seconds": round(lag.seconds, 1),
            "stopped": lag.name in stopped,
            **_where(stopped.get(lag.name)),
        }
        for lag in database.lags
    ]


def _where(stopped: Stopped | None) -> dict[str, object]:
    """The event that a read model stopped at, by position and topic: neither says a name."""
    return {} if stopped is None else {"at": str(stopped.position), "topic": stopped.topic}


def _audit(database: DatabaseNow) -> dict[str, object]:
    told: dict[str, object] = {
        "recorded": database.head,
        "waiting": database.audit.events,
        "sealed": database.audit_size,
        "access_waiting": {
            "rows": database.access.rows,
            "seconds": round(database.access.seconds, 1),
        },
        "witnessed": NOT_CONFIGURED,
    }
    if database.witnessed is not None:
        # Without their names, which are those of agencies: the worker's log line has them.
        told["witnessed"] = {
            "state": database.witnessed.state,
            "size": database.witnessed.size,
            "waiting_seconds": round(database.witnessed.waiting_seconds, 1),
            "witnesses": [
                {"size": each.size, "at": each.at and each.at.isoformat()}
                for each in database.witnessed.witnesses
            ],
        }
    return told


def _said(probe: Probe[Any] | None, answer: object) -> str:
    if probe is None:
        return NOT_CONFIGURED
    return "unreachable" if answer is None else "reachable"
