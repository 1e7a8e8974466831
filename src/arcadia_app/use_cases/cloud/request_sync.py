"""Ask for the inventory to be synced: a job does it, after the answer (SPEC 6, 17, 18)."""

from __future__ import annotations

from datetime import datetime
from types import MappingProxyType
from typing import Final
from uuid import UUID

from arcadia_app.use_cases.cloud.ingest_invoice import ACCOUNT
from arcadia_domain.cloud.syncing import Speed
from arcadia_domain.identity import Principal
from arcadia_domain.ports.jobs import NewJob
from arcadia_domain.ports.unit_of_work import Work

JOB: Final = "sync_inventory"

_QUEUES: Final = MappingProxyType(
    {
        Speed.FAST: "cloud_sync_fast",
        Speed.FULL: "cloud_sync_full",
        Speed.SLOW: "cloud_sync_slow",
        Speed.ALL: "cloud_sync_full",
    }
)


def request_sync(work: Work, by: Principal, *, speed: Speed, now: datetime, cause: str) -> UUID:
    """The id of the job; of the one that has yet to begin, where the same was asked for before.

    Syncs of one speed take turns; those of different speeds may run at once. Raises OperatorsOnly.
    """
    by.must_be_operator("sync the inventory")
    job = NewJob(
        id=work.new_id(),
        name=JOB,
        queue=_QUEUES[speed],
        payload={"speed": speed.value},
        cause=cause,
        created_by=by.subject,
        dedupe_key=f"sync:{ACCOUNT}:{speed}",
        ordering_key=f"sync:{ACCOUNT}:{speed}",
    )
    return work.jobs.add(job, now)
