"""The job that syncs the inventory (SPEC 6, 17)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from arcadia_app.arcadia import Arcadia
from arcadia_app.jobs.act import Act, Progress
from arcadia_app.use_cases.cloud import request_sync
from arcadia_app.use_cases.cloud.ingest_invoice import ACCOUNT
from arcadia_app.use_cases.cloud.sync_inventory import sync_inventory
from arcadia_app.wire.syncs import InventorySync
from arcadia_domain.cloud.syncing import Speed
from arcadia_domain.identity import Principal
from arcadia_domain.ports.jobs import ClaimedJob


def _sync_inventory(app: Arcadia, job: ClaimedJob, by: Principal, progress: Progress) -> InventorySync:
    with app.cloud() as provider:
        synced = sync_inventory(
            app.transactions,
            provider,
            by,
            account=ACCOUNT,
            speed=Speed(job.payload["speed"]),
            clock=app.clock,
            progress=lambda kind, done, total: progress(done, total),
        )
    progress(len(synced.speed.kinds), len(synced.speed.kinds))
    return InventorySync.of(synced)


SYNC_ACTS: Final[Mapping[str, Act]] = MappingProxyType({request_sync.JOB: _sync_inventory})
