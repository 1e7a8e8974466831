"""A worker or a scheduler as the application wires it, in a process that a test kills.

Run as `python -m tests.integration.jobs.kills.role worker|scheduler TENANT OPERATOR GATEWAY BROKER ATTEMPTS`.
It says `ready` when all is loaded, begins when it is told to, and ends with whoever started it. Differs from
`arcadia worker` and `arcadia scheduler` in this: acts of the test beside the real ones, short leases and
polls, and a schedule that ticks every second.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from arcadia_app.arcadia import Arcadia
from arcadia_app.bootstrap import wire_application
from arcadia_app.bootstrap.background import relaying, scheduling, working
from arcadia_app.jobs.relay import RelayOptions
from arcadia_app.jobs.runner import RunnerOptions
from arcadia_app.logs import configure_logs
from arcadia_app.settings import DatabaseUrls
from arcadia_app.use_cases.platform.fire_ticks import Missed, Tick
from arcadia_domain.identity import Principal
from arcadia_domain.ports.jobs import NewJob
from arcadia_domain.ports.unit_of_work import Work
from tests.integration.jobs.kills.acts import KILLED_ACTS, LEASE, TALLY

BEAT: Final = "beat"
"""The tick of every second: its name, and the chain of its jobs."""
QUEUES: Final = ("cloud_sync_fast", "cloud_billing", "metering")
AT_ONCE: Final = 1
_SECOND: Final = timedelta(seconds=1)
_RELAY: Final = RelayOptions(again=timedelta(seconds=0.5), poll=timedelta(seconds=0.2))


class EverySecond:
    """A calendar that ticks at each whole second, whatever the expression."""

    def next(self, cron: str, after: datetime) -> datetime:
        return after.replace(microsecond=0) + _SECOND


def _ask_beat(work: Work, by: Principal, *, at: datetime, now: datetime, cause: str) -> UUID:
    payload = {"chain": BEAT, "at": at.isoformat()}
    job = NewJob(work.new_id(), TALLY, "metering", payload, cause, by.subject, ordering_key=BEAT)
    return work.jobs.add(job, now)


TICKS: Final = (Tick(BEAT, "* * * * *", Missed.EACH, _ask_beat),)


@contextmanager
def _worker(app: Arcadia, attempts: int) -> Iterator[None]:
    tries = RunnerOptions(lease=LEASE, attempts=attempts, pause=timedelta(milliseconds=10))
    with (
        working(app, app.broker_url, queues=QUEUES, at_once=AT_ONCE, tries=tries, acts=KILLED_ACTS),
        relaying(app, app.broker_url, _RELAY),
    ):
        yield


@contextmanager
def _scheduler(app: Arcadia, attempts: int) -> Iterator[None]:
    with relaying(app, app.broker_url, _RELAY), scheduling(app, TICKS, EverySecond()):
        yield


def main() -> None:
    role, tenant, operator, gateway, broker, attempts = sys.argv[1:]
    configure_logs(sys.stderr)
    urls = DatabaseUrls(tenant=tenant, operator=operator, gateway=gateway)
    with wire_application(urls, broker_url=broker) as app:
        print("ready", flush=True)
        if sys.stdin.readline():
            with {"worker": _worker, "scheduler": _scheduler}[role](app, int(attempts)):
                sys.stdin.read()
                os._exit(0)  # whoever started it is gone, or wants it gone


if __name__ == "__main__":
    main()
