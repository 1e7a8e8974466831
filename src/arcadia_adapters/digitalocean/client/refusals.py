"""From an answer that is no success to the error that says what to do next.

Owns the reading of DigitalOcean's error bodies: {"id", "message", "request_id"?}, the request's id perhaps in
a header only. Never raises for a body that is something else.
"""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
from attrs import frozen

from arcadia_adapters.digitalocean.client.exchange import Answer
from arcadia_adapters.digitalocean.client.secret import Secret
from arcadia_domain.cloud.provider_errors import (
    ProviderBusy,
    ProviderConflict,
    ProviderError,
    ProviderFailed,
    ProviderForbidden,
    ProviderNotFound,
    ProviderRateLimited,
    ProviderRefused,
    ProviderUnauthorized,
)

_LONGEST = 500
_BY_STATUS: dict[int, type[ProviderRefused]] = {
    401: ProviderUnauthorized,
    403: ProviderForbidden,
    404: ProviderNotFound,
    409: ProviderConflict,
    412: ProviderConflict,
}
_STILL_BUSY = "pending event"
"""How a 422 says that another action is at work: DigitalOcean has no status of its own for it."""


@frozen
class _Body:
    id: str | None = None
    message: str | None = None
    request_id: str | None = None


@frozen
class _Said:
    message: str
    id: str | None
    request_id: str | None


_SAID = msgspec.json.Decoder(_Body)


def refusal(call: str, answer: Answer, token: Secret, *, reads: bool) -> ProviderError:
    """The error for an answer that is neither a success nor a rate limit."""
    said = _said(answer, token)
    return _class_of(answer.status, said.message)(
        call=call,
        message=said.message,
        status=answer.status,
        error_id=said.id,
        request_id=said.request_id,
        outcome_unknown=answer.status >= 500 and not reads,
    )


def rate_limited(call: str, answer: Answer, token: Secret, reset_at: float) -> ProviderRateLimited:
    """The error for a 429. `reset_at`, in seconds since 1970, is when to come back."""
    said = _said(answer, token)
    return ProviderRateLimited(
        call=call,
        message=said.message,
        status=answer.status,
        error_id=said.id,
        request_id=said.request_id,
        reset_at=instant(reset_at),
    )


def request_id(answer: Answer) -> str | None:
    """What DigitalOcean's support asks for, as the header says it."""
    found = answer.headers.get("x-request-id")
    return _line(found) if found else None


def instant(seconds: float) -> datetime:
    """Seconds since 1970 as an instant, to the second."""
    return datetime.fromtimestamp(int(seconds), UTC)


def _class_of(status: int, message: str) -> type[ProviderError]:
    if status >= 500:
        return ProviderFailed
    if status == 422 and _STILL_BUSY in message:
        return ProviderBusy
    return _BY_STATUS.get(status, ProviderRefused)


def _said(answer: Answer, token: Secret) -> _Said:
    """What the body says, fit to be shown; the token blotted out, should it have been echoed."""
    try:
        said = _SAID.decode(answer.body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        said = _Body()
    return _Said(
        message=_line(token.without(said.message or "it gave no reason")),
        id=_line(token.without(said.id)) if said.id else None,
        request_id=_line(said.request_id) if said.request_id else request_id(answer),
    )


def _line(text: str) -> str:
    """A stranger's text as one line that a log can hold."""
    return " ".join("".join(c if c.isprintable() else " " for c in text[:_LONGEST]).split())
