"""Every page in one router, the static files beside them, and how a problem is told to a person."""

import re
from typing import Any

from litestar import Request, Response
from litestar.exceptions import PermissionDeniedException

from service.forms.words import FIELD_WORDS
from service.language import Language
from service.pages.access_report import access_report_pages
from service.pages.access_review import access_review_pages
from service.pages.bulk import bulk_pages
from service.pages.commands import command_pages
from service.pages.drafts import draft_pages
from service.pages.evidence import evidence_pages
from service.pages.figures import figure_pages
from service.pages.frame import AnyRequest, Frame, SignInNeeded, see_other
from service.pages.issues import issue_pages
from service.pages.live import live_pages
from service.pages.live_parts import live_parts
from service.pages.log_action import log_action_pages
from service.pages.moved import moved_pages
from service.pages.my_day import my_day_pages
from service.pages.officer import officer_pages
from service.pages.packing import FROM_HERE
from service.pages.printed import printed_pages
from service.pages.proofs import proof_pages
from service.pages.queues import queue_pages
from service.pages.reports import report_pages
from service.pages.shift import shift_pages
from service.pages.sign_in import path_to_sign_in, sign_in_pages
from service.pages.statement import statement_pages
from service.pages.static_files import static_file
from service.pages.then import then_pages
from service.pages.trail import trail_pages
from service.pages.trail_health import trail_health_pages
from service.pages.typed import typed_so_far
from service.pages.undo import undo_pages
from service.pages.unsent import Owners, unsent_pages
from service.pages.views import view_pages
from service.pages.way_back import way_back
from service.pages.wishes import wish_pages
from service.problems import Problem, problem_of
from service.routers import OwnRouter
from service.secret import secret_of
from service.services import Services

OUR_FAULT = 500
WRITTEN = frozenset({"correct_value", "public_title", "text", "title"})
_ROW = re.compile(r"^\d+-")
"""Where several of a kind are written on one page each field's name begins with a number."""


class HtmlPages:
    """The pages of one program."""

    def __init__(self, services: Services) -> None:
        settings = services.settings
        self.frame = Frame(services)
        self._owners = Owners(secret_of(settings.secret, settings.data_dir))

    def router(self) -> OwnRouter:
        """The pages and their files."""
        frame = self.frame
        return OwnRouter(
            path="/",
            route_handlers=[
                *sign_in_pages(frame),
                *my_day_pages(frame),
                *queue_pages(frame),
                *bulk_pages(frame),
                *view_pages(frame),
                *issue_pages(frame),
                *then_pages(frame),
                *evidence_pages(frame),
                *proof_pages(frame),
                *live_pages(frame),
                *live_parts(frame),
                *command_pages(frame),
                *undo_pages(frame),
                *draft_pages(frame),
                *report_pages(frame),
                *log_action_pages(frame, self._owners),
                *officer_pages(frame),
                *shift_pages(frame),
                *unsent_pages(frame, self._owners),
                *trail_pages(frame),
                *trail_health_pages(frame),
                *figure_pages(frame),
                *moved_pages(frame),
                *access_review_pages(frame),
                *access_report_pages(frame),
                *statement_pages(frame),
                *wish_pages(frame),
                *printed_pages(frame),
                static_file,
            ],
            exception_handlers={SignInNeeded: self.lead_to_sign_in},
            before_request=_from_our_own_pages,
        )

    def show_problem(self, request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
        """A problem as a page; what was being sent comes back, so that nothing typed is lost."""
        # When the fault is ours the database may be away: then nobody is looked up there.
        ours = problem_of(error, Language.SV).status >= OUR_FAULT
        visitor = None if ours else self.frame.visitor(request)
        language = self.frame.language(request, visitor)
        problem = problem_of(error, language)
        response = self.frame.page(
            request,
            "message.html",
            status=problem.status,
            visitor=visitor,
            heading=problem.title,
            text=_explained(error, problem, language),
            kept=_kept(request, language),
            onwards="/",
            onwards_words=language.pick("Till startsidan", "To the start page"),
        )
        response.headers.update(problem.headers)
        return response

    def lead_to_sign_in(self, request: AnyRequest, _needed: SignInNeeded) -> Response[Any]:
        """To the page that was wanted by way of signing in; a form's text is not lost by it."""
        language = self.frame.language(request, None)
        wanted = path_to_sign_in(way_back(request))
        if request.method != "POST":
            return see_other(wanted)
        return self.frame.page(
            request,
            "message.html",
            status=401,
            heading=language.pick("Du är utloggad", "You are signed out"),
            text=language.pick(
                "Din inloggning har gått ut. Ingenting är sparat.",
                "Your sign-in has expired. Nothing has been saved.",
            ),
            kept=_kept(request, language),
            onwards=wanted,
            onwards_words=language.pick("Logga in igen", "Sign in again"),
        )


def _explained(error: Exception, problem: Problem, language: Language) -> str:
    """What to do about it, where the title alone does not say."""
    if isinstance(error, PermissionDeniedException):
        return language.pick(
            "Formuläret kom inte från en öppen sida i Samsyn. Ladda om sidan och skicka igen.",
            "The form did not come from an open page of Samsyn. Reload the page and send again.",
        )
    return problem.detail if problem.detail != problem.title else ""


def _kept(request: Request[Any, Any, Any], language: Language) -> list[tuple[str, str]]:
    """What was written in the form that was sent, without what was only chosen in it."""
    return [
        (language.of(FIELD_WORDS[name]), text)
        for field, values in typed_so_far(request).items()
        if (name := _ROW.sub("", field)) in FIELD_WORDS
        and (name.endswith("_sv") or name in WRITTEN)
        for text in values
        if text.strip()
    ]


async def _from_our_own_pages(request: AnyRequest) -> None:
    """The CSRF token is not bound to a session: the browser must also say where a form is from."""
    if request.method != "POST":
        return
    site = request.headers.get("sec-fetch-site", "none")
    if site not in FROM_HERE:
        raise PermissionDeniedException("The form came from another site.")
