"""What is counted about requests, for Prometheus. Names no tenant: who scrapes need not see who is there."""

from __future__ import annotations

from typing import Final

from prometheus_client import Gauge, Histogram

RUNNING: Final = Gauge("arcadia_http_requests_running", "Requests that are being answered.")
FINISHED: Final = Histogram(
    "arcadia_http_request_seconds",
    "Time to answer a request.",
    ["method", "route", "status"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)
