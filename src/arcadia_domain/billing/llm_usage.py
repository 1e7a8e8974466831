"""Events of the LLM gateway: what each says, and who pays for it (SPEC 5, 8).

The gateway is the pricing authority: its charge is trusted and never priced again. How a month's charges are
rounded is invoicing's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from arcadia_domain.billing.deployments import LlmMode
from arcadia_domain.billing.ingest import Account, occurred_day, payload_sha256, since_epoch
from arcadia_domain.billing.usage import DayOfKind
from arcadia_domain.money import same_currency
from arcadia_domain.quantity import plain

TOKENS: Final = "llm_tokens"
"""The kind that tokens are usage of where the plan pays."""


@dataclass(frozen=True, slots=True)
class LlmEvent:
    """One call of a model, as the gateway tells it. `charge` in units of its currency, not in cents."""

    id: str
    deployment_id: UUID
    model: str
    input_tokens: int
    output_tokens: int
    charge: Decimal
    currency: str
    occurred_at: datetime

    @property
    def payload_sha256(self) -> bytes:
        """1.50 is 1.5, and an instant is the same in every time zone."""
        return payload_sha256(
            self.id,
            self.deployment_id.hex,
            self.model,
            str(self.input_tokens),
            str(self.output_tokens),
            plain(self.charge),
            self.currency,
            since_epoch(self.occurred_at),
        )


@dataclass(frozen=True, slots=True)
class LlmUsage:
    """An event as it is recorded: whose it is, the mode in force when it occurred, the UTC day of it."""

    event: LlmEvent
    tenant_id: str
    mode: LlmMode
    day: date

    @property
    def counted_on(self) -> DayOfKind | None:
        """The day whose usage the tokens are, where the plan pays for them."""
        if self.mode is not LlmMode.PLAN:
            return None
        return DayOfKind(self.tenant_id, self.event.deployment_id, TOKENS, self.day)


def llm_usage(event: LlmEvent, account: Account, now: datetime) -> LlmUsage:
    """The event as it is recorded. Raises MixedCurrencies, OccurredInFuture, NaiveInstant, DateOutOfRange."""
    same_currency(account.currency, event.currency, f"Event {event.id!r}")
    day = occurred_day(event.occurred_at, now)
    return LlmUsage(event, account.tenant_id, account.llm_mode_at(event.occurred_at), day)
