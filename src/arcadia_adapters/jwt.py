"""Guardian-shaped JSON Web Tokens, verified and (for development) minted with PyJWT (SPEC 16, 18).

Owns what a token must hold. The issuer is another service (Elixir, Guardian): this one only verifies; two
secrets are accepted while one replaces the other. Facts of Guardian: HS512 with the raw bytes of the secret,
`nbf` a second before `iat`, `aud` the issuer unless set, the kind of token in the claim `typ`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

import jwt
from jwt.exceptions import InvalidSubjectError

from arcadia_domain.billing.tenants import InvalidTenant, Tenant
from arcadia_domain.identity import Principal, Role
from arcadia_domain.ports.tokens import InvalidToken

_ALGORITHM: Final = "HS512"
_TYPE: Final = "access"
_LEEWAY: Final = timedelta(seconds=10)
"""Clocks of two machines differ a little; also, Guardian takes a token in the second of its expiry."""

_REQUIRED: Final = ("aud", "exp", "iat", "iss", "jti", "nbf", "sub", "typ", "tenant_id")
_LONGEST: Final = 8192


class JwtVerifier:
    """Verifies with the secret in force, then with the one before it."""

    def __init__(self, secrets: Sequence[str], *, issuer: str, audience: str) -> None:
        self._keys = [secret.encode() for secret in secrets if secret]
        if not self._keys:
            raise ValueError("a verifier needs a secret")
        self._issuer = issuer
        self._audience = audience

    def verify(self, token: str) -> Principal:
        """The principal that the token speaks for. Raises InvalidToken."""
        if len(token) > _LONGEST:
            raise InvalidToken(reason="it is too long")
        return _principal(self._claims(token))

    def _claims(self, token: str) -> Mapping[str, Any]:
        refused: jwt.PyJWTError | None = None
        for key in self._keys:
            try:
                return jwt.decode(
                    token,
                    key,
                    algorithms=[_ALGORITHM],
                    audience=self._audience,
                    issuer=self._issuer,
                    leeway=_LEEWAY,
                    options={"require": list(_REQUIRED)},
                )
            except jwt.InvalidSignatureError as error:
                refused = error  # perhaps signed with the other secret
            except jwt.PyJWTError as error:
                raise InvalidToken(reason=_in_words(error)) from None
        raise InvalidToken(reason="its signature is not ours") from refused


def _principal(claims: Mapping[str, Any]) -> Principal:
    if claims["typ"] != _TYPE:
        raise InvalidToken(reason=f"it is no {_TYPE} token")
    subject, roles = claims["sub"], claims.get("roles", [])
    if not subject:
        raise InvalidToken(reason="its claim sub is empty")
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        raise InvalidToken(reason="its claim roles is no list of names")
    known = frozenset(role for role in Role if role.value in roles)
    return Principal(subject, _tenant_id(claims["tenant_id"]), known)


def _tenant_id(claim: object) -> str:
    try:
        return Tenant(claim).tenant_id if isinstance(claim, str) else _refuse_tenant()
    except InvalidTenant:
        return _refuse_tenant()


def _refuse_tenant() -> str:
    raise InvalidToken(reason="its claim tenant_id names no tenant")


def _in_words(error: jwt.PyJWTError) -> str:
    """The reason without what PyJWT says of its own workings."""
    words = {
        jwt.ExpiredSignatureError: "it has expired",
        jwt.ImmatureSignatureError: "it is not valid yet",
        jwt.InvalidIssuerError: "it is from another issuer",
        jwt.InvalidAudienceError: "it is for another audience",
        jwt.InvalidAlgorithmError: f"it is not signed with {_ALGORITHM}",
        InvalidSubjectError: "its claim sub is no text",
    }
    if isinstance(error, jwt.MissingRequiredClaimError):
        return f"it lacks the claim {error.claim}"
    return next((text for kind, text in words.items() if isinstance(error, kind)), "it cannot be read")
