"""Roll up a month: one draft invoice for every tenant that is due, priced from actual usage (SPEC 9).

Runs in this process, in chunks of a transaction each, so that it may die anywhere and be run again: what is
there is skipped, and what is made twice at once is stored once. A job does the same in shards
(`billing_run.roll_up_in_shards`), of the same steps.
"""

from __future__ import annotations

from datetime import datetime

from arcadia_app.use_cases.billing.billing_run.bill_tenants import Progress, bill_whoever_is_left
from arcadia_app.use_cases.billing.billing_run.check_rollup import CHUNK, check_rollup
from arcadia_app.use_cases.billing.billing_run.close_run import RolledUp, close_run
from arcadia_app.use_cases.billing.billing_run.meter_month import meter_month
from arcadia_domain.identity import Principal
from arcadia_domain.period import Period
from arcadia_domain.ports.month_end import Asking
from arcadia_domain.ports.unit_of_work import Transactions

__all__ = ["RolledUp", "roll_up_period"]


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
        asking = Asking(work.new_id(), run, force, tenant_id)
    metered = meter_month(transactions, by, period=period, now=now, tenant_id=tenant_id)
    with transactions.begin(by) as work:
        work.month_end.begin(asking, metered.failures, metered.conflicts, now)
    bill_whoever_is_left(transactions, by, asking=asking, size=CHUNK, now=now, progress=progress)
    with transactions.begin(by) as work:
        return close_run(work, by, asking=asking, now=now)
