"""The application from its parts: a store, a clock, and what reads files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from uuid import uuid4

from arcadia_adapters.clock import SystemClock
from arcadia_adapters.cron import CronCalendar
from arcadia_adapters.digitalocean import invoice_csv
from arcadia_adapters.digitalocean.sample import account as april
from arcadia_adapters.postgres.health import PostgresHealth
from arcadia_adapters.postgres.pools import Pools
from arcadia_adapters.postgres.unit_of_work import PostgresTransactions
from arcadia_app.arcadia import Arcadia, Cloud, InvoiceFile, NotConnected
from arcadia_app.jobs.schedule import TICKS
from arcadia_app.settings import DatabaseUrls
from arcadia_domain.cloud.inventory import CloudResource
from arcadia_domain.ports.clock import Clock
from arcadia_domain.ports.health import Health, Unwatched
from arcadia_domain.ports.unit_of_work import Transactions


@contextmanager
def wire_application(
    urls: DatabaseUrls,
    cloud: Cloud | None = None,
    broker_url: str | None = None,
    clock: Clock | None = None,
) -> Iterator[Arcadia]:
    """The application on a database that has the schema, which is its broker too where none is named, by this
    clock, or the machine's.
    """
    with Pools(urls.tenant, urls.operator, urls.gateway) as pools:
        health = PostgresHealth(urls.tenant, urls.operator, urls.gateway, pools)
        app = wire_on(PostgresTransactions(pools), clock or SystemClock(), health, cloud)
        yield replace(app, broker_url=broker_url or urls.operator, apart=partial(_apart, urls))


@contextmanager
def _apart(urls: DatabaseUrls, connections: int) -> Iterator[Transactions]:
    with Pools(urls.tenant, urls.operator, urls.gateway, operators=connections) as pools:
        yield PostgresTransactions(pools)


def wire_on(
    transactions: Transactions, clock: Clock, health: Health | None = None, cloud: Cloud | None = None
) -> Arcadia:
    """The application on an open store, by this clock."""
    return Arcadia(
        transactions=transactions,
        clock=clock,
        read_invoice=_read_invoice,
        sample=_Sample(clock),
        calendar=CronCalendar(),
        ticks=frozenset(tick.name for tick in TICKS),
        health=health or Unwatched(),
        cloud=cloud or NotConnected(),
    )


class _Sample:
    """The sample account as doors see it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    account = april.ACCOUNT
    identity = april.IDENTITY

    def invoice_csv(self) -> bytes:
        return april.sample_invoice_csv()

    def droplets(self) -> Sequence[CloudResource]:
        return april.sample_resources(uuid4, self._clock.now())


def _read_invoice(source: bytes, /, *, may_be_empty: bool = False) -> InvoiceFile:
    parsed = invoice_csv.parse(source, may_be_empty=may_be_empty)
    return InvoiceFile(parsed.lines, [warning.sentence for warning in parsed.warnings])
