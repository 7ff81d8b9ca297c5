"""What every page shares: the visitor, the language, redirects and waiting for one's own write."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import cache, partial
from typing import Any, cast
from urllib.parse import urlencode

from litestar import Request, Response
from litestar.concurrency import sync_to_thread
from litestar.response import Redirect
from litestar.template.base import csrf_token
from markupsafe import Markup, escape

from domain.agencies import Agencies
from domain.command import Who
from domain.refusals import Conflict, Invalid, NotAllowed, NotFound, Refused
from service.access import Looked
from service.commands import COMMANDS, Row, Target
from service.desk import Desk
from service.forms.command_words import COMMAND_WORDS
from service.language import Language, wanted_language
from service.live.asking import positions_asked, positions_told
from service.live.hub import Live
from service.pages import typed
from service.pages.behind import Behind, behind_by
from service.pages.counts import menu_counts
from service.pages.display import COOKIE as DISPLAY_COOKIE
from service.pages.display import DENSITY_WORDS, SCHEME_WORDS, display_of
from service.pages.live_news import issue_of
from service.pages.navigation import entries_of, entry_of
from service.pages.packing import packed
from service.pages.readers import reads_issues, require_reader
from service.pages.rendering import Templates
from service.pages.way_back import way_back
from service.read_only import ReadOnly, Watch
from service.sealed_so_far import KnownSafety
from service.services import Services
from service.short_names import short_name
from service.tracing import TO_PRINT
from service.visitors import Visitor, Visitors

LANGUAGE_COOKIE = "samsyn_language"
STATUS: Mapping[type[Refused], int] = {
    NotAllowed: 403,
    NotFound: 404,
    Conflict: 409,
    Invalid: 422,
    ReadOnly: 503,
}

UNDO = "undo"
"""In the address after a command: the version of the record that it led to."""
UNDONE = "undone"
"""What was done, if it was to take something back."""
RECEIPT = "receipt"
"""In the address after a command: the position of what was recorded."""

VARY = "Accept-Encoding, Accept-Language, Cookie, HX-Request, HX-Request-Type, Sec-Fetch-Site"

_SHOWN_AT = "samsyn.shown_at"

AnyRequest = Request[Any, Any, Any]
Typed = typed.Typed


class SignInNeeded(Exception):
    """The page is for people who have signed in."""


class Frame:
    """Renders pages for a visitor; one for the whole program."""

    def __init__(self, services: Services) -> None:
        self.samsyn = services.samsyn
        self.settings = services.settings
        self.receipts = services.receipts
        self.safety = KnownSafety(services.settings)
        self.visitors = Visitors(services)
        self.read_models = services.read_models
        self.desk = Desk.of(services.samsyn)
        self.live = Live(services.samsyn, services.settings.redis_url, self.visitors.still_good)
        self.secure_cookies = services.settings.secure_cookies
        # The prefix makes browsers refuse the cookie from anywhere but this very host over TLS.
        self.session_cookie = "__Host-samsyn_session" if self.secure_cookies else "samsyn_session"
        self._templates = Templates()
        self._watch = Watch(services.samsyn.engine)

    def visitor(self, request: AnyRequest) -> Visitor | None:
        """Who asks, if somebody who has signed in."""
        token = request.cookies.get(self.session_cookie)
        # What a page asks by itself is no sign that somebody sits before it.
        by_itself = request.url.path.startswith("/live")
        keep = cast("dict[str, Any]", request.scope)
        # Noted before anything is read: what comes later is told to the page.
        keep.setdefault(_SHOWN_AT, self.live.position)
        visitor = self.visitors.visitor(token, touch=not by_itself)
        if visitor is not None:
            keep["user"] = visitor.actor  # for the log line
        return visitor

    def signed_in(self, request: AnyRequest) -> Visitor:
        """Who asks.

        Raises:
            SignInNeeded: nobody has signed in.
        """
        visitor = self.visitor(request)
        if visitor is None:
            raise SignInNeeded
        return visitor

    def reader(self, request: AnyRequest) -> Visitor:
        """Who asks, if somebody whose role reads issues.

        Raises:
            SignInNeeded: nobody has signed in.
            NotAllowed: reporters read their own reports, administrators no content at all.
        """
        visitor = self.signed_in(request)
        require_reader(visitor)
        return visitor

    async def reader_by_itself(self, request: AnyRequest) -> tuple[Visitor, Mapping[str, int]]:
        """The same for what an open page asks for, and how far read models were just now.

        Raises:
            SignInNeeded: nobody has signed in.
            NotAllowed: the role reads no issues.
        """
        token = request.cookies.get(self.session_cookie)
        if not token:
            raise SignInNeeded
        visitor, answers = await self.visitors.visitor_and(token, *positions_asked())
        if visitor is None:
            raise SignInNeeded
        cast("dict[str, Any]", request.scope)["user"] = visitor.actor  # for the log line
        require_reader(visitor)
        return visitor, positions_told(answers)

    def admit(self, visitor: Visitor, row: Row) -> None:
        """Refuse whoever may not give a command, whatever it is about.

        Raises:
            NotAllowed: the role may not, or the agency is no authority and only may answer.
        """
        row.admit(visitor.actor)
        answers = row.command.who in (Who.RECEIVER, Who.SENDER)
        if row.target in (Target.ISSUE, Target.NEW_ISSUE) and not answers:
            visitor.agencies.require_authority(visitor.actor, self.samsyn.clock())

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
    ) -> Response[bytes]:
        """Answer with a page."""
        return self.answer(
            request, self.render(request, template, visitor=visitor, **content), status
        )

    def answer(self, request: AnyRequest, page: str, status: int = 200) -> Response[bytes]:
        """A page as it is sent; what is shown of issues must not be kept by caches."""
        content, how = packed(request, page, encrypted=self.secure_cookies)
        return Response(
            content,
            status_code=status,
            media_type="text/html",
            headers={"Cache-Control": "no-store", "Vary": VARY, **how},
        )

    def part(
        self,
        request: AnyRequest,
        template: str,
        visitor: Visitor,
        *,
        here: str,
        entry: str,
        **content: object,
    ) -> Response[bytes]:
        """Answer with parts of the page `here`, under an `entry`; asks the database for nothing."""
        language = self.language(request, visitor)
        common: dict[str, object] = {
            "language": language.value,
            "navigation": entries_of(visitor, language).items(),
            "here": here,
            "entry": entry,
            "csrf_input": csrf_input(request),
            "news": None,
        }
        return self.answer(request, self._templates.render(template, common | content))

    def render(
        self,
        request: AnyRequest,
        template: str,
        *,
        visitor: Visitor | None = None,
        **content: object,
    ) -> str:
        """The text of a page for a visitor."""
        language = self.language(request, visitor)
        entries = entries_of(visitor, language) if visitor else {}
        back = way_back(request)
        common: dict[str, object] = {
            "language": language.value,
            "visitor": visitor,
            "agency_name": self._agency_name(language, visitor),
            "short_name": self._short_name(language, visitor),
            "navigation": entries.items(),
            # Parts of pages have no menu, and count nothing.
            "counts": lambda: self._counts(visitor) if visitor else {},
            "searches": visitor is not None and reads_issues(visitor),
            "opens": visitor is not None and may_open(visitor),
            "display": display_of(request.cookies.get(DISPLAY_COOKIE)),
            "schemes": [(each.value, language.of(words)) for each, words in SCHEME_WORDS.items()],
            "densities": [
                (each.value, language.of(words)) for each, words in DENSITY_WORDS.items()
            ],
            "csrf_input": csrf_input(request),
            "read_only": self._watch.said(language) if visitor else "",
            "behind": "",
            "undo": None,
            "news": None,
            "notice": self.notice(request, language),
            "receipt": position_in(request, RECEIPT),
            "here": request.url.path,
            "entry": entry_of(request.url.path, request.query_params.get("list", ""), entries),
            "shown_at": cast("dict[str, Any]", request.scope).get(_SHOWN_AT, 0),
            "issue_open": issue_of(request.url.path),
            "back": back,
            "printing": TO_PRINT in request.query_params.multi_items(),
            "print_view": f"{back}{'&' if '?' in back else '?'}{urlencode([TO_PRINT])}",
            "typed_first": partial(first_of, {}),
        }
        return self._templates.render(template, common | content)

    def entry(self, visitor: Visitor, here: str, came_from: str) -> str:
        """The menu's entry under which a page stands for a visitor; see `entry_of`."""
        return entry_of(here, came_from, entries_of(visitor, Language.SV))

    def after_command(
        self, path: str, position: int, names: Sequence[str], *, done: str, undo: int | None = None
    ) -> Redirect:
        """Go to the page that shows what was just written; see `showing`."""
        return see_other(self.showing(path, position, names, done=done, undo=undo))

    def showing(
        self, path: str, position: int, names: Sequence[str], *, done: str, undo: int | None = None
    ) -> str:
        """The address that shows what was just written, once it does; if not in time, it says so.

        `undo` is the version that the record came to by something that can be taken back.
        """
        told = {"done": done, RECEIPT: str(position)} | ({UNDO: str(undo)} if undo else {})
        if not self.read_models.wait(names, position):
            told["at"] = str(position)
        return f"{path}{'&' if '?' in path else '?'}{urlencode(told)}"

    def notice(self, request: AnyRequest, language: Language) -> str:
        """What the visitor has just done, if the page follows a command."""
        done = request.query_params.get("done", "")
        if done == UNDONE:
            return language.pick("Ångrat. Det står som förut.", "Undone. It is as it was before.")
        words = COMMAND_WORDS.get(done)
        return f"{language.pick('Sparat', 'Saved')}: {language.of(words)}." if words else ""

    def reading(
        self, visitor: Visitor, looked: Looked, positions: Mapping[str, int] | None = None
    ) -> AbstractContextManager[Any]:
        """The way to everything that people read: no row in the access log, no page.

        A connection to servers that have come to these positions; show what it gave only once the
        block is left.
        """
        return self.samsyn.access.reading(visitor.viewer, looked, positions)

    def counting(self, positions: Mapping[str, int] | None = None) -> AbstractContextManager[Any]:
        """A connection to ask how many, or of which id: for what shows nothing of an issue."""
        return self.samsyn.reading.connection(positions or {})

    def behind(self, request: AnyRequest, visitor: Visitor, names: Sequence[str]) -> Behind:
        """What a page of these read models must say of itself, and how new it must be at least.

        Ask before reading.
        """
        fresh = self.read_models.freshness(names, position_in(request, "at"))
        return Behind(behind_by(fresh, self.language(request, visitor)), fresh.positions)

    async def in_thread(self, work: Callable[..., Response[Any]], *told: Any) -> Response[Any]:  # noqa: ANN401  whatever the work takes
        """Run blocking work of an async handler in a thread, as sync handlers are run.

        These handlers take what is sent: that it was refused is logged before it is told.
        """
        try:
            return await sync_to_thread(work, *told)
        except Refused as refused:
            await sync_to_thread(self.samsyn.access.refused_request, refused)
            raise

    def refusal(self, request: AnyRequest, visitor: Visitor | None, refused: Refused) -> str:
        """Why not, in the reader's language."""
        return self.language(request, visitor).pick(refused.sv, refused.en)

    def _counts(self, visitor: Visitor) -> dict[str, int]:
        if not reads_issues(visitor):
            return {}
        with self.counting() as db:
            return menu_counts(db, visitor.viewer, self.visitors.inboxes(visitor))

    def _directory(self, visitor: Visitor | None) -> Callable[[], Agencies]:
        # Without a visitor not asked before a page names an agency: the page of an error must come
        # out also when the database is away.
        return cache(self.visitors.agencies) if visitor is None else lambda: visitor.agencies

    def _agency_name(self, language: Language, visitor: Visitor | None) -> Callable[[str], str]:
        agencies = self._directory(visitor)
        return lambda agency_id: language.pick(
            agencies().name_sv(agency_id), agencies().name_en(agency_id)
        )

    def _short_name(self, language: Language, visitor: Visitor | None) -> Callable[[str], str]:
        agencies = self._directory(visitor)

        def name(agency_id: str) -> str:
            agency = agencies().get(agency_id)
            return language.of(short_name(agency)) if agency else agency_id

        return name


def position_in(request: AnyRequest, name: str) -> int | None:
    """A position of the log that the address names, if it does."""
    text = request.query_params.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 19 else None  # noqa: PLR2004  63 bits


def status_of(refused: Refused) -> int:
    """The HTTP status that says how a command was refused."""
    return next(code for kind, code in STATUS.items() if isinstance(refused, kind))


def may_open(visitor: Visitor) -> bool:
    """Whether the visitor may open issues at all."""
    return visitor.actor.role in COMMANDS["OpenIssue"].roles and visitor.viewer.authority


def is_partial(request: AnyRequest) -> bool:
    """Whether a part of the page is asked for, to be put in place of that part."""
    return request.headers.get("hx-request-type") == "partial"


def see_other(path: str) -> Redirect:
    """After a form: the next page by GET."""
    return Redirect(path, status_code=303)


def csrf_input(request: AnyRequest) -> Markup:
    """The hidden field that proves that a form came from one of our pages."""
    token = csrf_token({"request": request})
    return Markup('<input type="hidden" name="_csrf_token" value="{}">').format(escape(token))


def first_of(form: Mapping[str, Sequence[str]], name: str) -> str:
    """What was typed in a field, or nothing."""
    values = form.get(name, ())
    return values[0].strip() if values else ""
