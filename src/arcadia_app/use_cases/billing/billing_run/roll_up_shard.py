"""Roll up one shard of a month: its tenants are billed, and it is done, in one transaction (SPEC 9, 17)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from arcadia_app.use_cases.billing.billing_run.bill_tenants import bill_tenants
from arcadia_domain.errors import DomainError
from arcadia_domain.identity import Principal
from arcadia_domain.period import Period
from arcadia_domain.ports.month_end import Asking, Shard, ShardState, Written
from arcadia_domain.ports.unit_of_work import Work


class ShardNotPlanned(DomainError):
    code = "shard_not_planned"
    sentence = "There is no shard {number} of {asking_id}."


def roll_up_shard(
    work: Work,
    by: Principal,
    *,
    period: Period,
    asking_id: UUID,
    number: int,
    now: datetime,
    force: bool = False,
    tenant_id: str | None = None,
) -> Shard:
    """The shard with what it came to. Again, or twice at once: nothing more. Raises OperatorsOnly,
    ShardNotPlanned.

    The asking's job is told how far it is, and is due at once after the last shard.
    """
    by.must_be_operator("roll up a shard")
    run = work.month_end.open_run(period, now, work.new_id())  # it is there: its shards are planned
    asking = Asking(asking_id, run, force, tenant_id)
    planned = work.month_end.shards(asking)
    if number >= len(planned):
        raise ShardNotPlanned(number=number, asking_id=asking_id)
    shard = planned[number]
    if shard.state is not ShardState.WAITING:
        return shard
    done = replace(shard, state=ShardState.DONE, written=_billed(work, asking, shard, now))
    far = work.month_end.finish_shard(asking, done, now)
    if far is not None:
        due_at = None if far.waiting else now
        work.jobs.advance(asking.id, done=far.done, total=far.tenants, due_at=due_at)
    return done


def _billed(work: Work, asking: Asking, shard: Shard, now: datetime) -> Written:
    """Bill all who are due between its ends. Few have become due since it was planned: one look finds all."""
    written, after, limit = Written(), shard.after, 2 * shard.tenants
    while True:
        batch = work.month_end.due(
            asking.run.period,
            asking.existing,
            after=after,
            limit=limit,
            tenant_id=asking.tenant_id,
            up_to=shard.up_to,
        )
        if batch:
            written += bill_tenants(work, asking, batch, now)
            after = batch[-1].tenant.tenant_id
        if len(batch) < limit:
            return written
