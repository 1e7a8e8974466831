"""Runs a job: claims it, does its act, says what came of it (SPEC 17).

Owns when a job is tried again, when it has failed and when it is parked. A job whose process dies is taken
by whoever is told of it after its lease has ended; nothing is lost with a process, for all that is known of a
job is in its row. Who tells is the relay.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import timedelta
from threading import Lock
from time import perf_counter
from typing import Any, Final
from uuid import UUID

import msgspec
import structlog
from attrs import frozen
from structlog.contextvars import bound_contextvars

from arcadia_app.arcadia import Arcadia
from arcadia_app.jobs.act import Act, Waits
from arcadia_app.jobs.acts import ACTS
from arcadia_app.jobs.hold import Hold, JobTaken
from arcadia_app.jobs.metrics import ENDED, SECONDS
from arcadia_domain.errors import DomainError
from arcadia_domain.identity import operator
from arcadia_domain.ports.jobs import ClaimedJob, Outcome

_RUNNER: Final = operator("jobs")
"""Who claims and finishes; the act itself is done by who asked for it."""

_PASSING: Final = frozenset(
    {
        "database_busy",
        "database_unreachable",
        "database_without_schema",
        "provider_failed",
        "provider_listing_incomplete",
        "provider_rate_limited",
        "provider_unreachable",
        "provider_unreadable",
    }
)
"""Refusals that say nothing of the act: another try may get past them."""

_AS_IT_SHOULD: Final = frozenset({Outcome.SUCCEEDED, Outcome.PUT_BACK})
"""Ends of a try that nobody needs to look at: who waits for others, or whose process stops, goes on later."""

_GIVEN_UP: Final = "Something went wrong on our side, at each of {attempts} tries: {why}"
_DIED: Final = "its process died each time"


@frozen(kw_only=True)
class RunnerOptions:
    """`lease`: how long a job is held, unless it is renewed. `attempts`: tries before it is parked. `pause`:
    the time before the second try; each one after it waits four times as long.
    """

    lease: timedelta = timedelta(minutes=1)
    attempts: int = 5
    pause: timedelta = timedelta(seconds=5)


class JobRunner:
    """Runs the jobs of an application, any number at a time."""

    def __init__(
        self,
        app: Arcadia,
        options: RunnerOptions = RunnerOptions(),
        acts: Mapping[str, Act] = ACTS,
    ) -> None:
        self._app = app
        self._options = options
        self._acts = acts
        self._worker = f"{socket.gethostname()}/{os.getpid()}"
        self._held: dict[tuple[UUID, int], tuple[ClaimedJob, float]] = {}
        self._turn = Lock()
        self._log = structlog.get_logger("arcadia.jobs")

    def next(self, queue: str | None = None) -> UUID | None:
        """The job that has been due longest, of a queue or of all; nobody else is told of it for a while."""
        now = self._app.clock.now()
        with self._app.transactions.begin(_RUNNER) as work:
            due = work.jobs.due(now, now, 1, queue=queue, names=self._acts.keys())
        return due[0].id if due else None

    def run_next(self) -> bool:
        """Run the job that has been due longest. False: none is due, or another took it just now."""
        job_id = self.next()
        return job_id is not None and self.run(job_id)

    def run(self, job_id: UUID) -> bool:
        """Run a job to its end, or to its next try. False: it is not due, or another has it."""
        now = self._app.clock.now()
        with self._app.transactions.begin(_RUNNER) as work:
            job = work.jobs.claim(
                job_id, now, now + self._options.lease, names=self._acts.keys(), worker=self._worker
            )
        if job is None:
            return False
        with self._turn:
            self._held[job.id, job.fence] = job, perf_counter()
        try:
            with _told_of(job):
                self._run(job)
        finally:
            self._let_go(job)
            self._app.job_stored.set()  # whoever waited behind it is due now
        return True

    def put_back(self) -> None:
        """Let what still runs here be taken by others at once. Stopping is no fault of the jobs: these tries
        do not count. Their acts are told with their next step.
        """
        with self._turn:
            held = [job for job, _ in self._held.values()]
        for job in held:
            now = self._app.clock.now()
            try:
                with self._app.transactions.begin(_RUNNER) as work:
                    mine = work.jobs.retry(job, now, now)
            except Exception as error:
                self._log.warning(
                    "job not put back: it is run again when its lease has ended",
                    job_id=str(job.id),
                    error=str(error),
                )
            else:
                if mine:  # else it has ended meanwhile, and was told of
                    with _told_of(job):
                        self._tell(job, Outcome.PUT_BACK, mine)

    def _run(self, job: ClaimedJob) -> None:
        if job.attempts > self._options.attempts:  # each time its process died, perhaps of it
            self._park(job, _DIED)
            return
        try:
            with SECONDS.labels(job.queue, job.name).time():
                result = self._acted(job)
        except JobTaken:
            self._tell(job, Outcome.LOST, mine=False)
        except Waits as waits:
            self._wait(job, waits)
        except DomainError as error:
            if error.code not in _PASSING:
                self._fail(job, error)
            elif job.attempts < self._options.attempts:
                self._try_again(job, error.code, str(error))
            else:
                self._park(job, str(error), error.code)
        except Exception as error:
            self._log.error("job went wrong", exc_info=error)
            if job.attempts < self._options.attempts:
                self._try_again(job, "internal_error", type(error).__name__)
            else:
                self._park(job, type(error).__name__)
        else:
            self._succeed(job, result)

    def _acted(self, job: ClaimedJob) -> Mapping[str, Any]:
        hold = Hold(self._app, _RUNNER, job, self._options.lease)
        with hold.kept():
            came_to = self._acts[job.name](self._app, job, operator(job.created_by), hold)
        result: Mapping[str, Any] = msgspec.to_builtins(came_to)
        return result

    def _succeed(self, job: ClaimedJob, result: Mapping[str, Any]) -> None:
        with self._app.transactions.begin(_RUNNER) as work:
            mine = work.jobs.succeed(job, result, self._app.clock.now())
        self._tell(job, Outcome.SUCCEEDED, mine)

    def _fail(self, job: ClaimedJob, error: DomainError) -> None:
        with self._app.transactions.begin(_RUNNER) as work:
            mine = work.jobs.fail(job, error.code, str(error), self._app.clock.now())
        self._tell(job, Outcome.FAILED, mine, code=error.code, detail=str(error))

    def _park(self, job: ClaimedJob, why: str, code: str = "internal_error") -> None:
        detail = _GIVEN_UP.format(attempts=self._options.attempts, why=why)
        with self._app.transactions.begin(_RUNNER) as work:
            mine = work.jobs.fail(job, code, detail, self._app.clock.now(), parked=True)
        self._tell(job, Outcome.PARKED, mine, code=code, detail=detail)

    def _try_again(self, job: ClaimedJob, code: str, detail: str) -> None:
        now = self._app.clock.now()
        run_after = now + self._options.pause * 4 ** (job.attempts - 1)
        with self._app.transactions.begin(_RUNNER) as work:
            mine = work.jobs.retry(job, run_after, now, error=(code, detail))
        self._tell(job, Outcome.RETRIED, mine, run_after=run_after.isoformat(), code=code, detail=detail)

    def _wait(self, job: ClaimedJob, waits: Waits) -> None:
        with self._app.transactions.begin(_RUNNER) as work:
            mine = work.jobs.wait(job, waits.until, self._app.clock.now(), why=waits.why)
        code, detail = waits.why or (None, None)
        self._tell(job, Outcome.PUT_BACK, mine, until=waits.until.isoformat(), code=code, detail=detail)

    def _tell(self, job: ClaimedJob, outcome: Outcome, mine: bool, **facts: object) -> None:
        """The one line of each try that ended, and its count. Where it was not `mine` any more, the try was
        lost, whatever it came to.
        """
        began = self._let_go(job)
        if began is None:
            return  # it was put back, which was told of
        ended = outcome if mine else Outcome.LOST
        ENDED.labels(job.queue, job.name, ended.value).inc()
        log = self._log.info if ended in _AS_IT_SHOULD else self._log.warning
        log("job ended", outcome=ended.value, seconds=round(perf_counter() - began, 3), **facts)

    def _let_go(self, job: ClaimedJob) -> float | None:
        """When its try began; None where it was let go before."""
        with self._turn:
            _, began = self._held.pop((job.id, job.fence), (job, None))
        return began


def _told_of(job: ClaimedJob) -> AbstractContextManager[None]:
    """What every line says that is logged within the block: which job, and what it came from."""
    return bound_contextvars(
        job_id=str(job.id), job=job.name, queue=job.queue, cause=job.cause, attempt=job.attempts
    )
