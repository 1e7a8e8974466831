"""A call to the provider: a place in the budget, the exchange, another try where that is right, then the
answer read or the error raised.

Owns the order of these and the one loop. Each step's rule stands in its own file: budget, exchange,
repeating, refusals. Logs the path, the status and the provider's request id; no query, header or body.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

import httpx

from arcadia_adapters.digitalocean.client.access import Limits
from arcadia_adapters.digitalocean.client.budget import Budget, BudgetState, NoPlace
from arcadia_adapters.digitalocean.client.decoding import Unreadable
from arcadia_adapters.digitalocean.client.exchange import Answer, Exchange, NoAnswer
from arcadia_adapters.digitalocean.client.refusals import instant, rate_limited, refusal, request_id
from arcadia_adapters.digitalocean.client.repeating import (
    TOO_MANY_REQUESTS,
    attempts_at,
    may_repeat,
    passes,
    pause,
)
from arcadia_adapters.digitalocean.client.secret import Secret
from arcadia_adapters.digitalocean.client.waiting import Waiting
from arcadia_domain.cloud.provider_errors import (
    ProviderError,
    ProviderNotFound,
    ProviderRateLimited,
    ProviderUnreachable,
    ProviderUnreadable,
)

T = TypeVar("T")
Params = Mapping[str, str | int]


class Refuse(Protocol):
    """Makes the error of an answer that is neither a success nor a rate limit."""

    def __call__(self, call: str, answer: Answer, token: Secret, *, reads: bool) -> ProviderError: ...


_LOG = logging.getLogger(__name__)


class Calls:
    """The verbs. `read` makes a value of an answer's body, or raises Unreadable. Shared by threads."""

    def __init__(
        self,
        exchange: Exchange,
        token: Secret,
        budget: Budget,
        limits: Limits,
        waiting: Waiting,
        *,
        refuse: Refuse = refusal,
    ) -> None:
        self._exchange = exchange
        self._token = token
        self._budget = budget
        self._limits = limits
        self._waiting = waiting
        self._refuse = refuse

    @property
    def budget(self) -> BudgetState:
        """How many calls are left."""
        return self._budget.state()

    def get(self, path: str, read: Callable[[bytes], T], params: Params | None = None) -> T:
        """Read something. Raises ProviderError."""
        return self._call(self._exchange.request("GET", path, params=params), read)

    def look(self, path: str, read: Callable[[bytes], T]) -> T | None:
        """Read something that may not be there: None for a 404. Raises ProviderError."""
        try:
            return self.get(path, read)
        except ProviderNotFound:
            return None

    def post(self, path: str, content: bytes, read: Callable[[bytes], T]) -> T:
        """Make or start something: sent once. Raises ProviderError; see its outcome_unknown."""
        return self._call(self._exchange.request("POST", path, content=content), read)

    def put(self, path: str, content: bytes, read: Callable[[bytes], T]) -> T:
        """Make something be what the content says. Raises ProviderError."""
        return self._call(self._exchange.request("PUT", path, content=content), read)

    def delete(self, path: str, content: bytes | None = None) -> None:
        """Have something be gone: that it was gone already is success too. Raises ProviderError."""
        try:
            self._call(self._exchange.request("DELETE", path, content=content), nothing)
        except ProviderNotFound:
            return

    def close(self) -> None:
        """Let the connections go."""
        self._exchange.close()

    def _call(self, request: httpx.Request, read: Callable[[bytes], T]) -> T:
        call = f"{request.method} {request.url.path}"
        repeatable = may_repeat(request.method)
        attempts = self._limits.attempts if repeatable else 1
        for attempt in range(1, attempts + 1):
            answer = self._sent(request, call)
            seconds = pause(attempt, answer, self._waiting.now())
            result = self._result(answer, call, read, seconds, reads=repeatable)
            if not isinstance(result, ProviderError):
                return result
            again = passes(answer) or isinstance(result, ProviderUnreadable)
            if not again or attempt >= attempts_at(answer, attempts) or seconds > self._limits.patience:
                raise result
            _LOG.info("%s: %s, attempt %d, again in %.1f s", call, result.code, attempt, seconds)
            self._waiting.wait(seconds)
        raise AssertionError("a call is attempted at least once")

    def _sent(self, request: httpx.Request, call: str) -> Answer | NoAnswer:
        try:
            with self._budget.place(request.url.path):
                answer = self._exchange.send(request)
                if isinstance(answer, Answer):
                    self._budget.learn(answer.headers)
                return answer
        except NoPlace as full:
            at = full.at
        raise ProviderRateLimited(call=call, message="our calls are used up", reset_at=instant(at))

    def _result(
        self,
        answer: Answer | NoAnswer,
        call: str,
        read: Callable[[bytes], T],
        seconds: float,
        *,
        reads: bool,
    ) -> T | ProviderError:
        if isinstance(answer, NoAnswer):
            unknown = answer.sent and not reads
            return ProviderUnreachable(call=call, message=answer.reason, outcome_unknown=unknown)
        if answer.status == TOO_MANY_REQUESTS:
            self._budget.hold(seconds)
            return rate_limited(call, answer, self._token, self._waiting.now() + seconds)
        if not 200 <= answer.status < 300:
            return self._refuse(call, answer, self._token, reads=reads)
        try:
            return read(answer.body)
        except Unreadable as error:
            reason = error.reason
        return ProviderUnreadable(
            call=call,
            message=reason,
            status=answer.status,
            request_id=request_id(answer),
            outcome_unknown=not reads,
        )


def nothing(_body: bytes) -> None:
    """Read an answer whose body says nothing."""
