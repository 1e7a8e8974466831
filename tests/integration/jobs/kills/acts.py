"""What the killed processes do: the real acts, and three of the test's own, each slow enough to be hit.

Owns the acts. Every transaction takes a while between what it writes and its commit, so that a kill comes
before the write, after it, or between two transactions of one act.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Final, NoReturn
from uuid import UUID

import sqlalchemy as sa
from msgspec import Struct

from arcadia_adapters.postgres.unit_of_work import PostgresWork
from arcadia_app.arcadia import Arcadia
from arcadia_app.jobs.act import Act, Progress
from arcadia_app.jobs.acts import ACTS
from arcadia_app.use_cases.billing.record_usage import record_usage
from arcadia_domain.billing.usage_events import UsageEvent
from arcadia_domain.identity import Principal
from arcadia_domain.ports.jobs import ClaimedJob
from arcadia_domain.ports.unit_of_work import Transactions
from tests.world import GATEWAY

TALLY: Final = "tally"
PUSH: Final = "push_usage"
RAISES: Final = "raises"
DIES: Final = "dies"

STEPS: Final = 4
"""Rows of one tally job, each of a transaction of its own."""
BATCHES: Final = 3
EVENTS: Final = 20
PUSHED_KIND: Final = "bandwidth_gb"
PUSHED_AT: Final = datetime(2026, 5, 10, 12, tzinfo=UTC)
LEASE: Final = timedelta(seconds=1.5)

MAKE_TALLY: Final = """
CREATE TABLE tally (
    position bigserial, job uuid NOT NULL, step integer NOT NULL, chain text NOT NULL, fence bigint NOT NULL
);
GRANT SELECT, INSERT ON tally TO PUBLIC;
GRANT USAGE ON SEQUENCE tally_position_seq TO PUBLIC
"""
"""No key keeps a row from being there twice: that is what the leases and fences are tried for."""

_COUNT: Final = sa.text("""
INSERT INTO tally (job, step, chain, fence)
SELECT :job, :step, :chain, :fence WHERE NOT EXISTS (SELECT FROM tally WHERE job = :job AND step = :step)
""")
_TAKE_A_WHILE: Final = sa.text("SELECT pg_sleep(0.05)")


class CameTo(Struct):
    rows: int


class Slow:
    """Transactions that take a while before they commit."""

    def __init__(self, store: Transactions) -> None:
        self._store = store

    @contextmanager
    def begin(self, principal: Principal) -> Iterator[PostgresWork]:
        with self._store.begin(principal) as work:
            assert isinstance(work, PostgresWork)
            yield work
            work.connection.execute(_TAKE_A_WHILE)


def _slow(act: Act) -> Act:
    def slow(app: Arcadia, job: ClaimedJob, by: Principal, progress: Progress) -> Struct:
        return act(replace(app, transactions=Slow(app.transactions)), job, by, progress)

    return slow


def _tally(app: Arcadia, job: ClaimedJob, by: Principal, progress: Progress) -> CameTo:
    """A row for each step: begun again, those that are there are passed over."""
    for step in range(STEPS):
        with app.transactions.begin(by) as work:
            assert isinstance(work, PostgresWork)
            row = {"job": job.id, "step": step, "chain": job.payload["chain"], "fence": job.fence}
            work.connection.execute(_COUNT, row)
            progress.must_hold(work)
        progress(step + 1, STEPS)
    return CameTo(STEPS)


def _push(app: Arcadia, job: ClaimedJob, by: Principal, progress: Progress) -> CameTo:
    """Events in batches, each of them 1 gigabyte: what is told twice counts once."""
    for batch in range(BATCHES):
        with app.transactions.begin(GATEWAY) as work:
            events = [
                UsageEvent(
                    id=f"{job.id}/{batch}/{n}",
                    deployment_id=UUID(job.payload["deployment_id"]),
                    resource_kind=PUSHED_KIND,
                    qty=Decimal(1),
                    occurred_at=PUSHED_AT,
                )
                for n in range(EVENTS)
            ]
            record_usage(work, GATEWAY, events=events, now=app.clock.now())
        progress(batch + 1, BATCHES)
    return CameTo(BATCHES * EVENTS)


def _raise(app: Arcadia, job: ClaimedJob, by: Principal, progress: Progress) -> NoReturn:
    raise RuntimeError("poison")


def _die(app: Arcadia, job: ClaimedJob, by: Principal, progress: Progress) -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("alive after SIGKILL")


KILLED_ACTS: Final[Mapping[str, Act]] = MappingProxyType(
    {
        **{name: _slow(act) for name, act in {**ACTS, TALLY: _tally, PUSH: _push}.items()},
        RAISES: _raise,
        DIES: _die,
    }
)
"""Every job of a killed process, by its name."""
