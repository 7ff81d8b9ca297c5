"""Who asks: the user of the bearer token, with the agency and role the directory gives now."""

from typing import Any, Final

from litestar.concurrency import sync_to_thread
from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException
from litestar.middleware.authentication import (
    AbstractAuthenticationMiddleware,
    AuthenticationResult,
)
from structlog.contextvars import bind_contextvars

from domain.refusals import NotAllowed
from infra.tokens import Token, rows_by_id, shown_in
from service.services import Services

REALM: Final = 'Bearer realm="samsyn"'
_SCHEME: Final = "bearer"


class TokenAuthentication(AbstractAuthenticationMiddleware):
    """Lets nobody in without a good token of a user who has a grant. Cookies count for nothing."""

    async def authenticate_request(
        self, connection: ASGIConnection[Any, Any, Any, Any]
    ) -> AuthenticationResult:
        """Find the token and its user's grant; directory and tokens are read each time."""
        services: Services = connection.app.state.services
        scheme, _, text = connection.headers.get("authorization", "").partition(" ")
        if scheme.lower() != _SCHEME:
            raise NotAuthorizedException(headers={"WWW-Authenticate": REALM})
        token = await _token(services, text.strip())
        if token is None:
            raise NotAuthorizedException(
                headers={"WWW-Authenticate": f'{REALM}, error="invalid_token"'}
            )
        actor = services.actor_in(services.samsyn.directory.known(), token.user_id)
        if actor is None:
            raise NotAllowed(
                "no_grant",
                "Användaren har ingen roll hos någon myndighet. En systemförvaltare kan ge den.",
                "The user has no role at any agency. An administrator can give one.",
                who_may=("admin",),
            )
        bind_contextvars(user=actor.user_id, agency=actor.agency_id, token_id=str(token.token_id))
        return AuthenticationResult(user=actor, auth=token)


async def _token(services: Services, text: str) -> Token | None:
    """Ask for the token, and for what is new in the directory, in the same round."""
    shown = shown_in(text)
    if shown is None:
        return None
    samsyn, tokens = services.samsyn, services.tokens
    row, news = await samsyn.lookups.ask_async(
        (rows_by_id, shown.token_id), samsyn.directory.question()
    )
    samsyn.directory.learn(news)
    token = tokens.recognise(shown, row)
    if token is not None and tokens.is_use_worth_noting(token):
        await sync_to_thread(tokens.note_use, token)
    return token
