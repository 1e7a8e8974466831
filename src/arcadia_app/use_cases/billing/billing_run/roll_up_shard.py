"""Roll up one shard of a month: its tenants are billed, and then it is done (SPEC 9, 17).

Owns how much of it is one transaction: never more tenants than were planned.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from arcadia_app.use_cases.billing.billing_run.bill_tenants import bill_tenants
from arcadia_domain.errors import DomainError
from arcadia_domain.identity import Principal
from arcadia_domain.period import Period
from arcadia_domain.ports.month_end import Asking, Shard, ShardState, Written
from arcadia_domain.ports.unit_of_work import Transactions, Work


class ShardNotPlanned(DomainError):
    code = "shard_not_planned"
    sentence = "There is no shard {number} of {asking_id}."


class ShardSettled(DomainError):
    code = "shard_settled"
    sentence = "Shard {number} of {asking_id} was done or discarded while it was billed."


def roll_up_shard(
    transactions: Transactions,
    by: Principal,
    *,
    period: Period,
    asking_id: UUID,
    number: int,
    now: datetime,
    force: bool = False,
    tenant_id: str | None = None,
    must_hold: Callable[[Work], object] = lambda _: None,
) -> Shard:
    """The shard with what it came to. Again, or twice at once: nothing more.

    One transaction; where some became due since it was planned, one more for each so many. The asking's job
    is told how far it is, and is due at once after the last shard. `must_hold` is the last word of each
    transaction: what it raises keeps it away. Raises OperatorsOnly, ShardNotPlanned, ShardSettled.
    """
    by.must_be_operator("roll up a shard")
    while True:
        with transactions.begin(by) as work:
            run = work.month_end.open_run(period, now, work.new_id())  # it is there: its shards are planned
            shard = _step(work, Asking(asking_id, run, force, tenant_id), number, now)
            must_hold(work)
        if shard.state is not ShardState.WAITING:
            return shard


def _step(work: Work, asking: Asking, number: int, now: datetime) -> Shard:
    """The shard after so many tenants more."""
    shard = work.month_end.take_shard(asking, number)
    if shard is None:
        raise ShardNotPlanned(number=number, asking_id=asking.id)
    if shard.state is not ShardState.WAITING:
        return shard
    came_to = _billed(work, asking, shard, now)
    far = work.month_end.finish_shard(asking, came_to, now)
    if far is None:
        raise ShardSettled(number=number, asking_id=asking.id)
    due_at = None if far.waiting else now
    work.jobs.advance(asking.id, done=far.done, total=far.tenants, due_at=due_at)
    return came_to


def _billed(work: Work, asking: Asking, shard: Shard, now: datetime) -> Shard:
    """It is done unless others took the place of some who were planned: then it waits, from there on."""
    batch = work.month_end.due(
        asking.run.period,
        asking.existing,
        after=shard.after,
        limit=shard.tenants,
        tenant_id=asking.tenant_id,
        up_to=shard.up_to,
    )
    written = shard.written + (bill_tenants(work, asking, batch, now) if batch else Written())
    last = batch[-1].tenant.tenant_id if len(batch) == shard.tenants else shard.up_to
    if last == shard.up_to:
        return replace(shard, state=ShardState.DONE, written=written)
    assert last is not None
    return replace(shard, after=last, written=written)
