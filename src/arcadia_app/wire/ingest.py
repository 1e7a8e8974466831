"""Usage that other services tell us, and what became of it, on the wire (SPEC 18)."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Final
from uuid import UUID

from msgspec import Meta

from arcadia_app.wire.types import Body, Currency, Instant, Kind, Shape
from arcadia_domain.billing.llm_usage import LlmEvent
from arcadia_domain.billing.usage_events import UsageEvent

LARGEST_BATCH: Final = 5000
"""Events. Also so that the sum of a batch is a quantity: with the bounds below, less than 10^14."""

EventId = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=200,
        pattern=r"^[^\x00]*\Z",
        description="The caller's own id of the event, without NUL characters: it is recorded once.",
        examples=["req-7f3a"],
    ),
]
Model = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=200,
        pattern=r"^[^\x00]*\Z",
        description="A name, without NUL characters.",
        examples=["a-model"],
    ),
]
Tokens = Annotated[int, Meta(ge=0, le=10**9, examples=[1200])]
Charge = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{1,9}(\.[0-9]{1,8})?\Z",
        description="A decimal string in units of the currency: 0.0123 is 1.23 cents.",
        examples=["0.0123"],
    ),
]
PushedQty = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{1,10}(\.[0-9]{1,6})?\Z",
        description="A decimal string in the kind's base unit.",
        examples=["12.5"],
    ),
]


class LlmUsageEvent(Body):
    """A priced call of a model. The charge is trusted and never priced again."""

    gateway_request_id: EventId
    deployment_id: UUID
    model: Model
    input_tokens: Tokens
    output_tokens: Tokens
    charge: Charge
    currency: Currency
    occurred_at: Instant

    def event(self) -> LlmEvent:
        return LlmEvent(
            self.gateway_request_id,
            self.deployment_id,
            self.model,
            self.input_tokens,
            self.output_tokens,
            Decimal(self.charge),
            self.currency,
            self.occurred_at,
        )


class LlmUsageBatch(Body):
    """Priced calls. One that is refused never fails its neighbours."""

    events: Annotated[list[LlmUsageEvent], Meta(min_length=1, max_length=LARGEST_BATCH)]


class RejectedLlmUsage(Shape, rename={"event_id": "gateway_request_id"}):
    """An event that was not recorded, and why. `index` is its place in the batch, from 0."""

    index: int
    event_id: Annotated[str | None, Meta(description="None where the event has none that can be read.")]
    code: str
    detail: str


class LlmUsageVerdicts(Shape):
    """What became of each event. A conflict's id is recorded with another payload, and that stays."""

    accepted: int
    duplicates: int
    conflicts: list[str]
    rejected: list[RejectedLlmUsage]


class UsageToRecord(Body):
    """Usage of one kind. Of a peak kind (dns_zones) it is a level: the day's is the highest."""

    event_id: EventId
    deployment_id: UUID
    resource_kind: Kind
    qty: PushedQty
    occurred_at: Instant

    def event(self) -> UsageEvent:
        return UsageEvent(
            self.event_id, self.deployment_id, self.resource_kind, Decimal(self.qty), self.occurred_at
        )


class UsageBatch(Body):
    """Usage of any deployments and kinds. An event that is refused never fails its neighbours."""

    events: Annotated[list[UsageToRecord], Meta(min_length=1, max_length=LARGEST_BATCH)]


class RejectedUsage(Shape):
    """An event that was not recorded, and why. `index` is its place in the batch, from 0."""

    index: int
    event_id: Annotated[str | None, Meta(description="None where the event has none that can be read.")]
    code: str
    detail: str


class UsageVerdicts(Shape):
    """What became of each event. A conflict's id is recorded with another payload, and that stays."""

    accepted: int
    duplicates: int
    conflicts: list[str]
    rejected: list[RejectedUsage]
