"""Tells workers, over the broker, of the jobs that are due (SPEC 17).

Owns the loop. A message is a wake-up and no more: what is due is read from the store, told, and told again
after a while if nobody took it. So a broker that is away, slow or wiped clean loses nothing, and whoever
stores a job needs no broker.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread
from typing import Final, Protocol
from uuid import UUID

import structlog
from attrs import frozen

from arcadia_app.arcadia import Arcadia
from arcadia_domain.errors import DomainError
from arcadia_domain.identity import operator
from arcadia_domain.ports.jobs import DueJob

_RELAY: Final = operator("relay")
_AT_ONCE: Final = 200


class Send(Protocol):
    """Puts a message on the broker. Raises where it is not there."""

    def __call__(self, job: DueJob, /) -> object: ...


@frozen(kw_only=True)
class RelayOptions:
    """`again`: how long a job that was told of may wait to be taken before it is told of again, and each time
    after twice as long (`LONGEST_PAUSE`). `poll`: how often what others stored is looked for.
    """

    again: timedelta = timedelta(seconds=15)
    poll: timedelta = timedelta(seconds=1)


class Relay:
    """The relay of one process. Any number may run at once."""

    def __init__(self, app: Arcadia, send: Send, options: RelayOptions = RelayOptions()) -> None:
        self._app = app
        self._send = send
        self._options = options
        self._log = structlog.get_logger("arcadia.jobs")
        self._away = False

    @contextmanager
    def running(self) -> Iterator[None]:
        """Workers are told beside the block."""
        stopping = Event()
        thread = Thread(target=self._run, args=(stopping,), name="relay", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stopping.set()
            self._app.job_stored.set()
            thread.join()

    def tell(self) -> int:
        """Tell of what is due now; of how many. Raises what the store or the broker raises: then those of
        whom nobody was told are due to be told of again, at once.

        A queue that cannot be reached keeps none of the others waiting.
        """
        now = self._app.clock.now()
        with self._app.transactions.begin(_RELAY) as work:
            due = work.jobs.due(now, now - self._options.again, _AT_ONCE)
        broken: dict[str, Exception] = {}
        unsent = []
        for job in due:  # after the commit: a worker that is quick must find it
            try:
                if job.queue not in broken:
                    self._send(job)
                    continue
            except Exception as error:
                broken[job.queue] = error
            unsent.append(job.id)
        if broken:
            self._take_back(unsent)
            raise next(iter(broken.values()))
        return len(due)

    def _take_back(self, unsent: Sequence[UUID]) -> None:
        """As well as it can be: what is not taken back is told of again after a while."""
        try:
            with self._app.transactions.begin(_RELAY) as work:
                work.jobs.not_told(unsent)
        except Exception as error:
            self._log.warning("jobs that nobody was told of rest for a while", error=str(error))

    def _run(self, stopping: Event) -> None:
        stored = self._app.job_stored
        while True:
            stored.clear()  # before looking: what is stored from now on is not slept over
            if stopping.is_set():
                return
            if self._told() < _AT_ONCE:
                stored.wait(self._options.poll.total_seconds())

    def _told(self) -> int:
        """The same as `tell`, and never raises: store and broker may be away for a while."""
        try:
            told = self.tell()
        except Exception as error:
            if not self._away:  # once is enough to say it
                expected = isinstance(error, DomainError | OSError)
                self._log.warning(
                    "workers cannot be told of jobs", error=str(error), exc_info=None if expected else error
                )
            self._away = True
            return 0
        if self._away:
            self._log.info("workers are told of jobs again")
        self._away = False
        return told
