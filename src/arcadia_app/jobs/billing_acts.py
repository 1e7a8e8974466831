"""The jobs of a month end: the asking, and each of its shards (SPEC 9, 17)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Final
from uuid import UUID

from arcadia_app.arcadia import Arcadia
from arcadia_app.jobs.act import Act, Progress, Waits
from arcadia_app.use_cases.billing import request_rollup
from arcadia_app.use_cases.billing.billing_run import plan_shards
from arcadia_app.use_cases.billing.billing_run.check_rollup import CHUNK
from arcadia_app.use_cases.billing.billing_run.roll_up_in_shards import ShardsWaiting, roll_up_in_shards
from arcadia_app.use_cases.billing.billing_run.roll_up_shard import roll_up_shard
from arcadia_app.wire.billing_runs import RolledUpShard
from arcadia_app.wire.rollups import RolledUp
from arcadia_domain.identity import Principal
from arcadia_domain.period import parse_month
from arcadia_domain.ports.jobs import ClaimedJob

NET: Final = timedelta(minutes=1)
"""How long an asking waits to be told that its last shard is done, before it looks for itself."""


def billing_acts(tenants_a_shard: int = CHUNK) -> Mapping[str, Act]:
    """These jobs, by name."""

    def roll_up(app: Arcadia, job: ClaimedJob, by: Principal, progress: Progress) -> RolledUp:
        now = app.clock.now()
        came_to = roll_up_in_shards(
            app.transactions,
            by,
            job_id=job.id,
            period=parse_month(job.payload["period"]),
            now=now,
            cause=job.cause,
            force=job.payload["force"],
            tenant_id=job.payload["tenant_id"],
            size=tenants_a_shard,
            progress=progress,
            must_hold=progress.must_hold,
        )
        if isinstance(came_to, ShardsWaiting):
            raise Waits(now + NET, came_to.stopped)
        return RolledUp.of(came_to)

    return MappingProxyType({request_rollup.JOB: roll_up, plan_shards.JOB: _roll_up_shard})


def _roll_up_shard(app: Arcadia, job: ClaimedJob, by: Principal, progress: Progress) -> RolledUpShard:
    shard = roll_up_shard(
        app.transactions,
        by,
        period=parse_month(job.payload["period"]),
        asking_id=UUID(job.payload["asking"]),
        number=job.payload["shard"],
        now=app.clock.now(),
        force=job.payload["force"],
        tenant_id=job.payload["tenant_id"],
        must_hold=progress.must_hold,
    )
    progress(shard.tenants, shard.tenants)
    return RolledUpShard.of(shard)
