"""The upkeep in memory: the months that have a place, and what lies in them."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import TypeVar

from arcadia_domain.billing.deployments import LlmMode
from arcadia_domain.billing.invoicing import LLM_CHARGE, InvoiceStatus
from arcadia_domain.cloud.syncing import Synced
from arcadia_domain.identity import Principal
from arcadia_domain.period import Period, month_of
from arcadia_domain.ports.jobs import JobState
from arcadia_domain.ports.upkeep import RAW_EVENTS, ByMonth, Dropped, MonthOf
from arcadia_domain.quantity import EXACT
from tests.fakes.state import State, must_be_operator

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")

_ISSUED = (InvoiceStatus.ISSUED, InvoiceStatus.PAID)


class FakeUpkeep:
    def __init__(self, state: State, principal: Principal) -> None:
        self._state = state
        self._principal = principal

    def missing_months(self, first: date, last: date) -> Sequence[MonthOf]:
        must_be_operator(self._principal)
        wanted, month = set(), month_of(first)
        while month.start <= last:
            wanted |= {MonthOf(what, month.start) for what in ByMonth}
            month = month_of(month.end)
        waiting = {
            MonthOf(what, month_of(day).start)
            for what, days in (
                (ByMonth.USAGE_EVENTS, [event.day for event in self._state.pushed]),
                (ByMonth.LLM_USAGE_EVENTS, [event.occurred_day for event in self._state.llm_events]),
                (ByMonth.JOB_HISTORY, [at.date() for at in self._ends()]),
            )
            for day in days
        }
        return sorted((wanted | waiting) - set(self._state.months))

    def add_month(self, month: MonthOf) -> bool:
        must_be_operator(self._principal)
        if month in self._state.months:
            return False
        self._state.months.append(month)
        return True

    def months_before(self, what: ByMonth, start: date) -> Sequence[MonthOf]:
        must_be_operator(self._principal)
        return sorted(month for month in self._state.months if month.what is what and month.start < start)

    def drop_month(self, month: MonthOf) -> Dropped:
        must_be_operator(self._principal)
        if month not in self._state.months:
            return Dropped.NOT_THERE
        period = month_of(month.start)
        if month.what in RAW_EVENTS and not self._settled(month.what, period):
            return Dropped.NOT_SETTLED
        self._state.months.remove(month)
        self._empty(month.what, period)
        return Dropped.DROPPED

    def forget_jobs(self, before: datetime, limit: int) -> int:
        must_be_operator(self._principal)
        ended_well = (JobState.SUCCEEDED, JobState.DISCARDED)

        def is_old(stored: object) -> bool:
            job = stored.job  # type: ignore[attr-defined]
            return job.state in ended_well and job.finished_at is not None and job.finished_at < before

        return _forget(self._state.jobs, is_old, limit)

    def forget_answers(self, before: datetime, limit: int) -> int:
        must_be_operator(self._principal)
        return _forget(self._state.answers, lambda kept: kept[1] < before, limit)

    def forget_rates(self, before: datetime, limit: int) -> int:
        must_be_operator(self._principal)
        return _forget(self._state.free_at, lambda free_at: free_at < before, limit)

    def forget_syncs(self, before: datetime, limit: int) -> int:
        must_be_operator(self._principal)
        last = {
            (one.account, one.speed): one.sync_id
            for one in sorted(self._state.syncs.values(), key=lambda one: (one.started_at, one.sync_id))
            if one.complete
        }

        def is_old(one: Synced) -> bool:
            ended = one.finished_at is not None and one.started_at < before
            return ended and one.sync_id not in last.values()

        return _forget(self._state.syncs, is_old, limit)

    def _ends(self) -> list[datetime]:
        return [attempt.ended_at for stored in self._state.jobs.values() for attempt in stored.history]

    def _settled(self, what: ByMonth, period: Period) -> bool:
        invoices = [
            one
            for one in self._state.invoices.values()
            if one.period.start == period.start and one.status in _ISSUED
        ]
        charges = [one for one in self._state.llm_events if one.occurred_day in period]
        of_llm = what is ByMonth.LLM_USAGE_EVENTS
        events = charges if of_llm else [one for one in self._state.pushed if one.day in period]
        if {event.tenant_id for event in events} - {invoice.tenant_id for invoice in invoices}:
            return False
        billed = {
            part.deployment_id: part.qty
            for invoice in invoices
            for part in invoice.billed
            if part.kind == LLM_CHARGE
        }
        for deployment_id in {charge.deployment_id for charge in charges} if of_llm else ():
            own = (one for one in charges if one.deployment_id == deployment_id)
            total = EXACT.create_decimal(0)
            for one in own:
                total = EXACT.add(total, one.charge if one.llm_mode is LlmMode.GATEWAY else 0)
            if total != billed.get(deployment_id, 0):
                return False
        return True

    def _empty(self, what: ByMonth, period: Period) -> None:
        state = self._state
        match what:
            case ByMonth.USAGE_EVENTS:
                state.pushed[:] = [one for one in state.pushed if one.day not in period]
            case ByMonth.LLM_USAGE_EVENTS:
                state.llm_events[:] = [one for one in state.llm_events if one.occurred_day not in period]
            case ByMonth.JOB_HISTORY:
                for job_id, stored in state.jobs.items():
                    kept = tuple(one for one in stored.history if one.ended_at.date() not in period)
                    state.jobs[job_id] = replace(stored, history=kept)


def _forget(kept: MutableMapping[_Key, _Value], is_old: Callable[[_Value], bool], limit: int) -> int:
    old = [key for key, value in kept.items() if is_old(value)][:limit]
    for key in old:
        del kept[key]
    return len(old)
