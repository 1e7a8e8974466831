"""Find the days that metering missed, and ask for a job for each (SPEC 7, 17).

A day is missed where its job failed, was parked or was never made, or where a tenant of it could not be
metered. The day just ended is asked for by its own tick.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Final

from arcadia_app.use_cases.cloud.request_metering import metering_of
from arcadia_domain.identity import Principal
from arcadia_domain.period import FIRST_DAY, Period, month_of
from arcadia_domain.ports.unit_of_work import Work

MONTHS_BACK: Final = 2
"""How many months before the running one are looked through."""


def find_missed_days(work: Work, by: Principal, *, now: datetime, cause: str) -> Sequence[date]:
    """The days, in order, for each of which there is a job now. One that waits already is not made twice.

    They are over, not older than `MONTHS_BACK`, and of a month that is not closed for the tenant whose day it
    is: what was invoiced is not metered again. Raises OperatorsOnly.
    """
    by.must_be_operator("meter a day")
    today = now.astimezone(UTC).date()
    start = _looked_through_from(today)
    if start == today:
        return []
    unmetered = work.usage.unmetered_days(Period(start, today))
    closed = work.invoices.closed_ends({tenant_id for _, tenant_id in unmetered})
    days = sorted({day for day, tenant_id in unmetered if day >= closed.get(tenant_id, FIRST_DAY)})
    work.jobs.add_all([metering_of(work, by, day=day, cause=cause) for day in days], now)
    return days


def _looked_through_from(today: date) -> date:
    start = month_of(today).start
    for _ in range(MONTHS_BACK):
        start = month_of(date.fromordinal(start.toordinal() - 1)).start
    return start
