"""Health, readiness and metrics, for load balancers, supervisors and Prometheus: anybody may ask (SPEC 15).

Owns what is told. Names no address, no tenant and no reason that would help somebody break in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from litestar import Response, get
from litestar.openapi.datastructures import ResponseSpec
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from arcadia_app.arcadia import Cloud
from arcadia_app.http.door import App
from arcadia_app.http.platform.queue_metrics import queue_metrics
from arcadia_app.wire.health import Alive, Ready
from arcadia_domain import __version__
from arcadia_domain.ports.clock import Clock
from arcadia_domain.ports.health import Check, Health

SERVICE: Final = "arcadia-cloud"

_STOPPING: Final = Check("process", False, "it was asked to stop, and finishes what it has begun")

_ANYBODY: Final[list[dict[str, list[str]]]] = [{}]
_TAGS: Final = ("Platform",)


@get("/api/health", operation_id="read_health", tags=_TAGS, security=_ANYBODY, sync_to_thread=False)
def read_health() -> Alive:
    """Tell that the process answers.

    Asks nothing of the database: a process is not to be restarted because the database is away.
    """
    return Alive(service=SERVICE, status="ok", version=__version__)


@get(
    "/api/ready",
    operation_id="read_readiness",
    tags=_TAGS,
    security=_ANYBODY,
    responses={503: ResponseSpec(Ready, description="Not ready: send requests elsewhere.")},
    sync_to_thread=True,
)
def read_readiness(app: App) -> Response[Ready]:
    """Tell whether requests can be answered.

    200 or 503, with what was looked at: the database by each role, its schema, and where jobs wait. 503 too
    from when the process was asked to stop.
    """
    look = app.health.look()
    if app.stopping.is_set():
        look = replace(look, checks=(*look.checks, _STOPPING))
    ready = Ready.of(look)
    return Response(ready, status_code=200 if ready.status == "ready" else 503)


@get("/metrics", include_in_schema=False, sync_to_thread=True)
def read_metrics(app: App) -> Response[bytes]:
    """Prometheus' text."""
    registry = CollectorRegistry()
    registry.register(_Store(app.health, app.clock))
    registry.register(_Calls(app.cloud))
    text = generate_latest(REGISTRY) + generate_latest(registry)
    return Response(text, media_type=CONTENT_TYPE_LATEST)


class _Store(Collector):
    """What the store says of itself."""

    def __init__(self, health: Health, clock: Clock) -> None:
        self._health = health
        self._clock = clock

    def collect(self) -> Iterator[GaugeMetricFamily]:
        look = self._health.look()
        checks = GaugeMetricFamily("arcadia_ready", "1 where a check of /api/ready holds.", labels=["check"])
        for check in look.checks:
            checks.add_metric([check.name], int(check.ok))
        used = GaugeMetricFamily(
            "arcadia_database_connections_in_use", "Connections out of a role's pool.", labels=["role"]
        )
        for role, count in self._health.connections_in_use().items():
            used.add_metric([role], count)
        jobs = GaugeMetricFamily("arcadia_jobs_unfinished", "Jobs that wait or run.", labels=["state"])
        for state, count in look.jobs.items():
            jobs.add_metric([state], count)
        yield from (checks, used, jobs)
        if look.jobs:  # nobody knows how the queues stand while the database is away
            yield from queue_metrics(look.queues, self._clock.now())


class _Calls(Collector):
    """What the cloud provider still takes of us. Nothing is told before the first call."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def collect(self) -> Iterator[Metric]:
        budget = self._cloud.budget()
        if budget is None:
            return
        limits = GaugeMetricFamily(
            "arcadia_cloud_calls_limit", "Calls that the cloud provider takes in a window.", labels=["window"]
        )
        left = GaugeMetricFamily(
            "arcadia_cloud_calls_left", "Calls that are left of the running window.", labels=["window"]
        )
        for window, most, rest in (
            ("minute", budget.per_minute, budget.minute_left),
            ("hour", budget.per_hour, budget.hour_left),
        ):
            limits.add_metric([window], most)
            left.add_metric([window], rest)
        yield from (limits, left)
        yield CounterMetricFamily(
            "arcadia_cloud_calls_waited_seconds", "Time that calls have waited for their turn.", budget.waited
        )


HANDLERS: Final[tuple[Any, ...]] = (read_health, read_readiness, read_metrics)
