"""The month end in memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from arcadia_domain.billing.deployments import Deployment, LlmMode
from arcadia_domain.billing.invoicing import Invoice, InvoiceStatus, LlmCharges
from arcadia_domain.billing.subscriptions import Subscription
from arcadia_domain.billing.tax import TaxProfile
from arcadia_domain.billing.tenants import Tenant
from arcadia_domain.billing.usage import SourceConflict
from arcadia_domain.identity import Principal
from arcadia_domain.period import Period
from arcadia_domain.ports.jobs import JobState
from arcadia_domain.ports.month_end import (
    Asking,
    BillingRun,
    Cut,
    DeploymentMonth,
    Existing,
    Failure,
    RunStanding,
    RunState,
    Shard,
    ShardsDone,
    ShardState,
    TenantMonth,
    Written,
)
from arcadia_domain.quantity import EXACT
from tests.fakes.state import State, must_be_operator, sees


class FakeMonthEnd:
    def __init__(self, state: State, principal: Principal) -> None:
        self._state = state
        self._principal = principal

    def open_run(self, period: Period, as_of: datetime, run_id: UUID) -> BillingRun:
        must_be_operator(self._principal)
        there = next((run for run in self._state.runs.values() if run.period == period), None)
        if there is None:
            there = self._state.runs[run_id] = BillingRun(run_id, period, as_of)
        return there

    def due(
        self,
        period: Period,
        existing: Existing,
        *,
        after: str,
        limit: int,
        tenant_id: str | None = None,
        up_to: str | None = None,
    ) -> Sequence[TenantMonth]:
        found: list[TenantMonth] = []
        for tenant in sorted(self._state.tenants):
            if tenant <= after or tenant_id not in (None, tenant) or len(found) == limit:
                continue
            if up_to is not None and tenant > up_to:
                continue
            statuses = {invoice.status for invoice in self._invoices(tenant, period)}
            if existing is Existing.SKIP and statuses:
                continue
            if existing is Existing.REBUILD_DRAFTS and statuses - {InvoiceStatus.DRAFT}:
                continue
            month = self._month(self._state.tenants[tenant], period)
            if month.deployments or (existing is Existing.REBUILD_DRAFTS and statuses):
                found.append(month)
        return found

    def take_run(self, asking: Asking) -> None:
        must_be_operator(self._principal)

    def take_shard(self, asking: Asking, number: int) -> Shard | None:
        return next((one for one in self.shards(asking) if one.number == number), None)

    def of_deployment(self, deployment_id: UUID, period: Period) -> TenantMonth | None:
        found = self._state.deployments.get(deployment_id)
        if found is None or not sees(self._principal, found.tenant_id):
            return None
        tenant = self._state.tenants[found.tenant_id]
        return TenantMonth(tenant, self._profiles(tenant), (self._deployment_month(found, tenant, period),))

    def write(
        self, drafts: Sequence[Invoice], nothing_to_bill: Sequence[str], *, period: Period, force: bool
    ) -> Written:
        must_be_operator(self._principal)
        written = Written()
        for draft in drafts:
            there = self._invoices(draft.tenant_id, period)
            if not there:
                self._state.invoices[draft.id] = draft
                written += Written(created=1)
            elif force and _is_other_draft(self._state.invoices.get(draft.id), draft):
                self._state.invoices[draft.id] = draft
                written += Written(rebuilt=1)
            else:
                written += Written(unchanged=1)
        for tenant_id in nothing_to_bill if force else ():
            for invoice in self._invoices(tenant_id, period):
                if invoice.status is InvoiceStatus.DRAFT and invoice.generation == 0:
                    del self._state.invoices[invoice.id]
        return written

    def begin(
        self,
        asking: Asking,
        failures: Sequence[Failure],
        conflicts: Sequence[SourceConflict],
        at: datetime,
    ) -> None:
        must_be_operator(self._principal)
        run, state = asking.run.id, self._state
        if asking.tenant_id is None:
            state.run_began[run] = at
            state.run_closed.pop(run, None)
        kept = [
            one for one in state.run_failures.get(run, []) if asking.tenant_id not in (None, one.tenant_id)
        ]
        state.run_failures[run] = [*kept, *failures]
        told = [
            one for one in state.run_conflicts.get(run, []) if asking.tenant_id not in (None, one.tenant_id)
        ]
        state.run_conflicts[run] = [*told, *conflicts]

    def cut(self, asking: Asking, size: int) -> Sequence[Cut]:
        must_be_operator(self._principal)
        period, one = asking.run.period, asking.tenant_id
        due = self.due(period, asking.existing, after="", limit=len(self._state.tenants), tenant_id=one)
        ids = [month.tenant.tenant_id for month in due]
        chunks = [ids[at : at + size] for at in range(0, len(ids), size)]
        return [Cut(chunk[-1], len(chunk)) for chunk in chunks]

    def add_shards(self, asking: Asking, shards: Sequence[Shard], at: datetime) -> None:
        must_be_operator(self._principal)
        there = self._shards(asking)
        assert not {one.number for one in there} & {one.number for one in shards}
        self._state.run_shards[asking.run.id, asking.id] = [*there, *shards]

    def shards(self, asking: Asking) -> Sequence[Shard]:
        must_be_operator(self._principal)
        return self._shards(asking)

    def finish_shard(self, asking: Asking, shard: Shard, at: datetime) -> ShardsDone | None:
        must_be_operator(self._principal)
        there = self._shards(asking)
        if there[shard.number].state is not ShardState.WAITING:
            return None
        there[shard.number] = shard
        self._state.run_shards[asking.run.id, asking.id] = there
        return _how_far(there)

    def name_failures(self, run: BillingRun, failures: Sequence[Failure], at: datetime) -> None:
        must_be_operator(self._principal)
        by_tenant = {one.tenant_id: one for one in [*self._state.run_failures.get(run.id, []), *failures]}
        self._state.run_failures[run.id] = list(by_tenant.values())

    def failed_among(self, run: BillingRun, tenant_ids: Sequence[str]) -> Collection[str]:
        return {one.tenant_id for one in self.failures(run)} & set(tenant_ids)

    def failures(self, run: BillingRun, tenant_id: str | None = None) -> Sequence[Failure]:
        must_be_operator(self._principal)
        failed = [
            one for one in self._state.run_failures.get(run.id, []) if tenant_id in (None, one.tenant_id)
        ]
        return sorted(failed, key=lambda one: one.tenant_id)

    def conflicts(self, run: BillingRun, tenant_id: str | None = None) -> Sequence[SourceConflict]:
        must_be_operator(self._principal)
        told = [
            one for one in self._state.run_conflicts.get(run.id, []) if tenant_id in (None, one.tenant_id)
        ]
        return sorted(told, key=lambda one: (one.tenant_id, one.facts["day"], str(one)))

    def close_run(self, run: BillingRun, at: datetime) -> None:
        must_be_operator(self._principal)
        self._state.run_closed[run.id] = at

    def shards_waiting(self, asking_id: UUID) -> int:
        must_be_operator(self._principal)
        of_asking = [shards for (_, asking), shards in self._state.run_shards.items() if asking == asking_id]
        return sum(one.state is ShardState.WAITING for shards in of_asking for one in shards)

    def run_of(self, period: Period) -> RunStanding | None:
        must_be_operator(self._principal)
        return next((self._standing(run) for run in self._state.runs.values() if run.period == period), None)

    def runs(self, *, after: date | None, limit: int) -> Sequence[RunStanding]:
        must_be_operator(self._principal)
        latest_first = sorted(self._state.runs.values(), key=lambda run: run.period.start, reverse=True)
        found = [run for run in latest_first if after is None or run.period.start < after]
        return [self._standing(run) for run in found[:limit]]

    def _shards(self, asking: Asking) -> list[Shard]:
        return list(self._state.run_shards.get((asking.run.id, asking.id), []))

    def _standing(self, run: BillingRun) -> RunStanding:
        askings = [asking for of_run, asking in self._state.run_shards if of_run == run.id]
        shards = self._state.run_shards[run.id, max(askings)] if askings else []
        far = _how_far(shards)
        closed = self._state.run_closed.get(run.id)
        stopped = sum(self._is_stopped(one) for one in shards)
        return RunStanding(
            run=run,
            state=self._state_of(run),
            started_at=run.as_of,
            finished_at=closed,
            tenants=far.tenants,
            done=far.done,
            written=sum((one.written for one in shards), Written()),
            shards_waiting=far.waiting - stopped,
            shards_stopped=stopped,
            shards_done=sum(one.state is ShardState.DONE for one in shards),
            shards_discarded=sum(one.state is ShardState.DISCARDED for one in shards),
            failed=len(self._state.run_failures.get(run.id, [])),
        )

    def _state_of(self, run: BillingRun) -> RunState:
        if run.id in self._state.run_closed:
            return RunState.FINISHED
        return RunState.RUNNING if run.id in self._state.run_began else RunState.OPEN

    def _is_stopped(self, shard: Shard) -> bool:
        stored = None if shard.job_id is None else self._state.jobs.get(shard.job_id)
        stopped = stored is not None and stored.job.state in (JobState.FAILED, JobState.PARKED)
        return stopped and shard.state is ShardState.WAITING

    def _invoices(self, tenant_id: str, period: Period) -> list[Invoice]:
        return [
            invoice
            for invoice in self._state.invoices.values()
            if invoice.tenant_id == tenant_id and invoice.period.start == period.start
        ]

    def _month(self, tenant: Tenant, period: Period) -> TenantMonth:
        own = [d for d in self._state.deployments.values() if d.tenant_id == tenant.tenant_id]
        months = [
            self._deployment_month(deployment, tenant, period)
            for deployment in sorted(own, key=lambda deployment: deployment.slug)
        ]
        return TenantMonth(
            tenant,
            self._profiles(tenant),
            tuple(
                month
                for month in months
                if month.usage or month.llm or any(_serves(s, period) for s in month.subscriptions)
            ),
        )

    def _profiles(self, tenant: Tenant) -> tuple[TaxProfile, ...]:
        profiles = self._state.tax_profiles.get(tenant.tenant_id, [])
        return tuple(sorted(profiles, key=lambda profile: profile.from_day))

    def _deployment_month(self, deployment: Deployment, tenant: Tenant, period: Period) -> DeploymentMonth:
        held = [s for s in self._state.subscriptions.values() if s.deployment_id == deployment.id]
        usage: dict[str, dict[date, Decimal]] = defaultdict(dict)
        for (_, deployment_id, kind, day), (_, qty) in sorted(self._state.day_usage.items(), key=str):
            if deployment_id == deployment.id and day in period and qty:
                usage[kind][day] = qty
        return DeploymentMonth(
            deployment_id=deployment.id,
            slug=deployment.slug,
            subscriptions=tuple(sorted(held, key=lambda s: (s.timeline.start, s.created_at, s.id))),
            usage=dict(usage),
            llm=self._charges(deployment.id, tenant, period),
        )

    def _charges(self, deployment_id: UUID, tenant: Tenant, period: Period) -> LlmCharges | None:
        events = [
            event
            for event in self._state.llm_events
            if event.deployment_id == deployment_id
            and event.occurred_day in period
            and event.llm_mode is LlmMode.GATEWAY
        ]
        if not events:
            return None
        total = Decimal(0)
        for event in events:
            total = EXACT.add(total, event.charge)
        currencies = {event.currency for event in events}
        return LlmCharges(total, min(currencies - {tenant.currency} or currencies), len(events))


def _how_far(shards: Sequence[Shard]) -> ShardsDone:
    waiting = [one for one in shards if one.state is ShardState.WAITING]
    tenants = sum(one.tenants for one in shards)
    return ShardsDone(tenants, tenants - sum(one.tenants for one in waiting), len(waiting))


def _serves(subscription: Subscription, period: Period) -> bool:
    points = (subscription.timeline.on(day) for day in period)
    return any(point is not None and point.status.in_service for point in points)


def _is_other_draft(stored: Invoice | None, draft: Invoice) -> bool:
    """Whether the stored one may be made anew, and need be. When it was made does not count."""
    return (
        stored is not None
        and stored.status is InvoiceStatus.DRAFT
        and replace(stored, as_of=draft.as_of) != draft
    )
