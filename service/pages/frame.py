"""What every page shares: the visitor, the templates, redirects and waiting for one's own write."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context as TemplateContext
from litestar import Request, Response
from litestar.concurrency import sync_to_thread
from litestar.response import Redirect
from litestar.template.base import csrf_token
from markupsafe import Markup, escape

from domain.categories import CATEGORIES
from domain.codes import IssueStatus, Priority, ReferralType, ReportChannel
from domain.labels import label
from domain.refusals import Refused
from domain.values import Role
from service.i18n import how_long, number, translations, when
from service.language import Language, wanted_language
from service.services import Services
from service.visitors import Visitor, Visitors

SESSION_COOKIE = "samsyn_session"
LANGUAGE_COOKIE = "samsyn_language"
WAIT_SECONDS = 2.0
"""So long a page waits for its own write to show; then it says that it is behind."""

KINDS: dict[str, type[StrEnum]] = {
    "priority": Priority,
    "status": IssueStatus,
    "type": ReferralType,
    "channel": ReportChannel,
}

AnyRequest = Request[Any, Any, Any]


class SignInNeeded(Exception):
    """The page is for people who have signed in."""


class Frame:
    """Renders pages for a visitor; one for the whole program."""

    def __init__(self, services: Services) -> None:
        self.samsyn = services.samsyn
        self.visitors = Visitors(services)
        self.secure_cookies = services.settings.secure_cookies
        self._templates = Environment(
            loader=PackageLoader("service"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals.update(
            _=_translate,
            static=static_path,
            word=_word,
            category=_category,
            when=_when,
            long=_long,
            number=_number,
        )

    def visitor(self, request: AnyRequest) -> Visitor | None:
        """Who asks, if somebody who has signed in."""
        return self.visitors.visitor(request.cookies.get(SESSION_COOKIE))

    def signed_in(self, request: AnyRequest) -> Visitor:
        """Who asks.

        Raises:
            SignInNeeded: nobody has signed in.
        """
        visitor = self.visitor(request)
        if visitor is None:
            raise SignInNeeded
        return visitor

    def language(self, request: AnyRequest, visitor: Visitor | None) -> Language:
        """The cookie's choice, else the account's, else the browser's, else Swedish."""
        chosen = request.cookies.get(LANGUAGE_COOKIE)
        if chosen in set(Language):
            return Language(chosen)
        if visitor is not None:
            return visitor.language
        return wanted_language(request.headers.get("accept-language"))

    def page(
        self,
        request: AnyRequest,
        template: str,
        *,
        status: int = 200,
        visitor: Visitor | None = None,
        **content: object,
    ) -> Response[str]:
        """Render a page; what is shown of issues must not be kept by caches."""
        language = self.language(request, visitor)
        agencies = self.visitors.agencies()
        names = agencies.name_sv if language is Language.SV else agencies.name_en
        defaults: dict[str, object] = {
            "notice": "",
            "behind": "",
            "here": request.url.path,
            "back": request.url.path,
            "typed_first": lambda _name: "",
        }
        html = self._templates.get_template(template).render(
            defaults
            | {
                "language": language.value,
                "visitor": visitor,
                "agency_name": names,
                "navigation": navigation(visitor, language) if visitor else (),
                "csrf_input": csrf_input(request),
            }
            | content
        )
        return Response(
            html,
            status_code=status,
            media_type="text/html",
            headers={"Cache-Control": "no-store"},
        )

    def caught_up(self, position: int | None, names: Sequence[str]) -> bool:
        """Whether the read models show what stands at a position; waits for a moment if not."""
        if position is None:
            return True
        runner = self.samsyn.runner
        return all(runner.wait_for(name, position, WAIT_SECONDS) for name in names)

    async def in_thread(self, work: Callable[..., Response[Any]], *told: Any) -> Response[Any]:  # noqa: ANN401  whatever the work takes
        """Run blocking work of an async handler in a thread, as sync handlers are run."""
        return await sync_to_thread(work, *told)

    def refusal(self, request: AnyRequest, visitor: Visitor | None, refused: Refused) -> str:
        """Why not, in the reader's language."""
        return self.language(request, visitor).pick(refused.sv, refused.en)


def see_other(path: str) -> Redirect:
    """After a form: the next page by GET."""
    return Redirect(path, status_code=303)


def safe_path(wanted: str | None, otherwise: str = "/") -> str:
    """A path on this site: nobody is led elsewhere by a form or a link."""
    parts = urlsplit(wanted or "")
    is_local = not parts.scheme and not parts.netloc and (wanted or "").startswith("/")
    return str(wanted) if is_local and not str(wanted).startswith(("//", "/\\")) else otherwise


def csrf_input(request: AnyRequest) -> Markup:
    """The hidden field that proves that a form came from one of our pages."""
    token = csrf_token({"request": request})
    return Markup('<input type="hidden" name="_csrf_token" value="{}">').format(escape(token))


def navigation(visitor: Visitor, language: Language) -> list[tuple[str, str]]:
    """The main menu of a role."""
    role = visitor.actor.role
    entries = [
        ("/queue", "Min kö", "My queue", role not in (Role.REPORTER, Role.ADMIN)),
        ("/inbox", "Inkorg", "Inbox", role is not Role.ADMIN),
        (
            "/log-action",
            "Logga åtgärd",
            "Log action",
            role in (Role.CASEWORKER, Role.FIELD_OFFICER, Role.COORDINATOR),
        ),
        ("/issues", "Ärenden", "Issues", role not in (Role.REPORTER, Role.ADMIN)),
        ("/trail", "Granska", "Audit trail", role is not Role.REPORTER),
        ("/figures", "Uppföljning", "Follow-up", role not in (Role.REPORTER, Role.ADMIN)),
    ]
    return [(path, language.pick(sv, en)) for path, sv, en, shown in entries if shown]


@cache
def static_path(name: str) -> str:
    """A file's address with its content's hash in it, so that it may be kept for ever."""
    content = (resources.files("service") / "static" / name).read_bytes()
    return f"/static/{hashlib.sha256(content).hexdigest()[:12]}/{name}"


def _language_of(context: TemplateContext) -> Language:
    return Language(context["language"])


@pass_context
def _translate(context: TemplateContext, text: str) -> str:
    return translations(_language_of(context)).gettext(text)


@pass_context
def _word(context: TemplateContext, code: StrEnum | str | None, kind: str = "") -> str:
    """The words of a code; read models that keep codes as text say which `kind` it is."""
    if code is None:
        return "–"
    member = code if isinstance(code, StrEnum) else KINDS[kind](code)
    return _language_of(context).of(label(member))


@pass_context
def _category(context: TemplateContext, code: str | None) -> str:
    """The words of a category; reports may have none yet."""
    category = CATEGORIES.get(code or "")
    language = _language_of(context)
    return language.of(category.label) if category else language.pick("Vet ej", "Not known")


@pass_context
def _when(context: TemplateContext, moment: datetime | date | None) -> str:
    return "–" if moment is None else when(moment, _language_of(context))


@pass_context
def _long(context: TemplateContext, seconds: float | None) -> str:
    return "–" if seconds is None else how_long(seconds, _language_of(context))


@pass_context
def _number(context: TemplateContext, value: float | None, digits: int = 0) -> str:
    return "–" if value is None else number(value, _language_of(context), digits)


def first_of(form: Mapping[str, Sequence[str]], name: str) -> str:
    """What was typed in a field, or nothing."""
    values = form.get(name, ())
    return values[0].strip() if values else ""
