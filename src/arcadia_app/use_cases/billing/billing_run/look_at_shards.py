"""Look at the shards of an asking: how far they are, which of them stopped, and which will never be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from arcadia_domain.identity import Principal
from arcadia_domain.ports.jobs import Job, JobState
from arcadia_domain.ports.month_end import Asking, Failure, Shard, ShardState
from arcadia_domain.ports.unit_of_work import Work

_STOPPED: Final = (JobState.FAILED, JobState.PARKED)
_CHUNK: Final = 500
_SAID: Final = (
    "{stopped} of {all} shards stopped. The first is shard {number}, whose job {job} is {state}: {why} "
    "Begin it again, or discard it: then its tenants are named as failures."
)


@dataclass(frozen=True, slots=True)
class ShardsStanding:
    """How the shards of an asking stand; none of them: it is not planned. `stopped`: why it cannot go on
    before an operator has done something.
    """

    shards: Sequence[Shard]
    stopped: tuple[str, str] | None = None

    @property
    def waiting(self) -> Sequence[Shard]:
        return [one for one in self.shards if one.state is ShardState.WAITING]

    @property
    def tenants(self) -> int:
        return sum(one.tenants for one in self.shards)

    @property
    def done(self) -> int:
        return self.tenants - sum(one.tenants for one in self.waiting)


def look_at_shards(work: Work, by: Principal, *, asking: Asking, now: datetime) -> ShardsStanding:
    """How they stand, after the tenants of those whose job was discarded are named as failures.

    Raises OperatorsOnly.
    """
    by.must_be_operator("look at a billing run")
    shards = list(work.month_end.shards(asking))
    ids = [one.job_id for one in shards if _waits(one) and one.job_id is not None]
    jobs = {job.id: job for job in work.jobs.those(ids)}
    stopped: list[tuple[Shard, Job]] = []
    forgone: list[Shard] = []
    for shard in filter(_waits, shards):
        job = None if shard.job_id is None else jobs.get(shard.job_id)
        if job is None or job.state is JobState.DISCARDED:
            # All are taken before one is finished: whoever still does one may wait for its turn to finish.
            forgone.append(work.month_end.take_shard(asking, shard.number) or shard)
        elif job.state in _STOPPED:
            stopped.append((shard, job))
    for shard in forgone:
        shards[shard.number] = _discarded(work, asking, shard, now) if _waits(shard) else shard
    return ShardsStanding(shards, _in_words(stopped, len(shards)))


def _waits(shard: Shard) -> bool:
    return shard.state is ShardState.WAITING


def _discarded(work: Work, asking: Asking, shard: Shard, now: datetime) -> Shard:
    """All who are due in it are named, but those whom the run names for another reason."""
    after = shard.after
    while True:
        batch = work.month_end.due(
            asking.run.period,
            asking.existing,
            after=after,
            limit=_CHUNK,
            tenant_id=asking.tenant_id,
            up_to=shard.up_to,
        )
        if not batch:
            break
        ids = [month.tenant.tenant_id for month in batch]
        named = work.month_end.failed_among(asking.run, ids)
        reason = f"Shard {shard.number} of the run was discarded."
        failures = [Failure(one, "shard_discarded", reason) for one in ids if one not in named]
        work.month_end.name_failures(asking.run, failures, now)
        after = ids[-1]
    discarded = replace(shard, state=ShardState.DISCARDED)
    work.month_end.finish_shard(asking, discarded, now)
    return discarded


def _in_words(stopped: Sequence[tuple[Shard, Job]], count: int) -> tuple[str, str] | None:
    if not stopped:
        return None
    shard, job = stopped[0]
    said = _SAID.format(
        stopped=len(stopped),
        all=count,
        number=shard.number,
        job=job.id,
        state=job.state.value,
        why=job.error_detail,
    )
    return "shards_stopped", said
