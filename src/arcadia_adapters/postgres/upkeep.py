"""The store kept in shape on Postgres (`arcadia_domain.ports.upkeep`), as the operators' role.

Owns the statements. Partitions are made and dropped by the owner on its behalf (`owner_acts`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

import sqlalchemy as sa

from arcadia_adapters.postgres.partitions import add_month, months_without_place
from arcadia_domain.ports.upkeep import ByMonth, Dropped, MonthOf

_PLACES: Final = sa.text("""
SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
WHERE inhparent = CAST('public.' || :parent AS regclass)
""")
_MONTH: Final = re.compile(r"_(\d{4})_(\d{2})\Z")
_DROP: Final = sa.text("SELECT drop_month(:parent, :month)")

# In each: what another one is giving up at this moment is left to it.
_JOBS: Final = sa.text("""
DELETE FROM jobs WHERE id = ANY (ARRAY(
    SELECT id FROM jobs WHERE finished_at < :before AND state IN ('succeeded', 'discarded')
    ORDER BY finished_at LIMIT :limit FOR UPDATE SKIP LOCKED
))
""")
_ANSWERS: Final = sa.text("""
DELETE FROM idempotency_keys WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM idempotency_keys WHERE expires_at < :before
    ORDER BY expires_at LIMIT :limit FOR UPDATE SKIP LOCKED
))
""")
_RATES: Final = sa.text("""
DELETE FROM rate_limits WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM rate_limits WHERE free_at < :before LIMIT :limit FOR UPDATE SKIP LOCKED
))
""")
_SYNCS: Final = sa.text("""
WITH old AS (
    SELECT id FROM sync_runs AS run
    WHERE started_at < :before AND finished_at IS NOT NULL AND (NOT complete OR EXISTS (
        SELECT FROM sync_runs AS later
        WHERE (later.account, later.speed) = (run.account, run.speed)
          AND later.complete AND (later.started_at, later.id) > (run.started_at, run.id)
    ))
    ORDER BY started_at LIMIT :limit FOR UPDATE SKIP LOCKED
), scopes AS (
    DELETE FROM sync_scopes USING old WHERE sync_id = old.id
)
DELETE FROM sync_runs USING old WHERE sync_runs.id = old.id
""")


class PostgresUpkeep:
    """The upkeep of this database."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def missing_months(self, first: date, last: date) -> Sequence[MonthOf]:
        return sorted(
            MonthOf(what, month)
            for what in ByMonth
            for month in months_without_place(self._connection, what, first, last)
        )

    def add_month(self, month: MonthOf) -> bool:
        return add_month(self._connection, month.what, month.start)

    def months_before(self, what: ByMonth, start: date) -> Sequence[MonthOf]:
        names = self._connection.scalars(_PLACES, {"parent": what.value})
        found = [_MONTH.search(name) for name in names]
        months = [date(int(each[1]), int(each[2]), 1) for each in found if each is not None]
        return [MonthOf(what, month) for month in sorted(months) if month < start]

    def drop_month(self, month: MonthOf) -> Dropped:
        asked = {"parent": month.what.value, "month": month.start}
        return Dropped(self._connection.scalar(_DROP, asked))

    def forget_jobs(self, before: datetime, limit: int) -> int:
        return self._forget(_JOBS, before, limit)

    def forget_answers(self, before: datetime, limit: int) -> int:
        return self._forget(_ANSWERS, before, limit)

    def forget_rates(self, before: datetime, limit: int) -> int:
        return self._forget(_RATES, before, limit)

    def forget_syncs(self, before: datetime, limit: int) -> int:
        return self._forget(_SYNCS, before, limit)

    def _forget(self, statement: sa.TextClause, before: datetime, limit: int) -> int:
        return self._connection.execute(statement, {"before": before, "limit": limit}).rowcount
