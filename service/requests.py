"""What surrounds every request: an id, one log line, and the headers no answer goes without."""

import time
from functools import lru_cache
from typing import Any, Final, cast

import structlog
from litestar.types import Message, Scope
from prometheus_client import Counter, Histogram
from structlog.contextvars import bind_contextvars, clear_contextvars

from infra.ids import new_id
from service import metrics
from service.tracing import begin_trace

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; manifest-src 'self'; worker-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_ALWAYS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(self)",
}
_ALWAYS_AS_SENT: Final = tuple(
    (name.lower().encode(), value.encode()) for name, value in _ALWAYS.items()
)
_OURS: Final = frozenset(name for name, _ in _ALWAYS_AS_SENT)
_NOT_KEPT: Final = (b"cache-control", b"no-store")
_ENCRYPTED_ONLY: Final = (b"strict-transport-security", b"max-age=31536000")
_BEGUN: Final = "samsyn.begun"
_ID: Final = "samsyn.request_id"

log = structlog.get_logger("request")


def begin(scope: Scope) -> None:
    """Give a request its id and start its time; called before anything else sees it."""
    keep = cast("dict[str, Any]", scope)
    keep[_ID] = new_id().hex
    keep[_BEGUN] = time.perf_counter()
    clear_contextvars()
    bind_contextvars(request_id=keep[_ID])
    begin_trace(keep[_ID], scope)


def request_id(scope: Scope) -> str:
    """The request's id, as it stands in its log lines and its answer."""
    found: str = cast("dict[str, Any]", scope).get(_ID, "")
    return found


async def add_headers(message: Message, scope: Scope) -> None:
    """Before any answer, 404 and 405 too: security headers, the id, nothing kept in caches."""
    if message["type"] != "http.response.start":
        return
    # As they are sent: the framework's headers look through all others for each that is set.
    headers = [each for each in message["headers"] if each[0].lower() not in _OURS]
    headers += _ALWAYS_AS_SENT
    headers.append((b"x-request-id", request_id(scope).encode()))
    if all(name.lower() != _NOT_KEPT[0] for name, _ in headers):
        headers.append(_NOT_KEPT)
    if scope["app"].state.services.settings.secure_cookies:
        headers.append(_ENCRYPTED_ONLY)
    message["headers"] = headers


async def write_line(message: Message, scope: Scope) -> None:
    """One line for each answer: what kind of address, never the address with its query."""
    if message["type"] != "http.response.start":
        return
    keep = cast("dict[str, Any]", scope)
    user = keep.get("user")
    method, route = keep.get("method"), keep.get("path_template") or "<unmatched>"
    seconds = time.perf_counter() - keep.get(_BEGUN, 0.0)
    _requests(method, route, message["status"]).inc()
    _seconds(route).observe(seconds)
    log.info(
        "request",
        method=method,
        route=route,
        status=message["status"],
        milliseconds=round(seconds * 1000, 1),
        request_id=request_id(scope),
        user=getattr(user, "user_id", None),
        agency=getattr(user, "agency_id", None),
    )


@lru_cache(maxsize=2_048)
def _requests(*labels: object) -> Counter:
    return metrics.REQUESTS.labels(*labels)


@lru_cache(maxsize=512)
def _seconds(route: str) -> Histogram:
    return metrics.REQUEST_SECONDS.labels(route)
