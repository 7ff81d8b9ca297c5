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
from domain.values import Actor
from infra.tokens import Token
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
        token, actor = await sync_to_thread(_known, services, text.strip())
        if token is None:
            raise NotAuthorizedException(
                headers={"WWW-Authenticate": f'{REALM}, error="invalid_token"'}
            )
        if actor is None:
            raise NotAllowed(
                "no_grant",
                "Användaren har ingen roll hos någon myndighet. En systemförvaltare kan ge den.",
                "The user has no role at any agency. An administrator can give one.",
                who_may=("admin",),
            )
        bind_contextvars(user=actor.user_id, agency=actor.agency_id, token_id=str(token.token_id))
        return AuthenticationResult(user=actor, auth=token)


def _known(services: Services, text: str) -> tuple[Token | None, Actor | None]:
    token = services.tokens.find(text)
    return token, None if token is None else services.actor_of(token.user_id)
