"""Every page in one router, the static files beside them, and how a problem is told to a person."""

from collections.abc import Mapping
from importlib import resources
from typing import Any

from litestar import Request, Response, Router, get
from litestar.exceptions import NotFoundException, PermissionDeniedException
from litestar.params import FromPath

from service.language import Language
from service.pages.commands import command_pages
from service.pages.figures import figure_pages
from service.pages.frame import AnyRequest, Frame, SignInNeeded, see_other, static_path
from service.pages.issues import issue_pages
from service.pages.log_action import log_action_pages
from service.pages.queues import queue_pages
from service.pages.reports import report_pages
from service.pages.sign_in import sign_in_pages
from service.pages.trail import trail_pages
from service.problems import Problem
from service.services import Services

MEDIA_TYPES: Mapping[str, str] = {"css": "text/css", "svg": "image/svg+xml"}
FOR_EVER = "public, max-age=31536000, immutable"
SAME_SITE = frozenset({"same-origin", "none"})


class HtmlPages:
    """The pages of one program."""

    def __init__(self, services: Services) -> None:
        self.frame = Frame(services)

    def router(self) -> Router:
        """The pages and their files."""
        frame = self.frame
        return Router(
            path="/",
            route_handlers=[
                *sign_in_pages(frame),
                *queue_pages(frame),
                *issue_pages(frame),
                *command_pages(frame),
                *report_pages(frame),
                *log_action_pages(frame),
                *trail_pages(frame),
                *figure_pages(frame),
                static_file,
            ],
            exception_handlers={SignInNeeded: _lead_to_sign_in},
            before_request=_from_our_own_pages,
        )

    def show_problem(
        self, request: Request[Any, Any, Any], problem: Problem, _language: Language
    ) -> Response[Any]:
        """A problem as a page, in the visitor's language."""
        visitor = self.frame.visitor(request)
        language = self.frame.language(request, visitor)
        return self.frame.page(
            request,
            "message.html",
            status=problem.status,
            visitor=visitor,
            heading=problem.title,
            text=problem.detail,
            onwards="/",
            onwards_words=language.pick("Till startsidan", "To the start page"),
        )


@get("/static/{digest:str}/{name:str}", sync_to_thread=False, include_in_schema=False)
def static_file(digest: FromPath[str], name: FromPath[str]) -> Response[bytes]:
    """A file under its content's hash; it may be kept for ever."""
    ending = name.rsplit(".", maxsplit=1)[-1]
    if ending not in MEDIA_TYPES or "/" in name or name.startswith("."):
        raise NotFoundException
    source = resources.files("service") / "static" / name
    if not source.is_file() or static_path(name) != f"/static/{digest}/{name}":
        raise NotFoundException
    return Response(
        source.read_bytes(),
        media_type=MEDIA_TYPES[ending],
        headers={"Cache-Control": FOR_EVER},
    )


def _lead_to_sign_in(_request: AnyRequest, _needed: SignInNeeded) -> Response[Any]:
    return see_other("/sign-in")


async def _from_our_own_pages(request: AnyRequest) -> None:
    """The CSRF token is not bound to a session: the browser must also say where a form is from."""
    if request.method != "POST":
        return
    site = request.headers.get("sec-fetch-site", "none")
    if site not in SAME_SITE:
        raise PermissionDeniedException("The form came from another site.")
