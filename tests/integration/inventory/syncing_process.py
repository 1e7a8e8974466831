"""A process that syncs, for a test that kills it and one that weighs it.

Run as `python -m tests.integration.inventory.syncing_process TENANT_URL OPERATOR_URL GATEWAY_URL SANDBOX_URL
SPACES_KEY INSTANT SPEED`; its clock begins at that instant. In the end it says how many megabytes it has had
at most.
"""

from __future__ import annotations

import sys
from datetime import datetime, timedelta

from arcadia_adapters.digitalocean.client import DigitalOceanClient
from arcadia_adapters.postgres.pools import Pools
from arcadia_adapters.postgres.unit_of_work import PostgresTransactions
from arcadia_app.use_cases.cloud.sync_inventory import sync_inventory
from arcadia_domain.cloud.syncing import Speed
from bench.sync.measure import peak_megabytes
from tests.clouds.connected import access_with
from tests.world import OLGA


class Counting:
    """A clock that goes on by a millisecond whenever it is looked at."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        self.at += timedelta(milliseconds=1)
        return self.at


def main(*words: str) -> None:
    tenant, operator, gateway, url, key, at, speed = words
    clock = Counting(datetime.fromisoformat(at))
    with Pools(tenant, operator, gateway) as pools, DigitalOceanClient(access_with(key, url)) as client:
        store = PostgresTransactions(pools)
        sync_inventory(store, client, OLGA, account="digitalocean", speed=Speed(speed), clock=clock)
    print(f"{peak_megabytes():.0f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
