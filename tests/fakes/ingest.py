"""The recording of usage events in memory. One transaction runs at a time: nothing has to wait here."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from arcadia_domain.billing.ingest import Account, Met, Stream, must_be_gateway
from arcadia_domain.billing.llm_usage import LlmUsage
from arcadia_domain.billing.usage import DayOfKind, Source
from arcadia_domain.billing.usage_events import PushedUsage
from arcadia_domain.identity import Principal
from arcadia_domain.pricing.kinds import base_of
from arcadia_domain.quantity import EXACT
from tests.fakes.state import LlmEvent, State, sees


class FakeIngest:
    def __init__(self, state: State, principal: Principal) -> None:
        self._state = state
        self._principal = principal

    def accounts(self, deployment_ids: Collection[UUID]) -> Mapping[UUID, Account]:
        found = [self._state.deployments[one] for one in deployment_ids if one in self._state.deployments]
        return {
            one.id: Account(
                one.id,
                one.tenant_id,
                self._state.tenants[one.tenant_id].currency,
                one.llm_mode,
                tuple(sorted(self._state.llm_modes.get(one.id, {}).items())),
            )
            for one in found
            if sees(self._principal, one.tenant_id)
        }

    def recorded(self, stream: Stream, ids: Collection[str]) -> Mapping[str, bytes]:
        self._must_record()
        there = self._state.ingested
        return {one: there[stream, one] for one in ids if (stream, one) in there}

    def record_llm_usage(self, usage: Sequence[LlmUsage], batch_id: UUID, at: datetime) -> Met:
        before = self.recorded(Stream.LLM, [one.event.id for one in usage])
        taken: dict[str, tuple[DayOfKind, Source]] = {}
        for one in usage:
            event, day = one.event, one.counted_on
            if event.id in before:
                continue
            if day is not None and (holder := self._claim(day, Source.GATEWAY)) is not Source.GATEWAY:
                taken[event.id] = (day, holder)
                continue
            self._state.ingested[Stream.LLM, event.id] = event.payload_sha256
            self._state.llm_events.append(
                LlmEvent(one.tenant_id, event.deployment_id, one.day, event.charge, event.currency, one.mode)
            )
            if day is not None:
                self._add(day, Decimal(event.input_tokens + event.output_tokens))
        return Met(before, taken)

    def record_usage(self, usage: Sequence[PushedUsage], batch_id: UUID, at: datetime) -> Met:
        before = self.recorded(Stream.USAGE, [one.event.id for one in usage])
        taken: dict[str, tuple[DayOfKind, Source]] = {}
        for one in usage:
            event, day = one.event, one.counted_on
            if event.id in before:
                continue
            if day is not None and (holder := self._claim(day, Source.PUSHED)) is not Source.PUSHED:
                taken[event.id] = (day, holder)
                continue
            self._state.ingested[Stream.USAGE, event.id] = event.payload_sha256
            self._state.pushed.append(one.day)
            if day is not None:
                self._add(day, max(Decimal(0), event.qty - self._qty(day)) if one.is_peak else event.qty)
        return Met(before, taken)

    def _claim(self, day: DayOfKind, source: Source) -> Source:
        """The source that has the day: this one, where it had none. A kind and its sizes have one."""
        usage, base = self._state.day_usage, replace(day, kind=base_of(day.kind))
        holder = usage.setdefault(_key(base), (source, Decimal(0)))[0]
        if holder is source:
            usage.setdefault(_key(day), (source, Decimal(0)))
        return holder

    def _qty(self, day: DayOfKind) -> Decimal:
        return self._state.day_usage[_key(day)][1]

    def _add(self, day: DayOfKind, qty: Decimal) -> None:
        source, before = self._state.day_usage[_key(day)]
        self._state.day_usage[_key(day)] = (source, EXACT.add(before, qty))

    def _must_record(self) -> None:
        """Tenants have no right to the keys of what was ingested."""
        try:
            must_be_gateway(self._principal)
        except Exception as error:
            raise PermissionError(str(error)) from error


def _key(day: DayOfKind) -> tuple[str, UUID, str, date]:
    return day.tenant_id, day.deployment_id, day.kind, day.day
