"""Connections of jobs: as many as they need at a time, and none that requests could take from them."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
from dramatiq import Worker

from arcadia_adapters.brokers import broker_at
from arcadia_adapters.clock import SystemClock
from arcadia_adapters.postgres.pools import Pools
from arcadia_app.arcadia import Arcadia
from arcadia_app.bootstrap import wire_application, wire_on
from arcadia_app.bootstrap.background import BESIDE_JOBS, apart, connections_for
from arcadia_app.jobs.workers import declare
from arcadia_app.settings import DatabaseUrls
from tests.fakes.transactions import FakeTransactions
from tests.integration.servers import Database
from tests.world import OLGA

QUEUES = ("cloud_billing", "metering")


def open_at_once(app: Arcadia, count: int, stack: ExitStack) -> None:
    for _ in range(count):
        stack.enter_context(app.transactions.begin(OLGA))


def test_every_job_at_a_time_has_its_two_connections_whatever_requests_have(database: Database) -> None:
    urls = DatabaseUrls(
        tenant=database.tenant_url, operator=database.operator_url, gateway=database.gateway_url
    )
    needed = connections_for(QUEUES, at_once=3)
    assert needed == 2 * 6 + BESIDE_JOBS
    with wire_application(urls) as app, apart(app, needed) as own, ExitStack() as stack:
        open_at_once(app, Pools.size, stack)
        open_at_once(own, needed, stack)
        assert own.job_stored is app.job_stored


def test_a_store_without_connections_is_shared() -> None:
    app = wire_on(FakeTransactions(), SystemClock())
    with apart(app) as own:
        assert own is app


@pytest.mark.parametrize("query", ["", "?application_name=test"])
def test_a_broker_on_postgres_takes_no_more_connections_than_it_is_given(query: str) -> None:
    broker = broker_at(f"postgresql://127.0.0.1:1/none{query}", 3)
    try:
        assert broker.pool.max_size == 3  # type: ignore[attr-defined]  # a broker on Postgres has one
    finally:
        broker.close()


def test_workers_consume_each_queue_once_whatever_was_declared(database: Database) -> None:
    broker = broker_at(database.operator_url, len(QUEUES) + 2)
    declare(broker)
    worker = Worker(broker, queues=set(QUEUES), worker_threads=1)
    try:
        worker.start()
        assert worker.consumers.keys() == set(QUEUES)
    finally:
        worker.stop()
        broker.close()
