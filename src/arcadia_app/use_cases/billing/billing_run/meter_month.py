"""Meter a month that is to be billed: who cannot be metered is known before anybody is priced (SPEC 7, 9)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from arcadia_app.use_cases.cloud.meter_day import meter_day
from arcadia_domain.billing.usage import SourceConflict
from arcadia_domain.identity import Principal
from arcadia_domain.period import Period
from arcadia_domain.ports.month_end import Failure
from arcadia_domain.ports.unit_of_work import Transactions

Days = Callable[[int, int], None]
"""Told after each day: how many are metered, of how many."""


@dataclass(frozen=True, slots=True)
class MonthMetered:
    """Who cannot be billed, by tenant, and what was pushed as well as metered."""

    failures: tuple[Failure, ...] = ()
    conflicts: tuple[SourceConflict, ...] = ()


def meter_month(
    transactions: Transactions,
    by: Principal,
    *,
    period: Period,
    now: datetime,
    tenant_id: str | None = None,
    days: Days = lambda done, total: None,
) -> MonthMetered:
    """Meter every day, a transaction each; what is told is of all tenants, or of one. Raises OperatorsOnly.

    Also the days that were metered before: what was assigned, or learnt of, since then counts.
    """
    by.must_be_operator("meter a month")
    with transactions.begin(by) as work:
        if not work.usage.has_metering(period):
            return MonthMetered()
    failures: dict[str, Failure] = {}
    conflicts: list[SourceConflict] = []
    of_month = list(period)
    for done, day in enumerate(of_month, 1):
        with transactions.begin(by) as work:
            metered = meter_day(work, by, day=day, now=now)
        conflicts += metered.conflicts
        for failed in metered.failures:
            failure = Failure(failed.tenant_id, failed.error.code, str(failed.error))
            failures.setdefault(failed.tenant_id, failure)
        days(done, len(of_month))
    with transactions.begin(by) as work:
        for day, tenant in work.usage.unmetered_days(period, tenant_id):
            failures.setdefault(tenant, Failure(tenant, "not_metered", f"Usage of {day} is not metered."))
    return MonthMetered(
        tuple(failures[tenant] for tenant in sorted(failures) if tenant_id in (None, tenant)),
        tuple(one for one in conflicts if tenant_id in (None, one.tenant_id)),
    )
