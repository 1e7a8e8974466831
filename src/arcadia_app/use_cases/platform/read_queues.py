"""Read how the queues stand, and what of them an operator should look at (SPEC 17). Operators only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from arcadia_domain.identity import Principal
from arcadia_domain.ports.jobs import Job, JobState, QueueLoad
from arcadia_domain.ports.unit_of_work import Work

OF_EACH: Final = 20
"""Jobs of each kind that an overview names."""


@dataclass(frozen=True, slots=True)
class Overview:
    """Every queue; and the newest jobs that run, that wait for another try, and that stopped."""

    queues: Sequence[QueueLoad]
    running: Sequence[Job]
    retrying: Sequence[Job]
    stopped: Sequence[Job]


def read_queues(work: Work, by: Principal, *, now: datetime) -> Sequence[QueueLoad]:
    """Every queue. Raises OperatorsOnly."""
    by.must_be_operator("read jobs")
    return work.jobs.load(now)


def read_overview(work: Work, by: Principal, *, now: datetime) -> Overview:
    """Every queue, and up to OF_EACH jobs of each kind. Raises OperatorsOnly."""
    by.must_be_operator("read jobs")
    page = work.jobs.page
    parked = page(after=None, limit=OF_EACH, state=JobState.PARKED)
    failed = page(after=None, limit=OF_EACH, state=JobState.FAILED)
    newest_first = sorted((*parked, *failed), key=lambda job: job.id, reverse=True)  # an id tells when
    return Overview(
        queues=work.jobs.load(now),
        running=page(after=None, limit=OF_EACH, state=JobState.RUNNING),
        retrying=page(after=None, limit=OF_EACH, state=JobState.QUEUED, tried=True),
        stopped=newest_first[:OF_EACH],
    )
