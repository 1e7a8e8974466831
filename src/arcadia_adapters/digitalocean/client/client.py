"""DigitalOcean as the CloudProvider: its rooms put together over one connection pool and one budget.

Owns the putting together only.
"""

from __future__ import annotations

from types import TracebackType
from typing import Self

import httpx

from arcadia_adapters.digitalocean.client.access import Access
from arcadia_adapters.digitalocean.client.bearer import Bearer
from arcadia_adapters.digitalocean.client.billing import Billing
from arcadia_adapters.digitalocean.client.budget import Budget, BudgetState
from arcadia_adapters.digitalocean.client.calls import Calls
from arcadia_adapters.digitalocean.client.droplets import Droplets
from arcadia_adapters.digitalocean.client.exchange import Exchange
from arcadia_adapters.digitalocean.client.firewalls import Firewalls
from arcadia_adapters.digitalocean.client.listings import Listings
from arcadia_adapters.digitalocean.client.own_account import OwnAccount
from arcadia_adapters.digitalocean.client.projects import Projects
from arcadia_adapters.digitalocean.client.records import Records
from arcadia_adapters.digitalocean.client.reserved_ips import ReservedIps
from arcadia_adapters.digitalocean.client.spaces import NoSpaces, Spaces
from arcadia_adapters.digitalocean.client.tags import Tags
from arcadia_adapters.digitalocean.client.volumes import Volumes
from arcadia_adapters.digitalocean.client.waiting import SystemWaiting, Waiting


class DigitalOceanClient(
    Listings, Billing, OwnAccount, Droplets, Volumes, Firewalls, ReservedIps, Records, Projects, Tags
):
    """Implements CloudProvider. Shared by threads; close it, or use it in a `with`."""

    def __init__(
        self,
        access: Access,
        waiting: Waiting | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        waiting = waiting or SystemWaiting()
        limits = access.limits
        exchange = Exchange(access.url, Bearer(access.token), limits, waiting, transport)
        calls = Calls(exchange, access.token, Budget(limits, waiting), limits, waiting)
        spaces = NoSpaces() if access.spaces is None else Spaces(access.spaces, limits, waiting, transport)
        Listings.__init__(self, calls, spaces)

    @property
    def budget(self) -> BudgetState:
        """How many calls are left, for a metric."""
        return self._calls.budget

    def close(self) -> None:
        """Let the connections go."""
        self._calls.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
