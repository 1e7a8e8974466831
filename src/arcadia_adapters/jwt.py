"""Guardian-shaped JSON Web Tokens, verified and (for development) minted with PyJWT (SPEC 16, 18).

Owns what a token must hold. The issuer is another service (Elixir, Guardian): this one only verifies; two
secrets are accepted while one replaces the other. Facts of Guardian: HS512 with the raw bytes of the secret,
`nbf` a second before `iat`, `aud` the issuer unless set, the kind of token in the claim `typ`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

import jwt
from jwt.exceptions import InvalidJTIError, InvalidSubjectError

from arcadia_domain.billing.tenants import InvalidTenant, Tenant
from arcadia_domain.identity import Principal, Role
from arcadia_domain.ports.tokens import InvalidToken

_ALGORITHM: Final = "HS512"
_TYPE: Final = "access"
_LEEWAY: Final = timedelta(seconds=10)
"""Clocks of two machines differ a little; also, Guardian takes a token in the second of its expiry."""

_REQUIRED: Final = ("aud", "exp", "iat", "iss", "jti", "nbf", "sub", "typ", "tenant_id")
_TIMES: Final = ("exp", "iat", "nbf")
_LONGEST: Final = 8192
_LONGEST_SUBJECT: Final = 255

# What PyJWT lets through of its parser and of claims whose type it does not expect.
_UNREADABLE: Final = (ArithmeticError, RecursionError, TypeError, ValueError)


class JwtVerifier:
    """Verifies with the secret in force, then with the one before it."""

    def __init__(self, secrets: Sequence[str | None], *, issuer: str, audience: str) -> None:
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
            except jwt.InvalidSignatureError:
                continue  # perhaps signed with the other secret
            except (jwt.PyJWTError, *_UNREADABLE) as error:
                raise InvalidToken(reason=_in_words(error)) from None
        raise InvalidToken(reason="its signature is not ours")


class JwtMinter:
    """Mints as Guardian does, with the secret in force."""

    def __init__(self, secret: str, *, issuer: str, audience: str) -> None:
        self._key = secret.encode()
        self._issuer = issuer
        self._audience = audience

    def mint(self, principal: Principal, *, now: datetime, ttl: timedelta) -> str:
        """A token that speaks for the principal from `now` until `now` + `ttl`, in whole seconds."""
        issued_at = int(now.timestamp())
        claims = {
            "aud": self._audience,
            "exp": issued_at + int(ttl.total_seconds()),
            "iat": issued_at,
            "iss": self._issuer,
            "jti": str(uuid4()),
            "nbf": issued_at - 1,
            "sub": principal.subject,
            "typ": _TYPE,
            "tenant_id": principal.tenant_id,
            "roles": sorted(role.value for role in principal.roles),
        }
        return jwt.encode(claims, self._key, algorithm=_ALGORITHM)


def _principal(claims: Mapping[str, Any]) -> Principal:
    if claims["typ"] != _TYPE:
        raise InvalidToken(reason=f"it is no {_TYPE} token")
    for name in _TIMES:
        if type(claims[name]) not in (int, float):  # PyJWT reads "17" and true as numbers
            raise InvalidToken(reason=f"its claim {name} is no time")
    subject, roles = claims["sub"], claims.get("roles", [])
    if not _is_name(subject, _LONGEST_SUBJECT):
        raise InvalidToken(reason=f"its claim sub is no text of 1 to {_LONGEST_SUBJECT} characters")
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        raise InvalidToken(reason="its claim roles is no list of names")
    known = frozenset(role for role in Role if role.value in roles)
    return Principal(subject, _tenant_id(claims["tenant_id"]), known)


def _tenant_id(claim: object) -> str:
    try:
        if isinstance(claim, str) and _is_name(claim, len(claim)):
            return Tenant(claim).tenant_id
    except InvalidTenant:
        pass
    raise InvalidToken(reason="its claim tenant_id names no tenant")


def _is_name(claim: object, longest: int) -> bool:
    """Text that every store can hold: a NUL or half a surrogate pair is none."""
    return isinstance(claim, str) and 0 < len(claim) <= longest and claim.isprintable()


def _in_words(error: Exception) -> str:
    """The reason without what PyJWT says of its own workings."""
    words = {
        jwt.ExpiredSignatureError: "it has expired",
        jwt.ImmatureSignatureError: "it is not valid yet",
        jwt.InvalidIssuerError: "it is from another issuer",
        jwt.InvalidAudienceError: "it is for another audience",
        jwt.InvalidAlgorithmError: f"it is not signed with {_ALGORITHM}",
        InvalidSubjectError: "its claim sub is no text",
        InvalidJTIError: "its claim jti is no text",
    }
    if isinstance(error, jwt.MissingRequiredClaimError):
        return f"it lacks the claim {error.claim}"
    return next((text for kind, text in words.items() if isinstance(error, kind)), "it cannot be read")
