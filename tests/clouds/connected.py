"""The client set on the sandbox: what most tests of what we do at the provider run on.

Owns the connection, and how what the sandbox holds is compared with what we call it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import attrs
import httpx

from arcadia_adapters.digitalocean.client import Access, DigitalOceanClient, Limits, Secret, SpacesAccess
from arcadia_adapters.digitalocean.sandbox import catalog, content
from arcadia_adapters.digitalocean.sandbox.account import Account
from arcadia_domain.cloud.listing import Listing, SeenResource
from tests.clouds.running import TOKEN, running
from tests.unit.adapters.digitalocean.waits import Waits

REGIONS = tuple(catalog.REGIONS)
PARTS = {"domain_record": "domain", "kubernetes_node_pool": "kubernetes_cluster"}
"""Kinds whose objects are within one of another kind."""
PLENTY = 10**9
SPACES_SECRET = "spaces-secret-canary"


@dataclass
class Cloud:
    """A running sandbox, its account, and the client that is set on it."""

    account: Account
    access: Access
    client: DigitalOceanClient
    door: httpx.Client

    def listed(self, kind: str) -> tuple[list[Listing], list[SeenResource]]:
        """The verdicts on a kind, and what was seen of it."""
        seen: list[SeenResource] = []
        return list(self.client.list_resources(kind, seen.extend)), seen

    def close(self) -> None:
        self.client.close()

    def start_anew(self, *, read: float | None = None) -> None:
        """Another client, which has been told nothing yet; perhaps with less patience for an answer."""
        self.client.close()
        limits = self.access.limits if read is None else attrs.evolve(self.access.limits, read=read)
        self.client = DigitalOceanClient(attrs.evolve(self.access, limits=limits), Waits())

    def there(self, kind: str) -> set[str]:
        """The ids of what there is of a kind, as we name them."""
        return held(self.account, kind)

    def pass_by(self, seconds: int = 20) -> None:
        """Let time go by: as long as an action takes."""
        self.door.put("/sandbox/clock", json={"advance_seconds": seconds}).raise_for_status()

    def fault(self, **fault: object) -> None:
        """Arm a fault."""
        self.door.post("/sandbox/faults", json=fault).raise_for_status()


_KEYS = {
    "domain": "name",
    "reserved_ip": "ip",
    "reserved_ipv6": "ip",
    "registry": "name",
    "functions_namespace": "namespace",
}


def held(account: Account, kind: str) -> set[str]:
    """The ids of what the account holds of a kind, as we name them."""
    if kind in PARTS:
        return {f"{whole}/{part}" for whole in account.all(PARTS[kind]) for part in account.all(kind, whole)}
    if kind == "space":
        return {f"{one['region']}/{one['name']}" for one in account.every(kind)}
    objects = (one for one in account.every(kind) if kind != "image" or one["type"] != "snapshot")
    return {str(one[_KEYS.get(kind, "id")]) for one in objects}


@contextmanager
def cloud_of(account: Account, *, judged_every: int = 1, **limits: Any) -> Iterator[Cloud]:
    """The client on the sandbox with this account; what is about Spaces works too. Judged as `running` is."""
    with running(account, judged_every=judged_every) as served, ExitStack() as stack:
        access = access_to(account, served.url, **limits)
        cloud = Cloud(account, access, DigitalOceanClient(access, Waits()), served.http)
        stack.callback(cloud.close)
        yield cloud


def access_to(account: Account, url: str, **limits: Any) -> Access:
    """How the client reaches the sandbox of an account: by a key of its Spaces, made if there is none."""
    key = next(iter(account.all("spaces_key")), None) or content.fill(account, "spaces_key", 1)[0]
    return access_with(key, url, **limits)


def access_with(spaces_key: str, url: str, **limits: Any) -> Access:
    """As often as it likes, and to the Spaces too: the sandbox looks at no signature."""
    return Access(
        token=Secret(TOKEN, "the token"),
        url=url,
        spaces=SpacesAccess(
            key=Secret(spaces_key, "the key of Spaces"),
            secret=Secret(SPACES_SECRET, "the secret of Spaces"),
            url=url,
            regions=REGIONS,
        ),
        limits=Limits(**{"calls_per_minute": PLENTY, "calls_per_hour": PLENTY, "attempts": 3, **limits}),
    )
