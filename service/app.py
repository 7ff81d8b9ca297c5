"""The web application: routers, errors, headers and what runs beside the requests."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Final, TypeAlias

import structlog
from litestar import Litestar, Request, Response
from litestar.config.csrf import CSRFConfig
from litestar.datastructures import State
from litestar.types import ASGIApp, Receive, Scope, Send
from litestar.types.asgi_types import LifeSpanReceive, LifeSpanScope, LifeSpanSend

from infra.log.errors import OutcomeUnknown
from service import requests
from service.api.audit_routes import PATH as AUDIT
from service.api.audit_routes import audit_router
from service.api.routes import api_router
from service.assembly import Samsyn
from service.health import answer_of, health, ready
from service.language import wanted_language
from service.pages.routes import HtmlPages
from service.probes import Probes
from service.problems import MEDIA_TYPE, problem_of
from service.pushing import Pushing
from service.sealing import Sealing
from service.secret import secret_of
from service.services import Services
from service.settings import Settings
from service.worker import Worker

MOST_BYTES: Final = 1_000_000
"""Of a request's body."""
API: Final = "/api/"
Lifespan: TypeAlias = Callable[[Litestar], AbstractAsyncContextManager[None]]

log = structlog.get_logger(__name__)


class Application(Litestar):
    """Litestar, told of each request before its own machinery sees it (404 and 405 too)."""

    async def __call__(
        self,
        scope: Scope | LifeSpanScope,
        receive: Receive | LifeSpanReceive,
        send: Send | LifeSpanSend,
    ) -> None:
        """Take a request."""
        if scope["type"] != "lifespan":
            requests.begin(scope)
        await super().__call__(scope, receive, send)


def create_app(
    samsyn: Samsyn,
    settings: Settings,
    lifespan: Sequence[Lifespan] = (),
    run_policies: Callable[[], int] | None = None,
) -> Application:
    """Put the application on a started program; whoever started the program closes it.

    What `lifespan` adds begins last and ends first. `run_policies` is what a worker in this process
    does instead of looking at the clocks.
    """
    services = Services.of(samsyn, settings)
    pages = HtmlPages(services)
    sealing = Sealing(samsyn, settings) if settings.embedded else None
    pushing = Pushing(samsyn, settings) if settings.embedded else None
    worker = Worker(samsyn, run_policies, sealing, pushing) if settings.embedded else None
    probes = Probes(settings, samsyn.clock)

    def answer_problem(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
        return _answer_problem(request, error, pages)

    return Application(
        route_handlers=[api_router(), audit_router(), health, ready, pages.router()],
        exception_handlers={Exception: answer_problem},
        csrf_config=CSRFConfig(
            secret=secret_of(settings.secret, settings.data_dir),
            exclude=[f"^{API}", f"^{AUDIT}/"],
            cookie_httponly=True,
            # Not strict: a link in a mail would then come without it, get another one, and spoil
            # every form that stands open. What other sites send is refused either way.
            cookie_samesite="lax",
            cookie_secure=settings.secure_cookies,
        ),
        middleware=[_tell_who_is_cut_off],
        before_send=[requests.add_headers, requests.write_line],
        request_max_body_size=MOST_BYTES,
        openapi_config=None,
        state=State(
            {"services": services, "worker": worker, "probes": probes, "live": pages.frame.live}
        ),
        lifespan=[_beside(worker, probes), pages.frame.live.beside_the_requests, *lifespan],
        logging_config=None,
        debug=False,
    )


def _beside(worker: Worker | None, probes: Probes) -> Lifespan:
    @asynccontextmanager
    async def beside_the_requests(_app: Litestar) -> AsyncGenerator[None]:
        if worker is None:
            # Has its connection from the start: when all others are taken there is none to be had.
            await answer_of(probes.database)
        else:
            worker.start()
        try:
            yield
        finally:
            if worker is not None:
                worker.stop()
            probes.close()

    return beside_the_requests


def _tell_who_is_cut_off(app: ASGIApp) -> ASGIApp:
    """A process that must end cancels what hangs; whoever waits for a command is told so."""

    async def carry_on(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await app(scope, receive, send)
        except asyncio.CancelledError as error:
            if not scope["path"].startswith(API):
                raise  # a page would ask the database, which may be what hangs
            raise OutcomeUnknown("The process ended before it was known.") from error

    return carry_on


def _answer_problem(
    request: Request[Any, Any, Any], error: Exception, pages: HtmlPages
) -> Response[Any]:
    language = wanted_language(request.headers.get("accept-language"))
    problem = problem_of(error, language)
    if problem.status == 500:  # noqa: PLR2004  the one status that is our own fault
        log.error("unforeseen_error", exc_info=error)
    if _for_a_person(request):
        return pages.show_problem(request, error)
    return Response(
        problem.document(requests.request_id(request.scope)),
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers={
            **problem.headers,
            "Content-Language": language.value,
            "Vary": "Accept-Language",
        },
    )


def _for_a_person(request: Request[Any, Any, Any]) -> bool:
    if request.url.path.startswith(API):
        return False
    best = request.accept.best_match(["application/json", "text/html"])
    return best == "text/html"
