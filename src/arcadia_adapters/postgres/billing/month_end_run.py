"""A billing run on Postgres: opened once a month, begun by each asking, closed; whom it could not bill.

Owns the run, its failures and its conflicts. Its shards are `month_end_shards`'.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from arcadia_adapters.postgres.records import records, table_of_records
from arcadia_adapters.postgres.staging import columns_of
from arcadia_adapters.postgres.tables.foundation import Day, Instant, Text, Uuid
from arcadia_adapters.postgres.tables.invoices import (
    billing_run_conflicts,
    billing_run_failures,
    billing_runs,
)
from arcadia_domain.billing.usage import SourceConflict
from arcadia_domain.period import Period
from arcadia_domain.ports.month_end import Asking, BillingRun, Failure, RunState
from arcadia_domain.pricing.proof import RULES_VERSION

KIND: Final = "month_end"

_R: Final = billing_runs.c
_F: Final = billing_run_failures.c
_C: Final = billing_run_conflicts.c

_OPEN: Final = insert(billing_runs).on_conflict_do_nothing(index_elements=[_R.period, _R.kind])
_RUN: Final = sa.select(_R.id, _R.as_of).where(_R.period == sa.bindparam("month", type_=Day), _R.kind == KIND)
_THE_RUN: Final = sa.bindparam("run", type_=Uuid)
# What was read before another wrote must not be written after. Shards have the run for share, each with a
# row of its own; nobody is kept from pointing at it.
_TAKE: Final = sa.select(_R.id).where(_R.id == _THE_RUN)
_ALONE: Final = _TAKE.with_for_update(key_share=True)
_BESIDE_OTHERS: Final = _TAKE.with_for_update(read=True)
_BEGIN: Final = (
    sa.update(billing_runs).where(_R.id == _THE_RUN).values(state=RunState.RUNNING.value, finished_at=None)
)
_CLOSE: Final = (
    sa.update(billing_runs)
    .where(_R.id == _THE_RUN)
    .values(state=RunState.FINISHED.value, finished_at=sa.bindparam("at"))
)
_ONE: Final = sa.bindparam("tenant", type_=Text)


def _asked_for(table: sa.Table) -> sa.ColumnElement[bool]:
    """The rows of a run: of all tenants, or of one."""
    return (table.c.run_id == _THE_RUN) & (_ONE.is_(None) | (table.c.tenant_id == _ONE))


_FORGET: Final = [
    sa.delete(table).where(_asked_for(table)) for table in (billing_run_failures, billing_run_conflicts)
]
_FAILURE: Final = columns_of(billing_run_failures, "tenant_id", "code", "reason")
_NAME: Final = sa.text(f"""
INSERT INTO billing_run_failures (run_id, tenant_id, code, reason, at)
SELECT :run, tenant_id, code, reason, :at FROM {table_of_records("failed", _FAILURE)}
ON CONFLICT (run_id, tenant_id) DO UPDATE SET code = excluded.code, reason = excluded.reason, at = excluded.at
""").bindparams(_THE_RUN, sa.bindparam("at", type_=Instant))
_CONFLICT: Final = columns_of(
    billing_run_conflicts, "tenant_id", "deployment_id", "kind", "day", "first", "second"
)
_TELL: Final = sa.text(f"""
INSERT INTO billing_run_conflicts (run_id, {", ".join(_CONFLICT)})
SELECT :run, {", ".join(_CONFLICT)} FROM {table_of_records("told", _CONFLICT)}
""").bindparams(_THE_RUN)
_FAILED: Final = sa.select(_F.tenant_id).where(
    _F.run_id == _THE_RUN, _F.tenant_id == sa.any_(sa.bindparam("tenants", type_=sa.ARRAY(Text)))
)
_FAILURES: Final = (
    sa.select(_F.tenant_id, _F.code, _F.reason).where(_asked_for(billing_run_failures)).order_by(_F.tenant_id)
)
_CONFLICTS: Final = (
    sa.select(_C.tenant_id, _C.deployment_id, _C.kind, _C.day, _C.first, _C.second)
    .where(_asked_for(billing_run_conflicts))
    .order_by(_C.tenant_id, _C.day, _C.deployment_id, _C.kind)
)


def open_run(connection: sa.Connection, period: Period, as_of: datetime, run_id: UUID) -> BillingRun:
    """See the port."""
    new = {
        "id": run_id,
        "period": period.start,
        "kind": KIND,
        "as_of": as_of,
        "rules_version": RULES_VERSION,
        "state": RunState.OPEN.value,
        "started_at": as_of,
    }
    connection.execute(_OPEN, new)
    row = connection.execute(_RUN, {"month": period.start}).one()
    return BillingRun(row.id, period, row.as_of)


def take_run(connection: sa.Connection, asking: Asking) -> None:
    """See the port."""
    connection.execute(_ALONE, {"run": asking.run.id})


def share_run(connection: sa.Connection, asking: Asking) -> None:
    """Until the transaction ends nobody has the run alone."""
    connection.execute(_BESIDE_OTHERS, {"run": asking.run.id})


def begin(
    connection: sa.Connection,
    asking: Asking,
    failures: Sequence[Failure],
    conflicts: Sequence[SourceConflict],
    at: datetime,
) -> None:
    """See the port."""
    # First: whoever begins the same run at once waits here.
    connection.execute(_BEGIN if asking.tenant_id is None else _ALONE, {"run": asking.run.id})
    for forget in _FORGET:
        connection.execute(forget, {"run": asking.run.id, "tenant": asking.tenant_id})
    name_failures(connection, asking.run, failures, at)
    if conflicts:
        told = records(_CONFLICT, map(_facts, conflicts))
        connection.execute(_TELL, {"run": asking.run.id, "told_rows": told})


def name_failures(
    connection: sa.Connection, run: BillingRun, failures: Sequence[Failure], at: datetime
) -> None:
    """See the port."""
    if failures:
        named = records(_FAILURE, ((one.tenant_id, one.code, one.reason) for one in failures))
        connection.execute(_NAME, {"run": run.id, "at": at, "failed_rows": named})


def failed_among(connection: sa.Connection, run: BillingRun, tenant_ids: Sequence[str]) -> Collection[str]:
    """See the port."""
    return frozenset(connection.scalars(_FAILED, {"run": run.id, "tenants": list(tenant_ids)}))


def failures(connection: sa.Connection, run: BillingRun, tenant_id: str | None) -> list[Failure]:
    """See the port."""
    rows = connection.execute(_FAILURES, {"run": run.id, "tenant": tenant_id})
    return [Failure(row.tenant_id, row.code, row.reason) for row in rows]


def conflicts(connection: sa.Connection, run: BillingRun, tenant_id: str | None) -> list[SourceConflict]:
    """See the port."""
    rows = connection.execute(_CONFLICTS, {"run": run.id, "tenant": tenant_id})
    return [SourceConflict(**row._mapping) for row in rows]


def close_run(connection: sa.Connection, run: BillingRun, at: datetime) -> None:
    """See the port."""
    connection.execute(_CLOSE, {"run": run.id, "at": at})


def _facts(conflict: SourceConflict) -> list[str]:
    return [str(conflict.facts[name]) for name in _CONFLICT]
