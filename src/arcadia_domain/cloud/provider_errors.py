"""What can go wrong between us and the provider, told apart by what to do next (SPEC 6, 12).

Owns the classes. Which answer is which, and what is tried again by itself, is the client's. No secret and no
body of a request ever stands in one.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, cast

from arcadia_domain.errors import DomainError


class ProviderError(DomainError):
    """A call that did not do what was asked. `call` is the method and the path, as in GET /v2/droplets.

    `status`, `error_id`, `message` and `request_id` are the provider's own words, None where it said none;
    `request_id` is what its support asks for. `outcome_unknown`: the call may have had its effect all the
    same, so look before repeating it.
    """

    code: ClassVar[str] = "provider_error"
    sentence: ClassVar[str] = "The cloud provider did not answer {call} as it should: {message}"

    def __init__(
        self,
        *,
        call: str,
        message: str,
        status: int | None = None,
        error_id: str | None = None,
        request_id: str | None = None,
        outcome_unknown: bool = False,
        **more: object,
    ) -> None:
        self.call = call
        self.message = message
        self.status = status
        self.error_id = error_id
        self.request_id = request_id
        self.outcome_unknown = outcome_unknown
        super().__init__(
            call=call,
            message=message,
            status=status,
            error_id=error_id,
            request_id=request_id,
            outcome_unknown=outcome_unknown,
            **more,
        )

    def __str__(self) -> str:
        known = [
            f"status {self.status}" if self.status is not None else "",
            self.error_id or "",
            f"request {self.request_id}" if self.request_id else "",
        ]
        said = ", ".join(part for part in known if part)
        return f"{super().__str__()} ({said})" if said else super().__str__()


class ProviderUnreachable(ProviderError):
    """No answer, or half of one: the network, a time limit."""

    code = "provider_unreachable"
    sentence = "The cloud provider gave no answer to {call}: {message}"


class ProviderFailed(ProviderError):
    """The provider says that the fault is its own (5xx)."""

    code = "provider_failed"
    sentence = "The cloud provider failed at {call}: {message}"


class ProviderUnreadable(ProviderError):
    """An answer that is not what the provider's document promises."""

    code = "provider_unreadable"
    sentence = "The answer of the cloud provider to {call} cannot be read: {message}"


class ProviderRefused(ProviderError):
    """The provider said no; nothing was done. Asking again the same way gives the same answer."""

    code = "provider_refused"
    sentence = "The cloud provider refused {call}: {message}"


class ProviderUnauthorized(ProviderRefused):
    """The token is not accepted: nothing will work until it is replaced."""

    code = "provider_unauthorized"
    sentence = "The cloud provider does not accept our token at {call}: {message}"


class ProviderForbidden(ProviderRefused):
    """The token may not do this."""

    code = "provider_forbidden"
    sentence = "Our token at the cloud provider does not allow {call}: {message}"


class SpacesKeyRefused(ProviderForbidden):
    """The key of Spaces, which is not the token, is not accepted or may not do this."""

    code = "spaces_key_refused"
    sentence = "The cloud provider refused {call} of Spaces: {message}"


class ProviderNotFound(ProviderRefused):
    """There is no such object, or not yet: right after its creation this is said of one that is coming."""

    code = "provider_not_found"
    sentence = "The cloud provider knows no object for {call}: {message}"


class ProviderConflict(ProviderRefused):
    """The state of the object does not allow it (409, 412)."""

    code = "provider_conflict"
    sentence = "The cloud provider cannot do {call} as things are: {message}"


class ProviderBusy(ProviderRefused):
    """The object is busy with another action: the same call may pass when that has ended."""

    code = "provider_busy"
    sentence = "The cloud provider is still busy with the object of {call}: {message}"


class ProviderRateLimited(ProviderError):
    """Too many calls, said by the provider or by our own count. `reset_at` is when to come back."""

    code = "provider_rate_limited"
    sentence = "The cloud provider takes no call like {call} until {reset_at}: {message}"

    @property
    def reset_at(self) -> datetime:
        """When the next call may pass, in UTC."""
        return cast("datetime", self.facts["reset_at"])


class ProviderNotAsked(ProviderError):
    """We lack what it takes to ask, such as the keys of Spaces: nothing is known either way."""

    code = "provider_not_asked"
    sentence = "The cloud provider was not asked for {call}: {message}"


class ProviderListingIncomplete(ProviderError):
    """A list of which every row counts, such as the items of an invoice, could not be had whole."""

    code = "provider_listing_incomplete"
    sentence = "The list that the cloud provider gives for {call} is not whole: {message}"
