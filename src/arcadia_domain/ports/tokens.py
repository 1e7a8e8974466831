"""Who a bearer token speaks for: what doors ask of whoever verifies tokens (SPEC 16)."""

from __future__ import annotations

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
