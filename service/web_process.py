"""One of several web processes: opens the program for itself and closes it when it ends."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from litestar import Litestar

from projections.catalogue import PROJECTIONS
from service.app import Application, create_app
from service.assembly import assemble
from service.ending import end_with_parent
from service.exposition import observe_log
from service.garbage import collect_seldom
from service.logging import configure_logging
from service.serving import answering
from service.settings import Settings


def create() -> Application:
    """Make the application of this process, by the settings of the environment."""
    end_with_parent()
    settings = Settings.from_environment()
    configure_logging(level=settings.log_level)
    samsyn = assemble(
        settings.database_url,
        PROJECTIONS,
        redis_url=settings.redis_url,
        connections=settings.database_connections,
        read_url=settings.database_read_url,
    )

    observe_log(samsyn)
    collect_seldom()

    @asynccontextmanager
    async def closing(_app: Litestar) -> AsyncGenerator[None]:
        yield
        # Every request is answered by now; appends that nobody waits for any more are finished.
        samsyn.close()

    return create_app(samsyn, settings, lifespan=[closing, answering(settings)])
