"""How the web server runs in this process alone, and what each web process does around it."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

import uvicorn
from litestar import Litestar

from service.app import Lifespan, create_app
from service.assembly import Samsyn
from service.ending import LAST_SECONDS, end_after
from service.exposition import exposed, observe_log
from service.garbage import collect_seldom
from service.settings import Settings
from service.supervising import server_config


def serve_alone(samsyn: Samsyn, settings: Settings, listening: socket.socket) -> None:
    """Answer requests in this process until it is told to stop."""
    observe_log(samsyn)
    app = create_app(samsyn, settings, lifespan=[answering(settings)])
    collect_seldom()
    with exposed(settings):
        uvicorn.Server(server_config(app, settings)).run(sockets=[listening])


def answering(settings: Settings) -> Lifespan:
    """Give requests their threads, and bound the time that the end takes."""

    @asynccontextmanager
    async def threads_for_requests(_app: Litestar) -> AsyncGenerator[None]:
        threads = ThreadPoolExecutor(settings.threads, thread_name_prefix="request")
        asyncio.get_running_loop().set_default_executor(threads)
        yield
        end_after(LAST_SECONDS)

    return threads_for_requests
