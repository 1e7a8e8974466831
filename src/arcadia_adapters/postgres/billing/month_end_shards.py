"""The shards of a billing run on Postgres: planned, finished, and how far the run is with them.

Owns the taking of turns by those who finish shards of one asking; what is done in a shard is not here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from arcadia_adapters.postgres.billing.month_end_run import KIND, share_run
from arcadia_adapters.postgres.records import records, table_of_records
from arcadia_adapters.postgres.staging import columns_of
from arcadia_adapters.postgres.tables.foundation import Instant, Text, Uuid
from arcadia_adapters.postgres.tables.invoices import billing_run_failures, billing_run_shards, billing_runs
from arcadia_adapters.postgres.tables.jobs import jobs
from arcadia_domain.period import Period, month_of
from arcadia_domain.ports.jobs import JobState
from arcadia_domain.ports.month_end import (
    Asking,
    BillingRun,
    RunStanding,
    RunState,
    Shard,
    ShardsDone,
    ShardState,
    Written,
)

_S: Final = billing_run_shards.c
_R: Final = billing_runs.c
_WAITING: Final = _S.state == ShardState.WAITING.value

_OF_ASKING: Final = (
    _S.run_id == sa.bindparam("run", type_=Uuid),
    _S.asking_id == sa.bindparam("asking", type_=Uuid),
)
_NUMBER: Final = sa.bindparam("number", type_=sa.Integer)
_SHARDS: Final = sa.select(billing_run_shards).where(*_OF_ASKING).order_by(_S.shard)
_COLUMNS: Final = columns_of(
    billing_run_shards,
    *("shard", "after", "up_to", "tenants", "created", "rebuilt", "unchanged", "state", "job_id"),
    "finished_at",
)
_ADD: Final = sa.text(f"""
INSERT INTO billing_run_shards (run_id, asking_id, {", ".join(_COLUMNS)})
SELECT :run, :asking, {", ".join(_COLUMNS)} FROM {table_of_records("planned", _COLUMNS)}
""").bindparams(sa.bindparam("run", type_=Uuid), sa.bindparam("asking", type_=Uuid))
_TAKE: Final = sa.select(billing_run_shards).where(*_OF_ASKING, _S.shard == _NUMBER).with_for_update()
# The job of an asking is what those who finish its shards take turns at: it is told how far it is anyway.
_TURN: Final = (
    sa.select(jobs.c.id)
    .where(jobs.c.id == sa.bindparam("asking", type_=Uuid))
    .with_for_update(key_share=True)
)
_FINISH: Final = (
    sa.update(billing_run_shards)
    .where(*_OF_ASKING, _S.shard == _NUMBER, _WAITING)
    .values(
        state=sa.bindparam("came_to", type_=Text),
        after=sa.bindparam("so_far", type_=Text),
        created=sa.bindparam("of_created", type_=sa.Integer),
        rebuilt=sa.bindparam("of_rebuilt", type_=sa.Integer),
        unchanged=sa.bindparam("of_unchanged", type_=sa.Integer),
        finished_at=sa.bindparam("at", type_=Instant),
    )
)
_STILL: Final = sa.select(sa.func.count()).where(_S.asking_id == sa.bindparam("asking", type_=Uuid), _WAITING)
_TENANTS: Final = sa.func.coalesce(sa.func.sum(_S.tenants), 0)
_TENANTS_DONE: Final = sa.func.coalesce(sa.func.sum(_S.tenants).filter(~_WAITING), 0)
_DONE: Final = sa.select(_TENANTS, _TENANTS_DONE, sa.func.count().filter(_WAITING)).where(*_OF_ASKING)


def add_shards(connection: sa.Connection, asking: Asking, shards: Sequence[Shard], at: datetime) -> None:
    """See the port."""
    if shards:
        planned = records(_COLUMNS, (_row(one, at) for one in shards))
        connection.execute(_ADD, {**_of(asking), "planned_rows": planned})


def shards(connection: sa.Connection, asking: Asking) -> list[Shard]:
    """See the port."""
    return [_shard(row) for row in connection.execute(_SHARDS, _of(asking))]


def take_shard(connection: sa.Connection, asking: Asking, number: int) -> Shard | None:
    """See the port."""
    share_run(connection, asking)
    row = connection.execute(_TAKE, {**_of(asking), "number": number}).one_or_none()
    return None if row is None else _shard(row)


def shards_waiting(connection: sa.Connection, asking_id: UUID) -> int:
    """See the port."""
    return connection.scalar(_STILL, {"asking": asking_id}) or 0


def finish_shard(connection: sa.Connection, asking: Asking, shard: Shard, at: datetime) -> ShardsDone | None:
    """See the port."""
    connection.execute(_TURN, _of(asking))
    came_to = {
        **_of(asking),
        "number": shard.number,
        "came_to": shard.state.value,
        "so_far": shard.after,
        "of_created": shard.written.created,
        "of_rebuilt": shard.written.rebuilt,
        "of_unchanged": shard.written.unchanged,
        "at": _finished_at(shard, at),
    }
    if not connection.execute(_FINISH, came_to).rowcount:
        return None
    # A statement after the turn came: it sees what those before wrote.
    return ShardsDone(*connection.execute(_DONE, _of(asking)).one())


def _of(asking: Asking) -> dict[str, object]:
    return {"run": asking.run.id, "asking": asking.id}


def _row(shard: Shard, at: datetime) -> tuple[object, ...]:
    """In the order of the columns."""
    written = shard.written
    return (
        *(shard.number, shard.after, shard.up_to, shard.tenants),
        *(written.created, written.rebuilt, written.unchanged),
        *(shard.state.value, shard.job_id, _finished_at(shard, at)),
    )


def _finished_at(shard: Shard, at: datetime) -> datetime | None:
    return None if shard.state is ShardState.WAITING else at


def _shard(row: sa.Row[Any]) -> Shard:
    return Shard(
        number=row.shard,
        after=row.after,
        up_to=row.up_to,
        tenants=row.tenants,
        state=ShardState(row.state),
        written=Written(row.created, row.rebuilt, row.unchanged),
        job_id=row.job_id,
    )


# How runs stand: each with the shards of its last asking, and their jobs.

_others = billing_run_shards.alias("others")
_LAST: Final = (
    sa.select(_others.c.asking_id)
    .where(_others.c.run_id == _R.id)
    .order_by(_others.c.asking_id.desc())
    .limit(1)
    .correlate(billing_runs)
    .scalar_subquery()
)
_STOPPED: Final = _WAITING & jobs.c.state.in_((JobState.FAILED.value, JobState.PARKED.value))


def _count(which: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.count().filter(which)


def _sum(column: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(column), 0)


_LOOK: Final = (
    sa.select(
        _TENANTS.label("tenants"),
        _TENANTS_DONE.label("done"),
        _sum(_S.created).label("created"),
        _sum(_S.rebuilt).label("rebuilt"),
        _sum(_S.unchanged).label("unchanged"),
        _count(_WAITING & sa.not_(sa.func.coalesce(_STOPPED, False))).label("shards_waiting"),
        _count(_STOPPED).label("shards_stopped"),
        _count(_S.state == ShardState.DONE.value).label("shards_done"),
        _count(_S.state == ShardState.DISCARDED.value).label("shards_discarded"),
    )
    .select_from(billing_run_shards.outerjoin(jobs, jobs.c.id == _S.job_id))
    .where(_S.run_id == _R.id, _S.asking_id == _LAST)
    .correlate(billing_runs)
    .lateral("look")
)
_FAILED: Final = (
    sa.select(sa.func.count())
    .where(billing_run_failures.c.run_id == _R.id)
    .correlate(billing_runs)
    .scalar_subquery()
)
_STANDING: Final = (
    sa.select(
        _R.id, _R.period, _R.as_of, _R.state, _R.started_at, _R.finished_at, _LOOK, _FAILED.label("failed")
    )
    .select_from(billing_runs.join(_LOOK, sa.true()))
    .where(_R.kind == KIND)
)


def run_of(connection: sa.Connection, period: Period) -> RunStanding | None:
    """See the port."""
    row = connection.execute(_STANDING.where(_R.period == period.start)).one_or_none()
    return None if row is None else _standing(row)


def runs(connection: sa.Connection, after: date | None, limit: int) -> list[RunStanding]:
    """See the port."""
    asked = _STANDING.order_by(_R.period.desc()).limit(limit)
    if after is not None:
        asked = asked.where(_R.period < after)
    return [_standing(row) for row in connection.execute(asked)]


def _standing(row: sa.Row[Any]) -> RunStanding:
    return RunStanding(
        run=BillingRun(row.id, month_of(row.period), row.as_of),
        state=RunState(row.state),
        started_at=row.started_at,
        finished_at=row.finished_at,
        tenants=row.tenants,
        done=row.done,
        written=Written(row.created, row.rebuilt, row.unchanged),
        shards_waiting=row.shards_waiting,
        shards_stopped=row.shards_stopped,
        shards_done=row.shards_done,
        shards_discarded=row.shards_discarded,
        failed=row.failed,
    )
