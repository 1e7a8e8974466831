"""What the door itself refuses, before any use case is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from arcadia_app.wire.problem import FieldError
from arcadia_domain.errors import DomainError


class Refusal(DomainError):
    """A refusal with the fields it is about, and the headers it is answered with."""

    def __init__(
        self, errors: Sequence[FieldError] = (), headers: Mapping[str, str] | None = None, **facts: object
    ) -> None:
        super().__init__(**facts)
        self.errors = list(errors)
        self.headers = dict(headers or {})


class InternalError(Refusal):
    """What an unforeseen exception is answered as: what it says is for us."""

    code = "internal_error"
    sentence = "Something went wrong on our side."


class InvalidBody(Refusal):
    code = "invalid_body"
    sentence = "The body is not what is asked for: see errors."


class InvalidParameter(Refusal):
    code = "invalid_parameter"
    sentence = "A parameter is not what is asked for: see errors."


class MalformedRequest(Refusal):
    code = "malformed_request"
    sentence = "The request cannot be read: {reason}"


class UnsupportedMediaType(Refusal):
    code = "unsupported_media_type"
    sentence = "The body must be {expected}, and its Content-Type must say so."


class BodyTooLarge(Refusal):
    code = "body_too_large"
    sentence = "The body is larger than this operation takes."


class NoSuchPath(Refusal):
    code = "not_found"
    sentence = "There is nothing at this path."


class MethodNotAllowed(Refusal):
    code = "method_not_allowed"
    sentence = "This path does not take this method."


class IdempotencyKeyReused(Refusal):
    code = "idempotency_key_reused"
    sentence = "This Idempotency-Key was used for another body: use a new key for a new request."


class InProgress(Refusal):
    code = "in_progress"
    sentence = "A request with this Idempotency-Key is still running: ask again."


class Stale(Refusal):
    code = "stale"
    sentence = "It has changed since you read it: read it again, and then decide."


class TooManyRequests(Refusal):
    code = "too_many_requests"
    sentence = "The tenant has used its rate of requests up: wait {seconds} s."


class InvalidCursor(Refusal):
    code = "invalid_cursor"
    sentence = "This cursor was not made by this list: begin again without one."


class GatewayForbidden(Refusal):
    code = "gateway_forbidden"
    sentence = "The token of the LLM gateway records usage, and opens nothing else."
