"""From which day an act may hold:
a tenant's earliest is today, and a closed month stays as it was invoiced.
"""

from __future__ import annotations

from datetime import date

from arcadia_domain.errors import DomainError
from arcadia_domain.identity import Principal
from arcadia_domain.period import check_day
from arcadia_domain.ports.unit_of_work import Work


class DayInThePast(DomainError):
    code = "day_in_the_past"
    sentence = "{day} is past: the earliest day is {today}. Only a platform admin may name an earlier one."


class PeriodInvoiced(DomainError):
    code = "period_invoiced"
    sentence = "{day} lies in a period that is invoiced: nothing can change before {open_from}."


def effective_day(
    work: Work, by: Principal, tenant_id: str, *, asked: date | None, today: date, what: str
) -> date:
    """`asked`, or today. Raises DateOutOfRange, DayInThePast, PeriodInvoiced."""
    day = check_day(today if asked is None else asked, what)
    if day < today and not by.is_operator:
        raise DayInThePast(day=day, today=today)
    open_from = work.invoices.closed_until(tenant_id)
    if open_from is not None and day < open_from:
        raise PeriodInvoiced(day=day, open_from=open_from)
    return day
