"""The HTTP door on a real socket, over a real database, for tests that only speak HTTP.

`api` is the door in this process, on an empty, seeded database; the clock is the test's to set.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import jwt
import pytest
import uvicorn

from arcadia_adapters.jwt import JwtVerifier
from arcadia_adapters.postgres.health import PostgresHealth
from arcadia_adapters.postgres.pools import Pools
from arcadia_adapters.postgres.unit_of_work import PostgresTransactions
from arcadia_app.arcadia import Arcadia
from arcadia_app.bootstrap import wire_on
from arcadia_app.http.app import HttpOptions, application
from arcadia_app.http.parser import BoundedProtocol
from tests.integration.http.serve import served, served_sample
from tests.integration.servers import Database, Servers
from tests.world import seeded

__all__ = ["served", "served_sample"]  # fixtures of end-to-end tests, see there

SECRET = "a secret of the tests, long enough for HS512: 64 bytes are asked for"
ISSUER = "arcadia"


def minted(
    tenant_id: Any = "acme", *roles: str, secret: str = SECRET, alg: str = "HS512", **claims: Any
) -> str:
    """A token as the issuer makes it; a claim given as None is left out."""
    now = int(time.time())
    made = {
        "aud": ISSUER,
        "exp": now + 3600,
        "iat": now,
        "iss": ISSUER,
        "jti": str(uuid.uuid4()),
        "nbf": now - 1,
        "sub": "ann",
        "typ": "access",
        "tenant_id": tenant_id,
        "roles": list(roles),
        **claims,
    }
    return jwt.encode({k: v for k, v in made.items() if v is not None}, secret, algorithm=alg)


@dataclass
class SetClock:
    """The real time, unless a test sets it."""

    at: datetime | None = None

    def now(self) -> datetime:
        return self.at or datetime.now(UTC)

    def pass_by(self, time: timedelta) -> None:
        self.at = self.now() + time


@dataclass
class Api:
    """A running door: clients of it, by who asks."""

    url: str
    clock: SetClock
    app: Arcadia
    _clients: list[httpx.Client] = field(default_factory=list)

    def client(self, tenant_id: str = "acme", *roles: str, sub: str = "ann", **headers: str) -> httpx.Client:
        """A client with a good token."""
        return self.bare(Authorization=f"Bearer {minted(tenant_id, *roles, sub=sub)}", **headers)

    def admin(self) -> httpx.Client:
        return self.client("sky-ai", "platform_admin", sub="olga")

    def gateway(self) -> httpx.Client:
        return self.client("sky-ai", "llm_gateway", sub="gateway")

    def bare(self, **headers: str) -> httpx.Client:
        """A client without a token."""
        made = httpx.Client(base_url=self.url, headers=headers, timeout=30)
        self._clients.append(made)
        return made

    def close(self) -> None:
        for client in self._clients:
            client.close()


@contextmanager
def running(database: Database, options: HttpOptions | None = None, *, seed: bool = True) -> Iterator[Api]:
    """The door on this database, until the block ends."""
    clock = SetClock()
    with Pools(database.tenant_url, database.operator_url, database.gateway_url) as pools:
        transactions = PostgresTransactions(pools)
        if seed:
            seeded(transactions)
        health = PostgresHealth(database.tenant_url, database.operator_url, database.gateway_url, pools)
        app = wire_on(transactions, clock, health)
        verifier = JwtVerifier([SECRET], issuer=ISSUER, audience=ISSUER)
        asgi = application(app, verifier, options or HttpOptions())
        server = uvicorn.Server(
            uvicorn.Config(asgi, port=0, http=BoundedProtocol, log_config=None, access_log=False)
        )
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        deadline = time.monotonic() + 20
        while not server.started:
            if time.monotonic() > deadline or not thread.is_alive():
                raise RuntimeError("the door did not open")
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        api = Api(f"http://127.0.0.1:{port}", clock, app)
        try:
            yield api
        finally:
            api.close()
            server.should_exit = True
            thread.join(20)


@pytest.fixture
def api_database(servers: Servers) -> Iterator[Database]:
    """An empty database on the embedded server."""
    with servers.get("embedded").emptied_database() as database:
        yield database


@pytest.fixture
def api(api_database: Database) -> Iterator[Api]:
    """The door on an empty database with the seed's catalogue."""
    with running(api_database) as api:
        yield api


@pytest.fixture
def door(api_database: Database) -> Callable[[HttpOptions], Any]:
    """Opens the door with options of the test's own."""
    return lambda options: running(api_database, options)
