"""What a door that is called over a network asks of its store: answers kept for retries, and rate limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True)
class AnswerKey:
    """Under what an answer is kept: who asked for what, under which Idempotency-Key."""

    tenant_id: str
    principal: str
    route: str
    key: str


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer as it was given, and the hash of the body it answered."""

    body_sha256: bytes
    status: int
    headers: Mapping[str, str]
    response: bytes


class Answers(Protocol):
    """Answers kept under idempotency keys, in the transaction of the act that they answer for."""

    def claim(self, key: AnswerKey) -> bool:
        """Whether this transaction is the one that may act under the key, until it ends. Never waits."""
        ...

    def find(self, key: AnswerKey, now: datetime) -> KeptAnswer | None:
        """The answer that is kept and has not expired."""
        ...

    def keep(self, key: AnswerKey, answer: KeptAnswer, expires_at: datetime) -> None:
        """Keep the answer, in place of one that has expired. Only after `claim` said yes."""
        ...


@dataclass(frozen=True, slots=True)
class Rate:
    """`limit` requests in `window`, all at once if need be; what was used comes back evenly."""

    limit: int
    window: timedelta

    @property
    def interval(self) -> timedelta:
        """The time in which one request comes back, rounded down: `limit` of them fit in `window`."""
        return self.window // self.limit


class RateLimits(Protocol):
    """How much of its rate each tenant has used, shared by every process."""

    def take(self, tenant_id: str, rate: Rate, now: datetime) -> timedelta | None:
        """None: the request may go on and is counted. Else how long to wait, and nothing is counted."""
        ...
