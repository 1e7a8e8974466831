"""Billing runs on the wire: how the month end of each month stands (SPEC 9, 18)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta

from arcadia_app.wire.rollups import RollupFailure
from arcadia_app.wire.types import Instant, Month, Shape
from arcadia_domain.ports import month_end
from arcadia_domain.ports.month_end import Failure, RunState


class RolledUpShard(Shape):
    """A shard of a rollup: how many drafts were made, made anew, and found as they are."""

    shard: int
    tenants: int
    created: int
    rebuilt: int
    unchanged: int

    @classmethod
    def of(cls, shard: month_end.Shard) -> RolledUpShard:
        return cls(
            shard=shard.number,
            tenants=shard.tenants,
            created=shard.written.created,
            rebuilt=shard.written.rebuilt,
            unchanged=shard.written.unchanged,
        )


class RunShards(Shape):
    """The shards of a run, by their state. `stopped`: the job failed or was parked, and waits for an operator
    who begins it again or discards it.
    """

    waiting: int
    stopped: int
    done: int
    discarded: int


class BillingRun(Shape):
    """A run, with what the last rollup of it came to so far. It is finished when every tenant that is due has
    an invoice, owes nothing, or is named as a failure.
    """

    period: Month
    state: RunState
    as_of: Annotated[Instant, Meta(description="Its invoices are made from what was known then.")]
    started_at: Instant
    finished_at: Instant | None
    tenants: int
    done: int
    created: int
    rebuilt: int
    unchanged: int
    shards: RunShards
    failed: Annotated[int, Meta(description="Tenants that could not be billed.")]

    @classmethod
    def of(cls, standing: month_end.RunStanding) -> BillingRun:
        return cls(
            period=f"{standing.run.period.start:%Y-%m}",
            state=standing.state,
            as_of=standing.run.as_of,
            started_at=standing.started_at,
            finished_at=standing.finished_at,
            tenants=standing.tenants,
            done=standing.done,
            created=standing.written.created,
            rebuilt=standing.written.rebuilt,
            unchanged=standing.written.unchanged,
            shards=RunShards(
                waiting=standing.shards_waiting,
                stopped=standing.shards_stopped,
                done=standing.shards_done,
                discarded=standing.shards_discarded,
            ),
            failed=standing.failed,
        )


class BillingRuns(Shape):
    """A page of runs, the latest month first."""

    items: list[BillingRun]
    next_cursor: str | None


class BillingRunInFull(Shape):
    """A run, and every tenant that it could not bill."""

    run: BillingRun
    failures: list[RollupFailure]

    @classmethod
    def of_run(cls, standing: month_end.RunStanding, failures: Sequence[Failure]) -> BillingRunInFull:
        return cls(
            run=BillingRun.of(standing),
            failures=[
                RollupFailure(tenant_id=one.tenant_id, code=one.code, detail=one.reason) for one in failures
            ],
        )
