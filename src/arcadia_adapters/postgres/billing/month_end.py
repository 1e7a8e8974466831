"""The month end on Postgres: the port, put together of who is due, what is written, and the run.

Owns the run and its failures; the rest is `month_end_due` and `month_end_write`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from arcadia_adapters.postgres.billing.month_end_due import due, of_deployment
from arcadia_adapters.postgres.billing.month_end_write import write
from arcadia_adapters.postgres.tables.foundation import Day, Text, Uuid
from arcadia_adapters.postgres.tables.invoices import billing_run_failures, billing_runs
from arcadia_domain.billing.invoicing import Invoice
from arcadia_domain.period import Period
from arcadia_domain.ports.month_end import BillingRun, Existing, Failure, TenantMonth, Written
from arcadia_domain.pricing.proof import RULES_VERSION

_KIND: Final = "month_end"
_RUNNING: Final = "running"
_FINISHED: Final = "finished"

_OPEN: Final = insert(billing_runs).on_conflict_do_nothing(
    index_elements=[billing_runs.c.period, billing_runs.c.kind]
)
_RUN: Final = sa.select(billing_runs.c.id, billing_runs.c.as_of).where(
    billing_runs.c.period == sa.bindparam("month", type_=Day), billing_runs.c.kind == _KIND
)
# First of the three: whoever closes the same run at once waits here.
_CLOSE: Final = (
    sa.update(billing_runs)
    .where(billing_runs.c.id == sa.bindparam("run", type_=Uuid))
    .values(state=_FINISHED, finished_at=sa.bindparam("at"))
)
_ONE: Final = sa.bindparam("tenant", type_=Text)
_FORGET: Final = sa.delete(billing_run_failures).where(
    billing_run_failures.c.run_id == sa.bindparam("run", type_=Uuid),
    _ONE.is_(None) | (billing_run_failures.c.tenant_id == _ONE),
)
_KEEP: Final = sa.insert(billing_run_failures)


class PostgresMonthEnd:
    """The month end, as the operators' role may run it; one deployment's month, as any role sees it."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def open_run(self, period: Period, as_of: datetime, run_id: UUID) -> BillingRun:
        new = {
            "id": run_id,
            "period": period.start,
            "kind": _KIND,
            "as_of": as_of,
            "rules_version": RULES_VERSION,
            "state": _RUNNING,
            "started_at": as_of,
        }
        self._connection.execute(_OPEN, new)
        row = self._connection.execute(_RUN, {"month": period.start}).one()
        return BillingRun(row.id, period, row.as_of)

    def due(
        self, period: Period, existing: Existing, *, after: str, limit: int, tenant_id: str | None = None
    ) -> Sequence[TenantMonth]:
        if existing is Existing.REBUILD_DRAFTS:
            # One rebuild of a month at a time: what was read before another wrote must not be written after.
            self._connection.execute(_RUN.with_for_update(), {"month": period.start})
        return due(self._connection, period, existing, after=after, limit=limit, tenant_id=tenant_id)

    def of_deployment(self, deployment_id: UUID, period: Period) -> TenantMonth | None:
        return of_deployment(self._connection, deployment_id, period)

    def write(
        self, drafts: Sequence[Invoice], nothing_to_bill: Sequence[str], *, period: Period, force: bool
    ) -> Written:
        return write(self._connection, drafts, nothing_to_bill, period=period, force=force)

    def close_run(
        self, run: BillingRun, failures: Sequence[Failure], tenant_id: str | None, at: datetime
    ) -> None:
        self._connection.execute(_CLOSE, {"run": run.id, "at": at})
        self._connection.execute(_FORGET, {"run": run.id, "tenant": tenant_id})
        if failures:
            rows = [
                {"run_id": run.id, "tenant_id": f.tenant_id, "code": f.code, "reason": f.reason, "at": at}
                for f in failures
            ]
            self._connection.execute(_KEEP, rows)
