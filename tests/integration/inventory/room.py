"""An account at the sandbox, our client on it, and a database that syncs write into.

Owns the comparison of what is stored with what the account holds, and the reading of the event log.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import psycopg

from arcadia_adapters.digitalocean.client import DigitalOceanClient
from arcadia_adapters.digitalocean.sandbox.account import Account
from arcadia_adapters.digitalocean.sandbox.kinds import KINDS
from arcadia_adapters.postgres.pools import Pools
from arcadia_adapters.postgres.unit_of_work import PostgresTransactions
from arcadia_app.use_cases.cloud.sync_inventory import sync_inventory
from arcadia_domain.cloud.inventory import RESOURCE_KINDS, CloudResource
from arcadia_domain.cloud.listing import SeenResource
from arcadia_domain.cloud.syncing import Speed, Synced
from arcadia_domain.ports.cloud_provider import CloudInventory
from tests.clouds.connected import Cloud, cloud_of, held
from tests.integration.servers import Database
from tests.unit.adapters.digitalocean.waits import Waits
from tests.world import OLGA

ACCOUNT: Final = "digitalocean"
Key = tuple[str, str]
"""A kind and a provider id."""


@dataclass
class Ticking:
    """The account's time, a millisecond later every time somebody asks: no two looks are at one instant."""

    account: Account
    asked: int = 0

    def now(self) -> datetime:
        self.asked += 1
        return self.account.clock.now() + timedelta(milliseconds=self.asked)


@dataclass
class Room:
    """What a test of syncs has: the account and its client, the store, and the clock."""

    cloud: Cloud
    database: Database
    transactions: PostgresTransactions
    clock: Ticking = field(init=False)

    def __post_init__(self) -> None:
        self.clock = Ticking(self.cloud.account)

    def sync(self, speed: Speed = Speed.ALL, provider: CloudInventory | None = None) -> Synced:
        """One sync, by our client unless another provider is given."""
        return sync_inventory(
            self.transactions,
            provider or self.cloud.client,
            OLGA,
            account=ACCOUNT,
            speed=speed,
            clock=self.clock,
        )

    def stored(self) -> list[CloudResource]:
        """Every row, tombstones among them."""
        with self.transactions.begin(OLGA) as work:
            return list(work.inventory.of_account(ACCOUNT))

    def living(self) -> dict[Key, CloudResource]:
        """The rows that are no tombstones."""
        return {(row.kind, row.provider_id): row for row in self.stored() if row.deleted_at is None}

    def tombstones(self) -> set[Key]:
        return {(row.kind, row.provider_id) for row in self.stored() if row.deleted_at is not None}

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        """Rows of the database, as the operator sees them."""
        with psycopg.connect(self.database.operator_url) as connection:
            return connection.execute(statement.encode()).fetchall()

    def projects(self) -> dict[Key, str]:
        """In which project each living resource is stored to be."""
        rows = self.query(
            "SELECT kind, cloud_resources.provider_id, project.provider_id FROM cloud_resources"
            " JOIN cloud_projects AS project ON project.id = project_id"
            " WHERE cloud_resources.deleted_at IS NULL"
        )
        return {(kind, id): project for kind, id, project in rows}


@contextmanager
def room_of(account: Account, database: Database, pools: Pools, **limits: Any) -> Iterator[Room]:
    with cloud_of(account, **limits) as cloud:
        yield Room(cloud, database, PostgresTransactions(pools))


def there(account: Account, kinds: Iterable[str] = RESOURCE_KINDS) -> set[Key]:
    """What the account holds, by its own objects."""
    also = {"reserved_ip": held(account, "reserved_ipv6")}
    return {(kind, id) for kind in kinds for id in held(account, kind) | also.get(kind, set())}


def shown(cloud: Cloud, kinds: Iterable[str] = RESOURCE_KINDS) -> dict[Key, SeenResource]:
    """What a client that never met a fault is shown. No fault may be armed."""
    seen: list[SeenResource] = []
    with DigitalOceanClient(cloud.access, Waits()) as client:
        for kind in kinds:
            for verdict in client.list_resources(kind, seen.extend):
                assert verdict.complete, verdict
    return {(one.kind, one.provider_id): one for one in seen}


def check_equal(room: Room, kinds: Iterable[str] = RESOURCE_KINDS) -> None:
    """What is stored of these kinds is what the account holds: no more, no less, and as it is now."""
    kinds = tuple(kinds)
    living = {key: row for key, row in room.living().items() if key[0] in kinds}
    assert sorted(living.keys() ^ there(room.cloud.account, kinds)) == []
    for key, seen in shown(room.cloud, kinds).items():
        assert facts(living[key]) == facts(seen), key


def check_projects(room: Room) -> None:
    """Every living resource that projects know of is stored in the one it is in."""
    account, stored = room.cloud.account, room.projects()
    for key in room.living():
        name = "reserved_ipv6" if key[0] == "reserved_ip" and ":" in key[1] else key[0]
        kind = KINDS[name]
        own = key[1].partition("/")[2] if name == "space" else key[1]
        home = account.homes.get(f"do:{kind.urn}:{own}") if kind.urn else None
        assert stored.get(key) == home, key


def facts(one: CloudResource | SeenResource) -> tuple[object, ...]:
    """What is told of a resource, in a form that two tellings can be compared in."""
    return (
        *(one.name, one.region, one.size_slug, one.status, tuple(one.tags), one.created_at),
        json.dumps(one.attrs, default=_plain, sort_keys=True),
    )


def _plain(value: object) -> object:
    return format(value.normalize(), "f") if isinstance(value, Decimal) else dict(value)  # type: ignore[call-overload]


_LOG: Final = """
SELECT resource.kind, provider_id, event.kind, event.before, event.after
FROM cloud_resource_events AS event JOIN cloud_resources AS resource ON resource.id = resource_id
ORDER BY resource_id, event.at
"""


def check_log(room: Room) -> None:
    """The event log tells how every row came to be as it is.

    Each begins by appearing; it disappears only alive and returns only gone; what an entry says was there
    before is what the last one left, and what the last one left is what is stored.
    """
    alive: dict[Key, bool] = {}
    left: dict[Key, dict[str, object]] = {}
    for kind, id, event, before, after in room.query(_LOG):
        key = kind, id
        was = {"appeared": None, "changed": True, "disappeared": True, "returned": False}[event]
        assert alive.get(key) is was, (key, event)
        alive[key] = event != "disappeared"
        told = left.setdefault(key, {})
        for name, value in (before or {}).items():
            assert name not in told or _same(told[name], value), (key, name)
        told |= after or {}
    rows = {(row.kind, row.provider_id): row for row in room.stored()}
    assert {key for key, living in alive.items() if living} == room.living().keys()
    assert alive.keys() == rows.keys()
    for key, told in left.items():
        for name, value in told.items():
            assert _same(value, _field(rows[key], name)), (key, name)


def _field(row: CloudResource, name: str) -> object:
    attribute = name.partition("attrs.")[2]
    return row.attrs.get(attribute) if attribute else getattr(row, name)


def _same(one: object, other: object) -> bool:
    """The same JSON, but for the order of lists and the difference between nothing and empty."""
    return _sorted(one) == _sorted(other)


def _sorted(value: object) -> str:
    if value is None or value in ("", [], (), {}):
        return ""
    if isinstance(value, list | tuple):
        return str(sorted(_sorted(item).lower() for item in value))
    if isinstance(value, dict):
        return str(sorted((name, _sorted(item)) for name, item in value.items() if _sorted(item)))
    return json.dumps(value, default=_plain)


class Wrapped:
    """A provider with something in the way: `before` is called ahead of every question put to it."""

    def __init__(self, provider: CloudInventory, before: Callable[[str], object]) -> None:
        self._provider = provider
        self._before = before

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._provider, name)

        def asked(*args: Any, **more: Any) -> Any:
            self._before(name)
            return real(*args, **more)

        return asked
