"""What every integration test may ask for: a server, a database of its own, pools on it.

Every test that touches a database runs on the embedded Postgres and, where one is found, on the
oldest installed one of at least 15. Owns the fixtures; the servers themselves are in `servers`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from arcadia_adapters.postgres.pools import Pools
from tests.integration.servers import Database, NoSuchServer, Server, Servers


@pytest.fixture(scope="session")
def servers(pytestconfig: pytest.Config) -> Iterator[Servers]:
    """The servers of this test run, shared by the parallel workers."""
    worker: dict[str, str] = getattr(pytestconfig, "workerinput", {})
    with Servers(worker.get("testrunuid", f"alone-{os.getpid()}")) as servers:
        yield servers


@pytest.fixture(scope="session", params=["embedded", "oldest"])
def server(request: pytest.FixtureRequest, servers: Servers) -> Server:
    """A server with the four roles and a migrated template."""
    try:
        return servers.get(request.param)
    except NoSuchServer as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="module", params=["embedded", "oldest"])
def bare_server(request: pytest.FixtureRequest, servers: Servers) -> Iterator[Server]:
    """A server of this module's own, without any role of ours."""
    try:
        started = servers.bare(request.param)
        with started as server:
            yield server
    except NoSuchServer as reason:
        pytest.skip(str(reason))


@pytest.fixture
def database(server: Server) -> Iterator[Database]:
    """A migrated database without rows, for a test that changes nothing but rows."""
    with server.emptied_database() as database:
        yield database


@pytest.fixture
def own_database(server: Server) -> Iterator[Database]:
    """A migrated database made for one test, which may change everything in it."""
    with server.database() as database:
        yield database


@pytest.fixture(scope="module")
def module_database(server: Server) -> Iterator[Database]:
    """A migrated database shared by the tests of a module, which must leave it as it was."""
    with server.database() as database:
        yield database


@pytest.fixture
def empty_database(server: Server) -> Iterator[Database]:
    """A fresh database without any table."""
    with server.database(migrated=False) as database:
        yield database


@pytest.fixture
def pools(database: Database) -> Iterator[Pools]:
    """The three pools on this test's `database`."""
    with _pools(database) as pools:
        yield pools


@pytest.fixture(scope="module")
def module_pools(module_database: Database) -> Iterator[Pools]:
    """The three pools on this module's `module_database`."""
    with _pools(module_database) as pools:
        yield pools


def _pools(database: Database) -> Pools:
    return Pools(database.tenant_url, database.operator_url, database.gateway_url)
