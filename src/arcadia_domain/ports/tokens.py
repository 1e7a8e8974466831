"""Who a bearer token speaks for: what doors ask of whoever verifies and mints tokens (SPEC 16)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from arcadia_domain.errors import DomainError
from arcadia_domain.identity import Principal


class InvalidToken(DomainError):
    """The token is not one of ours, or not valid now. `reason` may be told to whoever sent it."""

    code = "invalid_token"
    sentence = "The bearer token is refused: {reason}."


class TokenVerifier(Protocol):
    """Tells the principal of a token."""

    def verify(self, token: str) -> Principal:
        """The principal that the token speaks for. Raises InvalidToken."""
        ...


class TokenMinter(Protocol):
    """Makes tokens for development; those of real users are made by the issuer."""

    def mint(self, principal: Principal, *, now: datetime, ttl: timedelta) -> str:
        """A token that speaks for the principal from `now` until `now` + `ttl`, in whole seconds."""
        ...
