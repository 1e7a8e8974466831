"""The jobs that keep the store in shape: months to come, and what is past its time (SPEC 17)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from arcadia_app.arcadia import Arcadia
from arcadia_app.jobs.act import Act, Progress, counting
from arcadia_app.use_cases.platform import request_upkeep
from arcadia_app.use_cases.platform.keep_partitions import keep_partitions
from arcadia_app.use_cases.platform.retain import retain
from arcadia_app.wire.upkeep import KeptPartitions, RetainedRows
from arcadia_domain.identity import Principal
from arcadia_domain.ports.jobs import ClaimedJob


def _keep_partitions(app: Arcadia, job: ClaimedJob, by: Principal, progress: Progress) -> KeptPartitions:
    made = keep_partitions(
        app.transactions,
        by,
        now=app.clock.now(),
        progress=counting(progress),
        must_hold=progress.must_hold,
    )
    return KeptPartitions.of(made)


def _retain(app: Arcadia, job: ClaimedJob, by: Principal, progress: Progress) -> RetainedRows:
    retained = retain(
        app.transactions,
        by,
        policy=app.retention,
        now=app.clock.now(),
        progress=counting(progress),
        must_hold=progress.must_hold,
    )
    return RetainedRows.of(retained)


UPKEEP_ACTS: Final[Mapping[str, Act]] = MappingProxyType(
    {
        request_upkeep.PARTITIONS_JOB: _keep_partitions,
        request_upkeep.RETENTION_JOB: _retain,
    }
)
"""These jobs, by name."""
