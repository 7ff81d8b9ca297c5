"""Actions logged without a net: the page a phone keeps, and where it sends what has waited."""

import hashlib
import hmac
import json
import re
from collections.abc import Sequence
from functools import partial
from importlib import resources
from typing import Any, Final

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.template.base import csrf_token

from domain.action import PerformAction
from domain.refusals import Conflict, Invalid, Refused
from service.commands import COMMANDS
from service.forms.layout import begun
from service.pages.action_form import LAYOUT, NAME, form_of, read_action, summary_of
from service.pages.command_form import KEY
from service.pages.frame import AnyRequest, Frame, Typed, first_of, status_of
from service.pages.icon import SIDE
from service.pages.issues import READS
from service.pages.nearby import Offered
from service.pages.static_files import DRAWN, static_path
from service.pages.typed import read_typed
from service.visitors import Visitor

SHELL: Final = "/log-action/offline"
OWNER: Final = "_owner"
"""The field in which a device says whose an action is that it has kept."""
_STATIC: Final = re.compile(r"/static/[0-9a-f]+/[\w./@-]+")
_OWNER_DIGITS: Final = 24


class Owners:
    """Tells users apart on a device without saying there who they are."""

    def __init__(self, secret: str) -> None:
        self._key = secret.encode()

    def of(self, user_id: str) -> str:
        """The same for a user each time; nobody without the secret can tell whose it is."""
        told = hmac.new(self._key, f"unsent:{user_id}".encode(), hashlib.sha256)
        return told.hexdigest()[:_OWNER_DIGITS]


def unsent_pages(frame: Frame, owners: Owners) -> Sequence[HTTPRouteHandler]:
    """What a browser keeps to work without a net, and the address it sends to afterwards."""

    @get(SHELL, sync_to_thread=True, include_in_schema=False)
    def shell(request: AnyRequest) -> Response[Any]:
        return frame.answer(request, _shell(frame, request))

    @get("/log-action/unsent", sync_to_thread=True, include_in_schema=False)
    def who_sends(request: AnyRequest) -> Response[Any]:
        visitor = frame.visitor(request)
        if visitor is None:
            return _json({}, 401)
        told = {
            "owner": owners.of(visitor.actor.user_id),
            "token": csrf_token({"request": request}),
        }
        return _json(told, 200)

    @post("/log-action/unsent", include_in_schema=False)
    async def send(request: AnyRequest) -> Response[Any]:
        typed = await read_typed(request)
        return await frame.in_thread(_carry_out, frame, owners, request, typed)

    @get("/service-worker.js", sync_to_thread=True, include_in_schema=False)
    def service_worker(request: AnyRequest) -> Response[str]:
        kept = [SHELL, *dict.fromkeys(_STATIC.findall(_shell(frame, request)))]
        code = (resources.files("service") / "static" / "service-worker.js").read_text("utf-8")
        version = hashlib.sha256(f"{kept}{code}".encode()).hexdigest()[:_OWNER_DIGITS]
        begin = f'const KEPT = {json.dumps(kept)};\nconst CACHE = "samsyn-{version}";\n'
        # The browser asks for it anew each time: the pages it keeps must not outlive a new version.
        return Response(
            begin + code,
            media_type="text/javascript",
            headers={"Cache-Control": "no-cache"},
        )

    @get("/manifest.webmanifest", sync_to_thread=False, include_in_schema=False)
    def manifest() -> Response[str]:
        told = {
            "name": "Samsyn",
            "short_name": "Samsyn",
            "lang": "sv",
            "start_url": "/log-action",
            "scope": "/",
            "display": "standalone",
            "background_color": "#ffffff",
            "theme_color": "#1b3a57",
            "icons": [
                {"src": static_path("icon.svg"), "sizes": "any", "type": "image/svg+xml"},
                {"src": static_path(DRAWN), "sizes": f"{SIDE}x{SIDE}", "type": "image/png"},
            ],
        }
        return Response(json.dumps(told), media_type="application/manifest+json")

    return [shell, who_sends, send, service_worker, manifest]


def _shell(frame: Frame, request: AnyRequest) -> str:
    """The form without anything of a person or an issue: it is kept on the device."""
    visitor = frame.visitor(request)
    language = frame.language(request, visitor)
    agency_id = visitor.actor.agency_id if visitor else "police"
    return frame.render(
        request,
        "log_action.html",
        summary=(),
        form=form_of(frame, language, agency_id, begun(PerformAction, LAYOUT.shown)),
        more_open=False,
        results=(),
        offered=Offered(near=(), usual=()),
        issue_chosen="",
        issue_error="",
        key="",
        typed_first=partial(first_of, {}),
        owner="",
    )


def _carry_out(frame: Frame, owners: Owners, request: AnyRequest, typed: Typed) -> Response[Any]:
    """Log what has waited, once: the key was made when it was written."""
    visitor = frame.visitor(request)
    if visitor is None:
        return _json({}, 401)
    try:
        frame.admit(visitor, COMMANDS[NAME])
        _require_own(owners, visitor, typed)
        command = read_action(frame, visitor, typed)
        receipt = frame.samsyn.execution.execute(
            command, visitor.actor, key=f"form:{first_of(typed, KEY)}"
        )
    except Refused as refused:
        return _json({"said": _said(frame, request, visitor, refused)}, status_of(refused))
    here = frame.showing(f"/issues/{receipt.stream_id}", receipt.position, READS, done=NAME)
    return _json({"location": here}, 201)


def _require_own(owners: Owners, visitor: Visitor, typed: Typed) -> None:
    """Somebody else may have signed in on the device since: nobody logs in another's name."""
    if not first_of(typed, KEY) or first_of(typed, OWNER) != owners.of(visitor.actor.user_id):
        raise Conflict(
            "not_yours",
            "Åtgärden skrevs av någon annan på den här telefonen. Den som skrev den måste logga "
            "in för att skicka den.",
            "Somebody else wrote this action on this phone. Whoever wrote it must sign in to "
            "send it.",
        )


def _said(frame: Frame, request: AnyRequest, visitor: Visitor, refused: Refused) -> str:
    if not isinstance(refused, Invalid):
        return frame.refusal(request, visitor, refused)
    language = frame.language(request, visitor)
    return " ".join(words for _, words in summary_of(refused.errors, language))


def _json(told: object, status: int) -> Response[str]:
    return Response(
        json.dumps(told), status_code=status, media_type="application/json; charset=utf-8"
    )
