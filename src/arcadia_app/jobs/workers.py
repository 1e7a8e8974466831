"""Dramatiq's workers: woken by a message, they work off its queue (SPEC 17).

Owns how many jobs of a queue run at a time in this process. A message names a job; what is run is that job,
if it can be, and then whatever else its queue holds. A message that is lost, late, double, or of a job that
another version knows, does no harm.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from threading import BoundedSemaphore, Event
from typing import Final
from uuid import UUID

import dramatiq
import structlog
from attrs import frozen

from arcadia_app.jobs.runner import JobRunner
from arcadia_app.settings import AT_ONCE
from arcadia_domain.ports.jobs import QUEUES, DueJob

ACTOR: Final = "job"
"""The name in our messages: it must stay, for messages outlive a version."""

_POLL: Final = 500  # milliseconds, that an idle consumer waits


@frozen(kw_only=True)
class WorkerOptions:
    """`at_once`: jobs of a queue that run here at a time. `patience`: how long one that is stopped waits for
    the jobs that run.
    """

    queues: Collection[str] = QUEUES
    at_once: int = AT_ONCE
    patience: timedelta = timedelta(seconds=20)


def message_of(job: DueJob) -> dramatiq.Message[object]:
    """The wake-up for a job."""
    return dramatiq.Message(
        queue_name=job.queue, actor_name=ACTOR, args=(str(job.id), job.queue), kwargs={}, options={}
    )


def declare(broker: dramatiq.Broker) -> None:
    """Make the queues known, for who sends only."""
    for queue in QUEUES:
        broker.declare_queue(queue)


class Workers:
    """The workers of one process."""

    def __init__(
        self,
        broker: dramatiq.Broker,
        runner: JobRunner,
        options: WorkerOptions = WorkerOptions(),
    ) -> None:
        self._broker = broker
        self._runner = runner
        self._options = options
        self._room: Mapping[str, BoundedSemaphore] = {
            queue: BoundedSemaphore(options.at_once) for queue in options.queues
        }
        self._stopping = Event()
        self._log = structlog.get_logger("arcadia.jobs")

    @contextmanager
    def running(self) -> Iterator[None]:
        """Jobs are run beside the block. At its end none is begun, and those that run are waited for; what
        takes too long is put back, for another process to take at once.
        """
        dramatiq.actor(actor_name=ACTOR, queue_name=QUEUES[0], broker=self._broker)(self._woken)
        declare(self._broker)
        worker = dramatiq.Worker(
            self._broker,
            queues=set(self._options.queues),
            worker_threads=len(self._room) * self._options.at_once,
            worker_timeout=_POLL,
        )
        worker.start()
        try:
            yield
        finally:
            self._stopping.set()
            worker.stop(timeout=int(self._options.patience / timedelta(milliseconds=1)))
            self._runner.put_back()

    def _woken(self, job_id: str, queue: str) -> None:
        """Never raises: what went wrong with a job stands in its row, what else does is logged."""
        try:
            self._work_off(queue, UUID(job_id))
        except Exception:
            self._log.exception("a job cannot be taken: it is told of again", job_id=job_id)

    def _work_off(self, queue: str, job_id: UUID | None) -> None:
        """Run this job and whatever else is due in its queue, if there is room. Where there is none, those
        who have it come to this job when theirs is done.
        """
        room = self._room[queue]
        while job_id is not None and room.acquire(blocking=False):
            try:
                while job_id is not None:
                    self._runner.run(job_id)
                    job_id = self._next(queue)
            finally:
                room.release()
            job_id = self._next(queue)  # told of between the last look and the release

    def _next(self, queue: str) -> UUID | None:
        return None if self._stopping.is_set() else self._runner.next(queue)
