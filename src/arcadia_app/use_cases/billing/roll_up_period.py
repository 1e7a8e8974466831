"""Roll up a month: one draft invoice for every tenant that is due, priced from actual usage (SPEC 9).

Runs in chunks, a transaction each, so that it may die anywhere and be run again: what is there is skipped,
and what is made twice at once is stored once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from arcadia_app.use_cases.billing.price_month import MonthTerms, draft_month
from arcadia_app.use_cases.cloud.meter_day import meter_day
from arcadia_domain.billing.invoicing import Invoice
from arcadia_domain.billing.tax import TaxRate
from arcadia_domain.billing.usage import SourceConflict
from arcadia_domain.errors import DomainError
from arcadia_domain.identity import Principal
from arcadia_domain.period import Period, midnight
from arcadia_domain.ports.month_end import BillingRun, Existing, Failure, TenantMonth, Written
from arcadia_domain.ports.unit_of_work import Transactions, Work

CHUNK = 500
"""Tenants in one transaction."""

Progress = Callable[[int], None]


class MonthNotOver(DomainError):
    code = "month_not_over"
    sentence = "{month} is not over yet: it can be rolled up from {from_day} on."
    field = "period"


class UnknownTenant(DomainError):
    code = "unknown_tenant"
    sentence = "There is no tenant {tenant_id!r}."
    field = "tenant_id"


@dataclass(frozen=True, slots=True)
class RolledUp:
    """What a rollup came to. A tenant in `failures` was not billed, for the reason given; with `force` it
    keeps the draft it had. A tenant in `conflicts` was billed, for that day by the source that had it first.
    """

    period: Period
    created: int
    rebuilt: int
    unchanged: int
    failures: tuple[Failure, ...]
    conflicts: tuple[SourceConflict, ...] = ()


def roll_up_period(
    transactions: Transactions,
    by: Principal,
    *,
    period: Period,
    now: datetime,
    force: bool = False,
    tenant_id: str | None = None,
    progress: Progress = lambda tenants: None,
) -> RolledUp:
    """Draft invoices of `period` for all tenants, or one. What exists is skipped; `force` makes drafts anew.

    The month is metered first; a tenant that cannot be metered or priced is named, not billed short. Raises
    OperatorsOnly, MonthNotOver, UnknownTenant.
    """
    with transactions.begin(by) as work:
        check_rollup(work, by, period=period, now=now, tenant_id=tenant_id)
        run = work.month_end.open_run(period, now, work.new_id())
        rates = work.tenants.tax_rates()
    failures, conflicts = _meter_the_month(transactions, by, period, now, tenant_id)
    written = Written()
    existing = Existing.REBUILD_DRAFTS if force else Existing.SKIP
    after = ""
    while True:
        with transactions.begin(by) as work:
            batch = work.month_end.due(period, existing, after=after, limit=CHUNK, tenant_id=tenant_id)
            if not batch:
                break
            terms = MonthTerms.of(work.catalog, batch, period)
            billable = [month for month in batch if month.tenant.tenant_id not in failures]
            drafts, empty = _drafts(billable, terms, rates, run, failures)
            written += work.month_end.write(drafts, empty, period=period, force=force)
        after = batch[-1].tenant.tenant_id
        progress(len(batch))
    named = tuple(failures[tenant] for tenant in sorted(failures))
    with transactions.begin(by) as work:
        work.month_end.close_run(run, named, tenant_id, now)
    return RolledUp(period, written.created, written.rebuilt, written.unchanged, named, conflicts)


def check_rollup(work: Work, by: Principal, *, period: Period, now: datetime, tenant_id: str | None) -> None:
    """Refuse what can be known to come to nothing. Raises OperatorsOnly, MonthNotOver, UnknownTenant."""
    by.must_be_operator("roll up a month")
    if now < midnight(period.end):
        raise MonthNotOver(month=period.start.strftime("%Y-%m"), from_day=period.end)
    if tenant_id is not None and work.tenants.get(tenant_id) is None:
        raise UnknownTenant(tenant_id=tenant_id)


def _drafts(
    batch: Sequence[TenantMonth],
    terms: MonthTerms,
    rates: Sequence[TaxRate],
    run: BillingRun,
    failures: dict[str, Failure],
) -> tuple[list[Invoice], list[str]]:
    """The invoices of a chunk, and the tenants with nothing to bill;
    who cannot be priced joins `failures`.
    """
    drafts: list[Invoice] = []
    empty: list[str] = []
    for month in batch:
        tenant_id = month.tenant.tenant_id
        try:
            invoice = draft_month(month, terms, rates, as_of=run.as_of)
        except DomainError as error:
            failures[tenant_id] = Failure(tenant_id, error.code, str(error))
            continue
        if invoice is None:
            empty.append(tenant_id)
        else:
            drafts.append(invoice)
    return drafts, empty


def _meter_the_month(
    transactions: Transactions, by: Principal, period: Period, now: datetime, tenant_id: str | None
) -> tuple[dict[str, Failure], tuple[SourceConflict, ...]]:
    """Meter every day, a transaction each; who cannot be metered, by tenant, and what was pushed as well.

    Also the days that were metered before: what was assigned, or learnt of, since then counts.
    """
    with transactions.begin(by) as work:
        if not work.usage.has_metering(period):
            return {}, ()
    failures: dict[str, Failure] = {}
    conflicts: list[SourceConflict] = []
    for day in period:
        with transactions.begin(by) as work:
            metered = meter_day(work, by, day=day, now=now)
        conflicts += metered.conflicts
        for failed in metered.failures:
            failures.setdefault(
                failed.tenant_id, Failure(failed.tenant_id, failed.error.code, str(failed.error))
            )
    with transactions.begin(by) as work:
        for day, tenant in work.usage.unmetered_days(period, tenant_id):
            failures.setdefault(tenant, Failure(tenant, "not_metered", f"Usage of {day} is not metered."))
    if tenant_id is not None:
        failures = {tenant: failure for tenant, failure in failures.items() if tenant == tenant_id}
        conflicts = [one for one in conflicts if one.tenant_id == tenant_id]
    return failures, tuple(sorted(conflicts, key=lambda one: one.tenant_id))  # each tenant's by day
