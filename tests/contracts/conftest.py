"""Where a contract is run: on the fakes, and on Postgres behind its walls.

A contract test asks for `transactions` and is run against each adapter. `-k fake` runs without a database.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from arcadia_adapters.postgres.pools import Pools
from arcadia_adapters.postgres.unit_of_work import PostgresTransactions
from arcadia_domain.ports.unit_of_work import Transactions
from tests.fakes.transactions import FakeTransactions
from tests.integration.conftest import servers
from tests.integration.servers import NoSuchServer, Servers

__all__ = ["servers"]  # a fixture is found where its name is


@pytest.fixture(params=["fake", "embedded", "oldest"])
def transactions(request: pytest.FixtureRequest) -> Iterator[Transactions]:
    """An empty store: in memory, or a fresh database on one of the servers."""
    if request.param == "fake":
        yield FakeTransactions()
    else:
        with _pools(request.getfixturevalue("servers"), request.param) as pools:
            yield PostgresTransactions(pools)


@contextmanager
def _pools(servers: Servers, name: str) -> Iterator[Pools]:
    try:
        server = servers.get(name)
    except NoSuchServer as reason:
        pytest.skip(str(reason))
    with (
        server.emptied_database() as database,
        Pools(database.tenant_url, database.operator_url, database.gateway_url) as pools,
    ):
        yield pools
