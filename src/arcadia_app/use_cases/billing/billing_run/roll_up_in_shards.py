"""Roll up a month in shards: metered and planned, then waited for, then checked and closed (SPEC 9, 17).

Owns the order of the steps. It is called until the run is closed, and begins where the rows say it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from arcadia_app.use_cases.billing.billing_run.bill_tenants import bill_whoever_is_left
from arcadia_app.use_cases.billing.billing_run.check_rollup import CHUNK, check_rollup
from arcadia_app.use_cases.billing.billing_run.close_run import RolledUp, close_run
from arcadia_app.use_cases.billing.billing_run.look_at_shards import ShardsStanding, look_at_shards
from arcadia_app.use_cases.billing.billing_run.meter_month import meter_month
from arcadia_app.use_cases.billing.billing_run.plan_shards import plan_shards
from arcadia_domain.identity import Principal
from arcadia_domain.period import Period
from arcadia_domain.ports.month_end import Asking
from arcadia_domain.ports.unit_of_work import Transactions, Work

Progress = Callable[[int, int | None], None]
"""Told how far it is: days that are metered of the month's, then tenants of those who are due."""


@dataclass(frozen=True, slots=True)
class ShardsWaiting:
    """Shards are still to be done. `stopped`, a code and a detail: somebody must do something first."""

    stopped: tuple[str, str] | None


def roll_up_in_shards(
    transactions: Transactions,
    by: Principal,
    *,
    job_id: UUID,
    period: Period,
    now: datetime,
    cause: str,
    force: bool = False,
    tenant_id: str | None = None,
    size: int = CHUNK,
    progress: Progress = lambda done, total: None,
    must_hold: Callable[[Work], object] = lambda _: None,
) -> RolledUp | ShardsWaiting:
    """The next step of the asking that this job is. Whoever became due while the shards were done is billed
    at the end. `must_hold` is the last word of each transaction that writes of the run. Raises OperatorsOnly,
    MonthNotOver, UnknownTenant.
    """
    with transactions.begin(by) as work:
        check_rollup(work, by, period=period, now=now, tenant_id=tenant_id)
        run = work.month_end.open_run(period, now, work.new_id())
        asking = Asking(job_id, run, force, tenant_id)
        standing = look_at_shards(work, by, asking=asking, now=now)
        must_hold(work)
    if not standing.shards:
        standing = _planned(
            transactions,
            by,
            asking=asking,
            size=size,
            now=now,
            cause=cause,
            progress=progress,
            must_hold=must_hold,
        )
    progress(standing.done, standing.tenants)
    if standing.waiting:
        return ShardsWaiting(standing.stopped)
    bill_whoever_is_left(
        transactions,
        by,
        asking=replace(asking, force=False),  # what is there was made anew by its shard
        size=size,
        now=now,
        first=len(standing.shards),
        must_hold=must_hold,
    )
    with transactions.begin(by) as work:
        return close_run(work, by, asking=asking, now=now, must_hold=must_hold)


def _planned(
    transactions: Transactions,
    by: Principal,
    *,
    asking: Asking,
    size: int,
    now: datetime,
    cause: str,
    progress: Progress,
    must_hold: Callable[[Work], object],
) -> ShardsStanding:
    metered = meter_month(
        transactions, by, period=asking.run.period, now=now, tenant_id=asking.tenant_id, days=progress
    )
    with transactions.begin(by) as work:
        plan_shards(
            work,
            by,
            asking=asking,
            metered=metered,
            size=size,
            now=now,
            cause=cause,
            must_hold=must_hold,
        )
        return ShardsStanding(work.month_end.shards(asking))
