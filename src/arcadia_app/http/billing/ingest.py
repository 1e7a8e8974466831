"""Usage that other services tell us, over HTTP: priced events of the LLM gateway, pushed usage (SPEC 7, 8).

A batch is one transaction. One event alone joins a group (`collector`), unless it has an Idempotency-Key.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from litestar import Controller, Request, Response, post
from litestar.params import JSONBody, SkipValidation

from arcadia_app.arcadia import Arcadia
from arcadia_app.http.billing.collector import Collector
from arcadia_app.http.billing.event_bodies import EventsRequest, Told
from arcadia_app.http.documented import GATEWAY, ONCE
from arcadia_app.http.door import App, By, gateway_only
from arcadia_app.http.once import Once, OnceOnly
from arcadia_app.http.problems import refusals
from arcadia_app.http.refusals import InvalidBody
from arcadia_app.http.rooms import Rooms
from arcadia_app.use_cases.billing.record_llm_usage import record_llm_usage
from arcadia_app.use_cases.billing.record_usage import record_usage
from arcadia_app.wire.ingest import (
    LlmUsageBatch,
    LlmUsageEvent,
    LlmUsageVerdicts,
    RejectedLlmUsage,
    RejectedUsage,
    UsageBatch,
    UsageToRecord,
    UsageVerdicts,
)
from arcadia_app.wire.types import Shape
from arcadia_domain.billing.ingest import Event, EventConflict, Outcome, Verdict
from arcadia_domain.errors import DomainError
from arcadia_domain.identity import Principal
from arcadia_domain.ports.unit_of_work import Work

LARGEST_BODY: Final = 4 * 1024 * 1024
"""Bytes: the largest batch, with room for long names."""

_REFUSED: Final = (
    *GATEWAY,
    *ONCE,
    "gateway_only",
    "event_conflict",
    "usage_source_conflict",
    "deployment_not_found",
    "occurred_in_future",
    "date_out_of_range",
)
"""A single event. In a batch, what is wrong with one event is its verdict."""


@dataclass(frozen=True, slots=True)
class _Way:
    """A way in: the act that records its events, and the shapes of its answer."""

    record: Callable[..., list[Verdict]]
    verdicts: type[LlmUsageVerdicts] | type[UsageVerdicts]
    rejected: type[RejectedLlmUsage] | type[RejectedUsage]


_LLM_USAGE: Final = _Way(record_llm_usage, LlmUsageVerdicts, RejectedLlmUsage)
_USAGE: Final = _Way(record_usage, UsageVerdicts, RejectedUsage)


class Collectors:
    """Where the single events of one application wait for their group."""

    def __init__(self, app: Arcadia, rooms: Rooms) -> None:
        self._of = {way: Collector(_recorder(app, way), rooms) for way in (_LLM_USAGE, _USAGE)}

    def of(self, way: _Way) -> Collector[Event, Verdict]:
        return self._of[way]


def _recorder(app: Arcadia, way: _Way) -> Callable[[Principal, Sequence[Event]], list[Verdict]]:
    def record(by: Principal, events: Sequence[Event]) -> list[Verdict]:
        with app.transactions.begin(by) as work:
            return way.record(work, by, events=events, now=app.clock.now())

    return record


def _collectors(request: Request[Any, Any, Any], app: Arcadia, rooms: Rooms) -> Collectors:
    """Those of this application."""
    made: Collectors | None = getattr(request.app.state, "collectors", None)
    if made is None:
        made = request.app.state.collectors = Collectors(app, rooms)
    return made


class IntegrationController(Controller):
    path = "/api/v1/integrations"
    tags = ("Integrations",)
    guards = (gateway_only,)
    request_class = EventsRequest
    request_max_body_size = LARGEST_BODY

    @post(
        "/llm-usage",
        operation_id="record_llm_usage",
        status_code=200,
        responses=refusals(*_REFUSED, "mixed_currencies"),
    )
    async def record_llm_usage(
        self,
        request: Request[Any, Any, Any],
        app: App,
        by: By,
        once: Once,
        data: SkipValidation[JSONBody[LlmUsageEvent | LlmUsageBatch]],
    ) -> Response[LlmUsageVerdicts]:
        """Record LLM usage (the gateway).

        One priced event or a batch, each recorded once under its `gateway_request_id`, and answered when it
        is stored. Send it again as often as you need: what is recorded is a duplicate. The same id with
        another payload is a conflict, and never overwrites. In a batch each event has its own verdict.
        """
        return await _record(_LLM_USAGE, request, app, by, once, data)

    @post(
        "/usage",
        operation_id="record_usage",
        status_code=200,
        responses=refusals(*_REFUSED, "unknown_kind", "tokens_not_counted"),
    )
    async def record_usage(
        self,
        request: Request[Any, Any, Any],
        app: App,
        by: By,
        once: Once,
        data: SkipValidation[JSONBody[UsageToRecord | UsageBatch]],
    ) -> Response[UsageVerdicts]:
        """Push usage (the gateway).

        Of any kind, one event or a batch, each recorded once under its `event_id`. A deployment's day of a
        kind has one source: what is metered, or counted by the gateway, cannot be pushed as well.
        `llm_tokens` are counted where the deployment was in mode `plan` only. A `qty` of 0 is recorded, and
        counts nowhere.
        """
        return await _record(_USAGE, request, app, by, once, data)


async def _record(
    way: _Way, request: Request[Any, Any, Any], app: Arcadia, by: Principal, once: OnceOnly, data: object
) -> Response[Any]:
    """What became of the events. Of one alone, a refusal is raised."""
    assert isinstance(data, Told)  # EventsRequest has read it
    told: Told[LlmUsageEvent | UsageToRecord] = data
    if told.alone and once.key is None:
        event = told.events[0].event()
        verdict = await _collectors(request, app, once.rooms).of(way).record(by, event)
        return Response(_tell(way, told, [event], [verdict]))
    now = app.clock.now()

    def act(work: Work) -> Shape:
        events = [one.event() for one in told.events]
        return _tell(way, told, events, way.record(work, by, events=events, now=now))

    return await once.answer(act)


def _tell(way: _Way, told: Told[Any], events: Sequence[Event], verdicts: Sequence[Verdict]) -> Shape:
    """The verdicts, and what could not be read in its place among them. Raises the refusal of one alone."""
    if told.alone and isinstance(verdicts[0], DomainError):
        raise verdicts[0]
    conflicts: list[str] = []
    rejected: list[Any] = [  # of the way's own shape
        way.rejected(index=place, event_id=one.event_id, code=InvalidBody.code, detail=one.detail)
        for place, one in told.unreadable.items()
    ]
    places = [one for one in range(len(events) + len(rejected)) if one not in told.unreadable]
    for place, event, verdict in zip(places, events, verdicts, strict=True):
        if isinstance(verdict, EventConflict):
            conflicts.append(event.id)
        elif isinstance(verdict, DomainError):
            reason = str(verdict)
            rejected.append(way.rejected(index=place, event_id=event.id, code=verdict.code, detail=reason))
    return way.verdicts(
        accepted=verdicts.count(Outcome.ACCEPTED),
        duplicates=verdicts.count(Outcome.DUPLICATE),
        conflicts=conflicts,
        rejected=sorted(rejected, key=lambda one: one.index),
    )
