"""The refusals that operations share, by what an operation does: each is documented where it can happen."""

from __future__ import annotations

from typing import Final

CALL: Final = (
    "invalid_token",
    "malformed_request",
    "gateway_forbidden",
    "invalid_parameter",
    "too_many_requests",
    "internal_error",
    "database_busy",
    "database_unreachable",
    "database_without_schema",
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

GATEWAY: Final = tuple(code for code in BODY if code != "gateway_forbidden")
"""A call with a body that the gateway may make."""

ONCE: Final = ("idempotency_key_reused", "in_progress", "body_too_large")
"""A POST, which takes an Idempotency-Key: its body, of whatever shape, is read to tell it from another."""
