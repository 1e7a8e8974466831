"""Plan the shards of a month end: each a job, so that any number of workers bill them at once (SPEC 17)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from arcadia_app.use_cases.billing.billing_run.meter_month import MonthMetered
from arcadia_domain.identity import Principal
from arcadia_domain.ports.jobs import NewJob
from arcadia_domain.ports.month_end import Asking, Shard
from arcadia_domain.ports.unit_of_work import Work

JOB: Final = "roll_up_shard"


def plan_shards(
    work: Work,
    by: Principal,
    *,
    asking: Asking,
    metered: MonthMetered,
    size: int,
    now: datetime,
    cause: str,
    must_hold: Callable[[Work], object] = lambda _: None,
) -> None:
    """Begin an asking: what metering found is kept, and a job stored for every `size` tenants who are due.

    All of it or nothing, and once: a second plan of one asking is refused by the store. `must_hold` is the
    last word: what it raises keeps all of it away. Raises OperatorsOnly.
    """
    by.must_be_operator("plan a billing run")
    work.month_end.begin(asking, metered.failures, metered.conflicts, now)
    cuts = list(work.month_end.cut(asking, size))
    ids = [work.new_id() for _ in cuts]
    shards = [
        Shard(
            number,
            after=cuts[number - 1].up_to if number else "",
            up_to=cut.up_to,
            tenants=cut.tenants,
            job_id=job_id,
        )
        for number, (cut, job_id) in enumerate(zip(cuts, ids, strict=True))
    ]
    work.month_end.add_shards(asking, shards, now)
    jobs = [
        NewJob(
            id=job_id,
            name=JOB,
            queue="cloud_billing",
            payload=_payload(asking, number),
            cause=cause,
            created_by=by.subject,
        )
        for number, job_id in enumerate(ids)
    ]
    work.jobs.add_all(jobs, now)
    must_hold(work)


def _payload(asking: Asking, number: int) -> Mapping[str, Any]:
    return {
        "period": f"{asking.run.period.start:%Y-%m}",
        "asking": str(asking.id),
        "force": asking.force,
        "tenant_id": asking.tenant_id,
        "shard": number,
    }
