"""Record usage that is pushed to us, of any kind of the registry (SPEC 7)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from arcadia_app.use_cases.billing.record_events import record_events
from arcadia_domain.billing.ingest import Stream, Verdict
from arcadia_domain.billing.usage import Source
from arcadia_domain.billing.usage_events import UsageEvent, pushed_usage
from arcadia_domain.identity import Principal
from arcadia_domain.ports.unit_of_work import Work


def record_usage(work: Work, by: Principal, *, events: Sequence[UsageEvent], now: datetime) -> list[Verdict]:
    """What became of each event, in their order. Raises GatewayOnly."""
    return record_events(
        work,
        by,
        events,
        stream=Stream.USAGE,
        source=Source.PUSHED,
        judge=pushed_usage,
        record=work.ingest.record_usage,
        now=now,
    )
