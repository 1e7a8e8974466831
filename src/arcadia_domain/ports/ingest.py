"""What the recording of usage events asks of its store: a constant number of statements a batch."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from arcadia_domain.billing.ingest import Account, Met, Stream
from arcadia_domain.billing.llm_usage import LlmUsage
from arcadia_domain.billing.usage_events import PushedUsage


class Ingest(Protocol):
    """Usage events, each recorded once under its id. For the gateway and operators.

    Batches that overlap, in whatever order, wait for each other and never deadlock.
    """

    def accounts(self, deployment_ids: Collection[UUID]) -> Mapping[UUID, Account]:
        """What must be known of each deployment that there is."""
        ...

    def recorded(self, stream: Stream, ids: Collection[str]) -> Mapping[str, bytes]:
        """The payload's hash of each event that is recorded."""
        ...

    def record_llm_usage(self, usage: Sequence[LlmUsage], batch_id: UUID, at: datetime) -> Met:
        """Record each event whose id is new; where the plan pays, its tokens are usage of its day.

        No id comes twice. An event whose tokens would count to a day that another source has is left out.
        """
        ...

    def record_usage(self, usage: Sequence[PushedUsage], batch_id: UUID, at: datetime) -> Met:
        """Record each event whose id is new, and add its quantity to its day;
        the level of a peak kind rises to it.

        No id comes twice. An event of a day that another source has is left out; one of nothing (0) is kept
        and claims no day.
        """
        ...
