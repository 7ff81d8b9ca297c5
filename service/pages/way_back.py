"""The page that stands before a reader by its own address, also where a form has led elsewhere."""

from typing import Any, Final

from litestar import Litestar, Request
from litestar.exceptions import HTTPException

from service.pages.local_paths import safe_path
from service.pages.typed import typed_so_far

CAME_FROM: Final = ("back", "_form")
"""The fields in which forms say on which page they stood."""


def way_back(request: Request[Any, Any, Any]) -> str:
    """A path and query that a browser can ask for: the page itself, or whence its form came.

    Some addresses only take forms: whoever changes the language on what they answer, or signs in
    anew, must not be led there.
    """
    path, query = request.url.path, request.url.query
    if request.method != "POST" or _is_page(request.app, path):
        return f"{path}?{query}" if query else path
    typed = typed_so_far(request)
    for name in CAME_FROM:
        for text in typed.get(name, ()):
            if came_from := safe_path(text, ""):
                return came_from
    while path and not _is_page(request.app, path):
        path = path.rpartition("/")[0]
    return path or "/"


def _is_page(app: Litestar, path: str) -> bool:
    """Whether a path can be asked for."""
    try:
        app.asgi_router.handle_routing(path=path, method="GET")
    except HTTPException:
        return False
    return True
