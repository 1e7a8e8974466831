"""Record what the LLM gateway tells: each event once, its charge trusted (SPEC 8)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from arcadia_app.use_cases.billing.record_events import record_events
from arcadia_domain.billing.ingest import Stream, Verdict
from arcadia_domain.billing.llm_usage import LlmEvent, llm_usage
from arcadia_domain.billing.usage import Source
from arcadia_domain.identity import Principal
from arcadia_domain.ports.unit_of_work import Work


def record_llm_usage(
    work: Work, by: Principal, *, events: Sequence[LlmEvent], now: datetime
) -> list[Verdict]:
    """What became of each event, in their order. Raises GatewayOnly."""
    return record_events(
        work,
        by,
        events,
        stream=Stream.LLM,
        source=Source.GATEWAY,
        judge=llm_usage,
        record=work.ingest.record_llm_usage,
        now=now,
    )
