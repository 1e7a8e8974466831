"""The month end on Postgres: the port, put together of who is due, what is written, and the run.

Owns which statement goes where: who is due is `month_end_due`'s, what is written `month_end_write`'s, the run
and what is known of it `month_end_run`'s, its shards `month_end_shards`'.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa

from arcadia_adapters.postgres.billing import month_end_run as run_rows
from arcadia_adapters.postgres.billing import month_end_shards as shard_rows
from arcadia_adapters.postgres.billing.month_end_due import cut, due, of_deployment
from arcadia_adapters.postgres.billing.month_end_write import write
from arcadia_domain.billing.invoicing import Invoice
from arcadia_domain.billing.usage import SourceConflict
from arcadia_domain.period import Period
from arcadia_domain.ports.month_end import (
    Asking,
    BillingRun,
    Cut,
    Existing,
    Failure,
    RunStanding,
    Shard,
    ShardsDone,
    TenantMonth,
    Written,
)


class PostgresMonthEnd:
    """The month end, as the operators' role may run it; one deployment's month, as any role sees it."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def open_run(self, period: Period, as_of: datetime, run_id: UUID) -> BillingRun:
        return run_rows.open_run(self._connection, period, as_of, run_id)

    def due(
        self,
        period: Period,
        existing: Existing,
        *,
        after: str,
        limit: int,
        tenant_id: str | None = None,
        up_to: str | None = None,
    ) -> Sequence[TenantMonth]:
        return due(
            self._connection, period, existing, after=after, limit=limit, tenant_id=tenant_id, up_to=up_to
        )

    def take_run(self, asking: Asking) -> None:
        run_rows.take_run(self._connection, asking)

    def take_shard(self, asking: Asking, number: int) -> Shard | None:
        return shard_rows.take_shard(self._connection, asking, number)

    def of_deployment(self, deployment_id: UUID, period: Period) -> TenantMonth | None:
        return of_deployment(self._connection, deployment_id, period)

    def write(
        self, drafts: Sequence[Invoice], nothing_to_bill: Sequence[str], *, period: Period, force: bool
    ) -> Written:
        return write(self._connection, drafts, nothing_to_bill, period=period, force=force)

    def begin(
        self,
        asking: Asking,
        failures: Sequence[Failure],
        conflicts: Sequence[SourceConflict],
        at: datetime,
    ) -> None:
        run_rows.begin(self._connection, asking, failures, conflicts, at)

    def cut(self, asking: Asking, size: int) -> Sequence[Cut]:
        return cut(self._connection, asking, size)

    def add_shards(self, asking: Asking, shards: Sequence[Shard], at: datetime) -> None:
        shard_rows.add_shards(self._connection, asking, shards, at)

    def shards(self, asking: Asking) -> Sequence[Shard]:
        return shard_rows.shards(self._connection, asking)

    def finish_shard(self, asking: Asking, shard: Shard, at: datetime) -> ShardsDone | None:
        return shard_rows.finish_shard(self._connection, asking, shard, at)

    def name_failures(self, run: BillingRun, failures: Sequence[Failure], at: datetime) -> None:
        run_rows.name_failures(self._connection, run, failures, at)

    def failed_among(self, run: BillingRun, tenant_ids: Sequence[str]) -> Collection[str]:
        return run_rows.failed_among(self._connection, run, tenant_ids)

    def failures(self, run: BillingRun, tenant_id: str | None = None) -> Sequence[Failure]:
        return run_rows.failures(self._connection, run, tenant_id)

    def conflicts(self, run: BillingRun, tenant_id: str | None = None) -> Sequence[SourceConflict]:
        return run_rows.conflicts(self._connection, run, tenant_id)

    def close_run(self, run: BillingRun, at: datetime) -> None:
        run_rows.close_run(self._connection, run, at)

    def shards_waiting(self, asking_id: UUID) -> int:
        return shard_rows.shards_waiting(self._connection, asking_id)

    def run_of(self, period: Period) -> RunStanding | None:
        return shard_rows.run_of(self._connection, period)

    def runs(self, *, after: date | None, limit: int) -> Sequence[RunStanding]:
        return shard_rows.runs(self._connection, after, limit)
