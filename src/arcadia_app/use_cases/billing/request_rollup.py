"""Ask for a month to be rolled up: a job does it, after the answer (SPEC 18)."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from arcadia_app.use_cases.billing.billing_run.check_rollup import check_rollup
from arcadia_domain.identity import Principal
from arcadia_domain.period import Period
from arcadia_domain.ports.jobs import NewJob
from arcadia_domain.ports.unit_of_work import Work

JOB: Final = "roll_up_period"


def request_rollup(
    work: Work,
    by: Principal,
    *,
    period: Period,
    now: datetime,
    cause: str,
    force: bool = False,
    tenant_id: str | None = None,
) -> UUID:
    """The id of the job; of the one that has yet to begin, where the same was asked for before.

    Raises OperatorsOnly, MonthNotOver, UnknownTenant.
    """
    check_rollup(work, by, period=period, now=now, tenant_id=tenant_id)
    month = f"{period.start:%Y-%m}"
    job = NewJob(
        id=work.new_id(),
        name=JOB,
        queue="cloud_billing",
        payload={"period": month, "force": force, "tenant_id": tenant_id},
        cause=cause,
        created_by=by.subject,
        dedupe_key=f"rollup:{month}:{tenant_id or ''}:{force}",
        ordering_key=f"rollup:{month}",
    )
    return work.jobs.add(job, now)
