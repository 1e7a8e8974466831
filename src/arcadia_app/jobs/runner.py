"""Runs jobs, one at a time: claims one, does its act, says what came of it (SPEC 17).

Owns when a job is tried again and when it has failed. A job whose process dies is taken by whoever looks
after its lease has ended; nothing is lost with a process, for all that is known of a job is in its row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread
from typing import Any, Final

import msgspec
import structlog
from attrs import frozen
from structlog.contextvars import bound_contextvars

from arcadia_app.arcadia import Arcadia
from arcadia_app.jobs.act import Act
from arcadia_app.jobs.acts import ACTS
from arcadia_app.jobs.hold import Hold, JobTaken
from arcadia_domain.errors import DomainError
from arcadia_domain.identity import operator
from arcadia_domain.ports.jobs import ClaimedJob

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
    }
)
"""Refusals that say nothing of the act: another try may get past them."""

_TAKEN: Final = "job was taken by another runner"
_GIVEN_UP: Final = "Something went wrong on our side, at each of {attempts} tries."


@frozen(kw_only=True)
class RunnerOptions:
    """`pause` is the time before the second try, and each try after it waits four times as long.
    `patience` is how long a runner that is stopped waits for the act that runs.
    """

    lease: timedelta = timedelta(minutes=1)
    poll: timedelta = timedelta(seconds=1)
    attempts: int = 5
    pause: timedelta = timedelta(seconds=5)
    patience: timedelta = timedelta(seconds=20)


class JobRunner:
    """Runs the jobs of an application."""

    def __init__(
        self,
        app: Arcadia,
        options: RunnerOptions = RunnerOptions(),
        acts: Mapping[str, Act] = ACTS,
    ) -> None:
        self._app = app
        self._options = options
        self._acts = acts
        self._runs: ClaimedJob | None = None
        self._log = structlog.get_logger("arcadia.jobs")

    @contextmanager
    def running(self) -> Iterator[None]:
        """Jobs are run beside the block. At its end none is begun, and the one that runs is waited for; if it
        takes too long, it is put back, for the next process to take at once.
        """
        stopping = Event()
        thread = Thread(target=self._run_all, args=(stopping,), name="jobs", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stopping.set()
            self._app.job_stored.set()
            thread.join(self._options.patience.total_seconds())
            if thread.is_alive():
                self._put_back(self._runs)

    def run_next(self) -> bool:
        """Run the job that has been due longest to its end, or to its next try. False: none is due."""
        now = self._app.clock.now()
        with self._app.transactions.begin(_RUNNER) as work:
            job = work.jobs.claim(now, now + self._options.lease)
        if job is None:
            return False
        self._runs = job
        try:
            with bound_contextvars(job_id=str(job.id), job=job.name, cause=job.cause, attempt=job.attempts):
                self._run(job)
        finally:
            self._runs = None
        return True

    def _run_all(self, stopping: Event) -> None:
        stored = self._app.job_stored
        while True:
            stored.clear()  # before looking: what is stored from now on is not slept over
            if stopping.is_set():
                return
            if not self._try_next():
                stored.wait(self._options.poll.total_seconds())

    def _try_next(self) -> bool:
        """The same as `run_next`, and never raises: the store may be away for a while."""
        try:
            return self.run_next()
        except DomainError as error:
            self._log.warning("jobs cannot be looked for", error=str(error))
        except Exception:
            self._log.exception("jobs cannot be looked for")
        return False

    def _run(self, job: ClaimedJob) -> None:
        if job.attempts > self._options.attempts:  # each time its process died, perhaps of it
            self._give_up(job)
            return
        self._log.info("job begun")
        try:
            result = self._acted(job)
        except JobTaken:
            self._log.warning(_TAKEN)
        except DomainError as error:
            if error.code in _PASSING and job.attempts < self._options.attempts:
                self._try_again(job, error)
            else:
                self._fail(job, error.code, str(error))
        except Exception as error:
            if job.attempts < self._options.attempts:
                self._try_again(job, error)
            else:
                self._log.error("job failed at its last try", exc_info=error)
                self._give_up(job)
        else:
            self._succeed(job, result)

    def _acted(self, job: ClaimedJob) -> Mapping[str, Any]:
        hold = Hold(self._app, _RUNNER, job, self._options.lease)
        with hold.kept():
            came_to = self._acts[job.name](self._app, job, operator(job.created_by), hold.progress)
        result: Mapping[str, Any] = msgspec.to_builtins(came_to)
        return result

    def _succeed(self, job: ClaimedJob, result: Mapping[str, Any]) -> None:
        with self._app.transactions.begin(_RUNNER) as work:
            mine = work.jobs.succeed(job, result, self._app.clock.now())
        self._log.info("job succeeded" if mine else _TAKEN)

    def _fail(self, job: ClaimedJob, code: str, detail: str) -> None:
        with self._app.transactions.begin(_RUNNER) as work:
            mine = work.jobs.fail(job, code, detail, self._app.clock.now())
        self._log.warning("job failed" if mine else _TAKEN, code=code, detail=detail)

    def _give_up(self, job: ClaimedJob) -> None:
        self._fail(job, "internal_error", _GIVEN_UP.format(attempts=self._options.attempts))

    def _put_back(self, job: ClaimedJob | None) -> None:
        """Stopping is no fault of the job: this try does not count. Its act is told with its next step."""
        if job is None:
            return
        try:
            with self._app.transactions.begin(_RUNNER) as work:
                mine = work.jobs.retry(job, self._app.clock.now(), counted=False)
        except Exception as error:
            self._log.warning("job not put back: it is run again when its lease has ended", error=str(error))
        else:
            self._log.warning(
                "stopped in the middle of a job: put back" if mine else _TAKEN, job_id=str(job.id)
            )

    def _try_again(self, job: ClaimedJob, error: Exception) -> None:
        run_after = self._app.clock.now() + self._options.pause * 4 ** (job.attempts - 1)
        with self._app.transactions.begin(_RUNNER) as work:
            work.jobs.retry(job, run_after)
        self._log.error("job to be tried again", run_after=run_after.isoformat(), exc_info=error)
