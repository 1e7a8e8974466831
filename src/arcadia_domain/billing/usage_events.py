"""Usage that is pushed to us: what an event says, and which day it counts to (SPEC 7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from arcadia_domain.billing.deployments import LlmMode
from arcadia_domain.billing.ingest import Account, occurred_day, payload_sha256, since_epoch
from arcadia_domain.billing.llm_usage import TOKENS
from arcadia_domain.billing.usage import DayOfKind
from arcadia_domain.errors import DomainError
from arcadia_domain.pricing.kinds import resource_kind
from arcadia_domain.quantity import plain


class TokensNotCounted(DomainError):
    code = "tokens_not_counted"
    sentence = (
        "Deployment {deployment_id} was in mode {mode} at {occurred_at}: "
        "tokens are counted in mode plan only."
    )
    field = "resource_kind"


@dataclass(frozen=True, slots=True)
class UsageEvent:
    """Some usage of one kind, in its base unit. Of a peak kind it is a level: the day's is the highest."""

    id: str
    deployment_id: UUID
    resource_kind: str
    qty: Decimal
    occurred_at: datetime

    @property
    def payload_sha256(self) -> bytes:
        """1.50 is 1.5, and an instant is the same in every time zone."""
        return payload_sha256(
            self.id,
            self.deployment_id.hex,
            self.resource_kind,
            plain(self.qty),
            since_epoch(self.occurred_at),
        )


@dataclass(frozen=True, slots=True)
class PushedUsage:
    """An event as it is recorded: its day, and how that day adds up."""

    event: UsageEvent
    day: DayOfKind
    is_peak: bool

    @property
    def counted_on(self) -> DayOfKind | None:
        """The day that the event claims for what is pushed; a quantity of 0 is no usage, and claims none."""
        return self.day if self.event.qty else None


def pushed_usage(event: UsageEvent, account: Account, now: datetime) -> PushedUsage:
    """The event as it is recorded.

    Raises UnknownKind, OccurredInFuture, NaiveInstant, DateOutOfRange, TokensNotCounted.
    """
    kind = resource_kind(event.resource_kind)
    day = DayOfKind(account.tenant_id, event.deployment_id, kind.code, occurred_day(event.occurred_at, now))
    if kind.code == TOKENS:
        _must_count_tokens(event, account)
    return PushedUsage(event, day, kind.is_peak)


def _must_count_tokens(event: UsageEvent, account: Account) -> None:
    """Where the plan does not pay for tokens somebody else does: pushed as well, they would be paid twice."""
    mode = account.llm_mode_at(event.occurred_at)
    if mode is not LlmMode.PLAN:
        raise TokensNotCounted(
            deployment_id=event.deployment_id, mode=mode.value, occurred_at=event.occurred_at.isoformat()
        )
