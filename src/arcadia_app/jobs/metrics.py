"""What is counted about jobs in this process, for Prometheus. How the queues stand is read from the store."""

from __future__ import annotations

from typing import Final

from prometheus_client import Counter, Histogram

ENDED: Final = Counter("arcadia_jobs_ended", "Tries that ended.", ["queue", "job", "outcome"])
SECONDS: Final = Histogram(
    "arcadia_job_seconds",
    "Time of a try.",
    ["queue", "job"],
    buckets=(0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 1800.0),
)
