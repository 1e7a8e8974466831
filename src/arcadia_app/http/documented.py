"""The refusals that operations share, by what an operation does: each is documented where it can happen."""

from __future__ import annotations

from typing import Final

CALL: Final = (
    "invalid_token",
    "malformed_request",
    "gateway_forbidden",
    "invalid_parameter",
    "too_many_requests",
    "database_busy",
)
"""Any call with a token."""

LIST: Final = (*CALL, "invalid_cursor")
"""A list with pages."""

BODY: Final = (
    *CALL,
    "invalid_body",
    "body_too_large",
    "unsupported_media_type",
)
"""A call with a body."""

ONCE: Final = ("idempotency_key_reused", "in_progress")
"""A POST, which takes an Idempotency-Key."""
