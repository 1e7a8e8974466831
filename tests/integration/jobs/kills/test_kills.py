"""200 kills of workers, schedulers and the database while jobs run: each effect is there exactly once.

On each broker. The short form always runs; both tell the seed and the counts.
"""

from __future__ import annotations

from random import Random
from typing import Final

import psycopg
import pytest

from arcadia_adapters.clock import SystemClock
from arcadia_adapters.postgres.pools import Pools
from arcadia_adapters.postgres.unit_of_work import PostgresTransactions
from arcadia_app.arcadia import Arcadia
from arcadia_app.bootstrap import wire_on
from arcadia_app.jobs.runner import JobRunner
from arcadia_domain.billing.deployments import Deployment
from tests import seeds
from tests.integration.jobs.brokers import Broker
from tests.integration.jobs.kills.acts import MAKE_TALLY
from tests.integration.jobs.kills.crew import crew
from tests.integration.jobs.kills.effects import Effects, Rows
from tests.integration.jobs.kills.feed import Feed, settle
from tests.integration.jobs.kills.killed_database import durable_server
from tests.integration.jobs.kills.killing import OF_EACH, SCHEDULER, WORKER, Killable, Killing
from tests.integration.servers import Database, Server, Servers

SHORT: Final = 5
LONG: Final = 200
HITS: Final = 0.75
"""Of the kills, at least, that must hit a held lease."""


def wired(pools: Pools) -> Arcadia:
    return wire_on(PostgresTransactions(pools), SystemClock())


def undisturbed(server: Server, database: Database, pushed_for: Deployment) -> dict[str, Rows]:
    """What the real jobs write in a copy of the database, each run once and nobody killed."""
    with server.copy_of(database) as calm, pools_of(calm) as pools:
        app = wired(pools)
        Feed(app, pushed_for, Random(0)).each_once()
        runner = JobRunner(app)
        while runner.run_next():
            pass
        effects = Effects(calm.operator_url)
        effects.must_have_succeeded()
        return effects.real()


def pools_of(database: Database) -> Pools:
    return Pools(database.tenant_url, database.operator_url, database.gateway_url)


def survive(
    server: Server, database: Database, broker_url: str, count: int, killable: Killable | None = None
) -> None:
    """So many kills; in the end all is there once."""
    seed = seeds.seed()
    with psycopg.connect(database.owner_url) as connection:
        connection.execute(MAKE_TALLY.encode())
    with pools_of(database) as pools:
        pushed_for = settle(wired(pools))
    expected = undisturbed(server, database, pushed_for)
    effects = Effects(database.operator_url)
    with pools_of(database) as pools, crew(database, broker_url) as processes:
        feed = Feed(wired(pools), pushed_for, Random(seed))
        feed.each_once()
        processes.hire(WORKER, OF_EACH)
        processes.hire(SCHEDULER, OF_EACH)
        killing = Killing(processes, feed, effects, seed, killable)
        kills = killing.run(count)
        killing.drain()
    ticks = effects.must_be_exact(feed.asked, expected)
    killing.must_be_told_of()
    print(f"{kills}; {len(feed.ids)} jobs and {ticks} ticks, each done once")
    assert kills.hits[WORKER] > 0
    if count == LONG:
        assert kills.hits.total() >= HITS * count


COUNTS = pytest.mark.parametrize("count", [SHORT, pytest.param(LONG, marks=pytest.mark.long)])


@COUNTS
def test_on_a_foreign_broker_nothing_is_lost_and_nothing_doubled(
    servers: Servers, foreign_broker: Broker, count: int
) -> None:
    server = servers.get("embedded")
    with server.database() as database:
        survive(server, database, foreign_broker.url, count)


@COUNTS
def test_where_the_database_is_the_broker_and_killed_as_well_nothing_is_lost_and_nothing_doubled(
    count: int,
) -> None:
    with durable_server() as (server, killable), server.database() as database:
        survive(server, database, database.operator_url, count, killable)
