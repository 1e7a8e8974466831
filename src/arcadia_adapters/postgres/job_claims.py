"""Taking turns at jobs: which are due and untold, taking one, and whether it is still who has it.

Owns the statements. What a try comes to is `jobs`'.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import sqlalchemy as sa

from arcadia_adapters.postgres.tables.foundation import Instant, Text, Uuid
from arcadia_adapters.postgres.tables.jobs import jobs
from arcadia_domain.ports.jobs import ClaimedJob, JobState

UNFINISHED: Final = (JobState.QUEUED.value, JobState.RUNNING.value)
_DOUBLINGS: Final = 20
"""Beyond them any pause is the longest, and no number too large."""

_J: Final = jobs.c
_JOB: Final = sa.bindparam("job", type_=Uuid)
_NOW: Final = sa.bindparam("now", type_=Instant)
_one: Final = jobs.alias("one")
_other: Final = jobs.alias("other")
_before_it: Final = sa.exists().where(
    _other.c.ordering_key == _one.c.ordering_key,
    _other.c.id != _one.c.id,
    sa.or_(
        _other.c.state == JobState.RUNNING.value,
        sa.and_(_other.c.state == JobState.QUEUED.value, _other.c.id < _one.c.id),
    ),
)
_is_due: Final = sa.and_(
    _one.c.state.in_(UNFINISHED),
    _one.c.run_after <= _NOW,
    sa.or_(_one.c.state == JobState.QUEUED.value, _one.c.lease_until <= _NOW),
    ~_before_it,
)
_doubled: Final = sa.func.power(
    2.0, sa.func.least(sa.func.greatest(_one.c.told - 1, 0), _DOUBLINGS), type_=sa.Double
)
_seconds: Final = sa.func.least(
    sa.bindparam("pause", type_=sa.Double) * _doubled, sa.bindparam("longest", type_=sa.Double)
)
_pause: Final = sa.func.make_interval(0, 0, 0, 0, 0, 0, _seconds, type_=sa.Interval)
_QUEUE: Final = sa.bindparam("of_queue", type_=Text)
_NAMES: Final = sa.bindparam("names", type_=sa.ARRAY(Text))
_TOLD: Final = (
    sa.select(_one.c.id)
    .where(
        _is_due,
        sa.or_(_one.c.sent_at.is_(None), _one.c.sent_at < _NOW - _pause),
        sa.or_(_QUEUE.is_(None), _one.c.queue == _QUEUE),
        sa.or_(_NAMES.is_(None), _one.c.name == sa.any_(_NAMES)),
    )
    .order_by(_one.c.run_after, _one.c.id)
    .limit(sa.bindparam("most", type_=sa.Integer))
    .with_for_update(skip_locked=True)
    .cte("told")
)
UNTOLD: Final[Mapping[str, object]] = {"sent_at": None, "told": 0}
DUE: Final = (
    sa.update(jobs)
    .where(_J.id == _TOLD.c.id)
    .values(sent_at=_NOW, told=_J.told + 1)
    .returning(_J.id, _J.name, _J.queue, _J.run_after)
)
NOT_TOLD: Final = (
    sa.update(jobs).where(_J.id == sa.any_(sa.bindparam("jobs", type_=sa.ARRAY(Uuid)))).values(UNTOLD)
)
# Locked as it was, for the history of a try that is lost.
CLAIMABLE: Final = (
    sa.select(_one)
    .where(_one.c.id == _JOB, _is_due, _one.c.name == sa.any_(_NAMES))
    .with_for_update(skip_locked=True)
)
CLAIM: Final = (
    sa.update(jobs)
    .where(_J.id == _JOB)
    .values(
        state=JobState.RUNNING.value,
        attempts=_J.attempts + 1,
        fence=_J.fence + 1,
        lease_until=sa.bindparam("lease", type_=Instant),
        worker=sa.bindparam("taken_by", type_=Text),
        begun_at=_NOW,
        woken=False,
        told=0,
        started_at=sa.func.coalesce(_J.started_at, _NOW),
        done=0,
        total=None,
    )
    .returning(
        *(_J[name] for name in ("id", "name", "queue", "payload", "input", "cause", "created_by")),
        *(_J[name] for name in ("attempts", "fence")),
    )
)
_TRIED: Final = ("name", "queue", "cause", "attempts", "fence", "worker", "begun_at")
MINE: Final = sa.select(*(_J[name] for name in _TRIED)).where(
    _J.id == _JOB,
    _J.fence == sa.bindparam("held_fence", type_=sa.BigInteger),
    _J.state == JobState.RUNNING.value,
)
# Others may still point at the row; who would change it waits, and who would claim it passes by.
HELD: Final = MINE.with_only_columns(_J.id).with_for_update(key_share=True)


def is_held(job: ClaimedJob) -> sa.ColumnElement[bool]:
    """It is still in these hands."""
    return (_J.id == job.id) & (_J.fence == job.fence) & (_J.state == JobState.RUNNING.value)
