"""The tick loop, in every process: fires what is due, as long as the process lives (SPEC 17).

Owns the loop. Which ticks there are is `schedule`'s; that each is fired once is `fire_ticks`'s.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread
from typing import Final

import structlog

from arcadia_app.arcadia import Arcadia
from arcadia_app.use_cases.platform.fire_ticks import Fired, Tick, fire_ticks, put_schedule
from arcadia_domain.errors import DomainError
from arcadia_domain.identity import operator
from arcadia_domain.ports.schedule import Calendar

_SCHEDULER: Final = operator("scheduler")
_POLL: Final = timedelta(seconds=1)


class Scheduler:
    """The scheduler of one process. Any number may run at once."""

    def __init__(
        self, app: Arcadia, ticks: Sequence[Tick], calendar: Calendar, poll: timedelta = _POLL
    ) -> None:
        self._app = app
        self._ticks = ticks
        self._calendar = calendar
        self._poll = poll
        self._log = structlog.get_logger("arcadia.schedule")
        self._put = False

    @contextmanager
    def running(self) -> Iterator[None]:
        """Ticks are fired beside the block."""
        stopping = Event()
        thread = Thread(target=self._run, args=(stopping,), name="scheduler", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stopping.set()
            thread.join()

    def fire(self) -> list[Fired]:
        """Fire what is due now. Raises what the store raises."""
        now = self._app.clock.now()
        with self._app.transactions.begin(_SCHEDULER) as work:
            if not self._put:
                put_schedule(work, _SCHEDULER, ticks=self._ticks, calendar=self._calendar, now=now)
            fired = fire_ticks(work, _SCHEDULER, ticks=self._ticks, calendar=self._calendar, now=now)
        self._put = True
        for tick in fired:
            self._log.info("tick", tick=tick.name, at=tick.at.isoformat(), job_id=str(tick.job_id))
        if fired:
            self._app.job_stored.set()
        return fired

    def _run(self, stopping: Event) -> None:
        away = False
        while not stopping.is_set():
            try:
                self.fire()
                away = False
            except Exception as error:  # the store may be away for a while: what is due then is due still
                if not away:
                    known = isinstance(error, DomainError)
                    self._log.warning(
                        "ticks cannot be fired", error=str(error), exc_info=None if known else error
                    )
                away = True
            stopping.wait(self._poll.total_seconds())
