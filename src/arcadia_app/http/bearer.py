"""Who asks: the bearer token of every request to a route that is not public (SPEC 16)."""

from __future__ import annotations

from typing import Any, Final

from litestar.connection import ASGIConnection
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult
from litestar.types import ASGIApp

from arcadia_app.http.refusals import MalformedRequest, Refusal
from arcadia_domain.ports.tokens import InvalidToken, TokenVerifier

_LONGEST: Final = 8192
"""Characters of an Authorization header: far above any token of ours."""


class TokenRefused(Refusal):
    """InvalidToken, with the header that a 401 must have."""

    code = InvalidToken.code
    sentence = InvalidToken.sentence


class BearerMiddleware(AbstractAuthenticationMiddleware):
    """Puts the principal of the token where handlers find it; without a good token, 401."""

    def __init__(self, app: ASGIApp, verifier: TokenVerifier) -> None:
        super().__init__(app)
        self._verifier = verifier

    async def authenticate_request(
        self, connection: ASGIConnection[Any, Any, Any, Any]
    ) -> AuthenticationResult:
        """Raises TokenRefused, MalformedRequest."""
        token = _token(connection.headers.getall("authorization", []))
        try:
            principal = self._verifier.verify(token)
        except InvalidToken as error:
            raise TokenRefused(
                reason=error.facts["reason"],
                headers={"WWW-Authenticate": 'Bearer realm="arcadia", error="invalid_token"'},
            ) from None
        connection.scope["state"]["principal"] = principal
        return AuthenticationResult(user=principal, auth=None)


def _token(sent: list[str]) -> str:
    """The one token of the headers. Two are none: who reads the other one would see another caller."""
    if sum(map(len, sent)) > _LONGEST:
        raise MalformedRequest(reason="its Authorization header is larger than any token.")
    scheme, _, token = sent[0].partition(" ") if len(sent) == 1 else ("", "", "")
    if scheme.lower() != "bearer" or not token.strip():
        raise TokenRefused(
            reason="exactly one is asked for, sent as 'Authorization: Bearer <token>'",
            headers={"WWW-Authenticate": 'Bearer realm="arcadia"'},
        )
    return token.strip()
