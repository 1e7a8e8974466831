"""A scheduler or a worker as a process of its own, on a clock that its parent sets.

Run as `python -m tests.integration.jobs.clocked scheduler|worker TENANT_URL OPERATOR_URL GATEWAY_URL`. First
it says how far its own time zone is from UTC in January and in July. Then, told an instant on a line, it does
what is due then and answers with a line of JSON: the ticks that it fired, or the jobs that it ran.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

import structlog
from msgspec import Struct

from arcadia_adapters.cron import CronCalendar
from arcadia_adapters.postgres.pools import Pools
from arcadia_adapters.postgres.unit_of_work import PostgresTransactions
from arcadia_app.arcadia import Arcadia
from arcadia_app.bootstrap import wire_on
from arcadia_app.jobs.act import Progress
from arcadia_app.jobs.acts import ACTS
from arcadia_app.jobs.runner import JobRunner
from arcadia_app.jobs.schedule import TICKS
from arcadia_app.jobs.scheduler import Scheduler
from arcadia_domain.identity import Principal
from arcadia_domain.ports.jobs import ClaimedJob
from tests.world import SetClock

Answer = list[tuple[str, str]]
_JANUARY, _JULY = datetime(2028, 1, 15, tzinfo=UTC), datetime(2028, 7, 15, tzinfo=UTC)


class Nothing(Struct):
    """What a job came to that does nothing."""


def scheduler(app: Arcadia) -> Callable[[], Answer]:
    """Fires what is due of the real schedule: the names, and when they were due."""
    fires = Scheduler(app, TICKS, CronCalendar())
    return lambda: [(tick.name, tick.at.isoformat()) for tick in fires.fire()]


def worker(app: Arcadia) -> Callable[[], Answer]:
    """Runs jobs while there are any: their ids, and what caused them. Every act is quick and does nothing."""
    ran: Answer = []

    def act(app: Arcadia, job: ClaimedJob, by: Principal, progress: Progress) -> Nothing:
        ran.append((str(job.id), job.cause))
        return Nothing()

    runner = JobRunner(app, acts=dict.fromkeys(ACTS, act))

    def work_off() -> Answer:
        ran.clear()
        while runner.run_next():
            pass
        return ran

    return work_off


def main() -> None:
    role, *urls = sys.argv[1:]
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    clock = SetClock(_JANUARY)
    with Pools(*urls) as pools:
        act = {"scheduler": scheduler, "worker": worker}[role](wire_on(PostgresTransactions(pools), clock))
        print(json.dumps([time.localtime(at.timestamp()).tm_gmtoff for at in (_JANUARY, _JULY)]), flush=True)
        for line in sys.stdin:
            clock.at = datetime.fromisoformat(line.strip())
            print(json.dumps(act()), flush=True)


if __name__ == "__main__":
    main()
