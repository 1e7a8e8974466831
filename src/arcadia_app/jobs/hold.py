"""A job in the hands of a runner: how far it is goes to the store, and its lease is kept from ending.

The lease says that the process lives, not that the act gets on: it is renewed beside the act, by a thread.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import copy_context
from datetime import timedelta
from threading import Event, Lock, Thread

import structlog

from arcadia_app.arcadia import Arcadia
from arcadia_domain.identity import Principal
from arcadia_domain.ports.jobs import ClaimedJob
from arcadia_domain.ports.unit_of_work import Work


class JobTaken(Exception):
    """Another runner has the job: what this one does of it counts no more."""


class Hold:
    """One claimed job. An act is given it as its progress (`act.Progress`)."""

    def __init__(self, app: Arcadia, by: Principal, job: ClaimedJob, lease: timedelta) -> None:
        self._app = app
        self._by = by
        self._job = job
        self._lease = lease
        self._turn = Lock()
        self._done = 0
        self._total: int | None = None

    def __call__(self, done: int, total: int | None) -> None:
        """Store how far it is. Raises JobTaken."""
        with self._turn:
            self._done, self._total = done, total
            self._report()

    def must_hold(self, work: Work) -> None:
        """Let nobody take it before this transaction ends. Raises JobTaken."""
        if not work.jobs.hold(self._job):
            raise JobTaken

    def renew(self) -> None:
        """Hold it for another lease. Raises JobTaken."""
        with self._turn:
            self._report()

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Until the block ends the lease does not, as long as this process lives."""
        over = Event()
        keeper = Thread(target=copy_context().run, args=(self._keep, over), name="lease", daemon=True)
        keeper.start()
        try:
            yield
        finally:
            over.set()
            keeper.join()

    def _keep(self, over: Event) -> None:
        while not over.wait((self._lease / 3).total_seconds()):
            try:
                self.renew()
            except JobTaken:
                return  # the act hears of it with its next step
            except Exception as error:
                structlog.get_logger("arcadia.jobs").warning("lease not renewed", error=str(error))

    def _report(self) -> None:
        until = self._app.clock.now() + self._lease
        with self._app.transactions.begin(self._by) as work:
            mine = work.jobs.report(self._job, done=self._done, total=self._total, lease_until=until)
        if not mine:
            raise JobTaken
