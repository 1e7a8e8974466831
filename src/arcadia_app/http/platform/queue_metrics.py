"""How the queues stand, for Prometheus: read from the store when somebody scrapes (SPEC 17).

Owns the names. What this process did itself is counted where it was done (`jobs.metrics`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from prometheus_client.core import GaugeMetricFamily

from arcadia_domain.ports.jobs import QUEUES, QueueLoad

_SECOND = timedelta(seconds=1)


def queue_metrics(found: Sequence[QueueLoad], now: datetime) -> Iterator[GaugeMetricFamily]:
    """Every queue, and whatever queue of another version holds jobs; every job in one state."""
    known = {queue: QueueLoad(queue, 0, 0, 0, 0, None) for queue in QUEUES}
    loads = list({**known, **{load.queue: load for load in found}}.values())
    jobs = GaugeMetricFamily(
        "arcadia_queue_jobs",
        "Jobs that wait for their first try, wait for another, run, or failed or were parked (stopped).",
        labels=["queue", "state"],
    )
    oldest = GaugeMetricFamily(
        "arcadia_queue_oldest_due_seconds",
        "For how long the job that waits longest could have been begun; 0 where none waits.",
        labels=["queue"],
    )
    for load in loads:
        states = {
            "waiting": load.waiting - load.retrying,
            "retrying": load.retrying,
            "running": load.running,
            "stopped": load.stopped,
        }
        for state, count in states.items():
            jobs.add_metric([load.queue, state], count)
        since = now if load.oldest_due is None else load.oldest_due
        oldest.add_metric([load.queue], max(0, (now - since) / _SECOND))
    yield from (jobs, oldest)
