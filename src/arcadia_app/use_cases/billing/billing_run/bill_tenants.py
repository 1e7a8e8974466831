"""Bill a chunk of tenants: each gets its draft, owes nothing, or is named with the reason (SPEC 9).

Owns what is done with one chunk, in the transaction that read it. Which chunks there are is others'.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

import structlog

from arcadia_app.use_cases.billing.price_month import MonthTerms, draft_month
from arcadia_domain.billing.invoicing import Invoice
from arcadia_domain.billing.tax import TaxRate
from arcadia_domain.errors import DomainError
from arcadia_domain.identity import Principal
from arcadia_domain.ports.month_end import (
    Asking,
    BillingRun,
    Failure,
    Shard,
    ShardState,
    TenantMonth,
    Written,
)
from arcadia_domain.ports.unit_of_work import Transactions, Work

Progress = Callable[[int], None]
"""Told after each chunk: how many tenants it had."""

_OURS: Final = "Something went wrong on our side: {why}"


def bill_tenants(work: Work, asking: Asking, batch: Sequence[TenantMonth], now: datetime) -> Written:
    """Draft the invoices of these tenants, but of those whom the run names as failures already."""
    run = asking.run
    failed = work.month_end.failed_among(run, [month.tenant.tenant_id for month in batch])
    terms = MonthTerms.of(work.catalog, batch, run.period)
    rates = work.tenants.tax_rates()
    drafts: list[Invoice] = []
    empty: list[str] = []
    failures: list[Failure] = []
    for month in batch:
        if month.tenant.tenant_id in failed:
            continue
        match _draft(month, terms, rates, run):
            case Failure() as failure:
                failures.append(failure)
            case None:
                empty.append(month.tenant.tenant_id)
            case invoice:
                drafts.append(invoice)
    work.month_end.name_failures(run, failures, now)
    return work.month_end.write(drafts, empty, period=run.period, force=asking.force)


def bill_whoever_is_left(
    transactions: Transactions,
    by: Principal,
    *,
    asking: Asking,
    size: int,
    now: datetime,
    first: int = 0,
    progress: Progress = lambda tenants: None,
    must_hold: Callable[[Work], object] = lambda _: None,
) -> None:
    """Bill all who are due, `size` of them in one transaction. What was written is kept as shards that are
    done, numbered from `first`. `must_hold` is the last word of each. Raises OperatorsOnly.
    """
    by.must_be_operator("bill a month")
    after, number = "", first
    while True:
        with transactions.begin(by) as work:
            if asking.force:  # drafts that are there are made anew by one at a time
                work.month_end.take_run(asking)
            batch = work.month_end.due(
                asking.run.period, asking.existing, after=after, limit=size, tenant_id=asking.tenant_id
            )
            if not batch:
                return
            written = bill_tenants(work, asking, batch, now)
            up_to = batch[-1].tenant.tenant_id
            if written != Written():
                done = Shard(number, after, up_to, len(batch), ShardState.DONE, written)
                work.month_end.add_shards(asking, [done], now)
                number += 1
            must_hold(work)
        after = up_to
        progress(len(batch))


def _draft(
    month: TenantMonth, terms: MonthTerms, rates: Sequence[TaxRate], run: BillingRun
) -> Invoice | Failure | None:
    tenant_id = month.tenant.tenant_id
    try:
        return draft_month(month, terms, rates, as_of=run.as_of)
    except DomainError as error:
        return Failure(tenant_id, error.code, str(error))
    except Exception as error:  # a fault of ours must not cost the others their invoices
        structlog.get_logger("arcadia.billing").error(
            "tenant not billed", tenant_id=tenant_id, exc_info=error
        )
        return Failure(tenant_id, "internal_error", _OURS.format(why=type(error).__name__))
