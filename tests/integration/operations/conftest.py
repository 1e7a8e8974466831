"""What the tests of operating share: a named database with the catalogue and the sample's tenants in it."""

from __future__ import annotations

import pytest

from tests.integration.http.serve import arcadia
from tests.integration.operations.load import Tokens
from tests.integration.operations.processes import settings_of
from tests.integration.servers import Database, NoSuchServer, Server, Servers


@pytest.fixture(scope="module")
def server(servers: Servers) -> Server:
    """One is enough here: what is tried is how processes are started and stopped."""
    try:
        return servers.get("embedded")
    except NoSuchServer as reason:
        pytest.skip(str(reason))


@pytest.fixture
def named(own_database: Database) -> Database:
    """A database that somebody else runs, seeded."""
    done = arcadia(settings_of(own_database), "seed", "--json")
    assert done.returncode == 0, done.stderr
    return own_database


@pytest.fixture(scope="module")
def tokens(server: Server) -> Tokens:
    """Of the secret that the processes here take tokens of."""
    env = settings_of(server.address_of("none"))

    def minted(tenant: str, *roles: str) -> str:
        named = [word for role in roles for word in ("--role", role)]
        done = arcadia(env, "token", "--tenant", tenant, *named)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return Tokens(
        tenant=minted("acme"),
        gateway=minted("sky-ai", "llm_gateway"),
        admin=minted("sky-ai", "platform_admin"),
    )
