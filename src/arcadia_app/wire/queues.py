"""Queues on the wire: how each stands, and which jobs an operator should look at (SPEC 17, 18)."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from arcadia_app.use_cases.platform.read_queues import Overview
from arcadia_app.wire.jobs import Job
from arcadia_app.wire.types import Instant, Shape
from arcadia_domain.ports import jobs


class Queue(Shape):
    """How a queue stands. Each is worked off by itself: a slow sync never delays billing."""

    queue: Annotated[
        str, Meta(description="Its name; one of another version stands last.", examples=["metering"])
    ]
    waiting: int
    running: int
    retrying: Annotated[int, Meta(description="Of those that wait, how many wait for another try.")]
    stopped: Annotated[int, Meta(description="Failed or parked: they wait for an operator.")]
    oldest_due: Annotated[
        Instant | None,
        Meta(description="Since when the one that waits longest could have been begun; null where none is."),
    ]

    @classmethod
    def of(cls, load: jobs.QueueLoad) -> Queue:
        return cls(
            queue=load.queue,
            waiting=load.waiting,
            running=load.running,
            retrying=load.retrying,
            stopped=load.stopped,
            oldest_due=load.oldest_due,
        )


class Queues(Shape):
    """Every queue."""

    items: list[Queue]


class JobsOverview(Shape):
    """Every queue, and the newest jobs that run, that wait for another try, and that stopped."""

    queues: list[Queue]
    running: list[Job]
    retrying: list[Job]
    stopped: list[Job]

    @classmethod
    def of(cls, seen: Overview) -> JobsOverview:
        return cls(
            queues=[Queue.of(load) for load in seen.queues],
            running=[Job.of(job) for job in seen.running],
            retrying=[Job.of(job) for job in seen.retrying],
            stopped=[Job.of(job) for job in seen.stopped],
        )
