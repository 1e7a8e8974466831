"""What an account holds to begin with: nothing, the sample, or any number of things of each kind.

Owns the filling. The sample is the account of the golden numbers: April 2026's five droplets and 137
invoices.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from arcadia_adapters.collector_at_rest import collector_at_rest
from arcadia_adapters.digitalocean.sample.account import IDENTITY, sample_droplets
from arcadia_adapters.digitalocean.sandbox import catalog
from arcadia_adapters.digitalocean.sandbox.account import FIRST_NUMBER, Account
from arcadia_adapters.digitalocean.sandbox.billing import history
from arcadia_adapters.digitalocean.sandbox.clock import SandboxClock
from arcadia_adapters.digitalocean.sandbox.exchange import Obj
from arcadia_adapters.digitalocean.sandbox.kind import Kind
from arcadia_adapters.digitalocean.sandbox.kinds import KINDS
from arcadia_adapters.digitalocean.sandbox.kinds.projects import PROJECT
from arcadia_adapters.digitalocean.sandbox.kinds.vpcs import VPC

_RECORD: Obj = {
    "droplet_limit": 25,
    "floating_ip_limit": 5,
    "email": "sample@example.com",
    "name": "Sample Account",
    "uuid": "b6fr89dbf6d9156cace5f3c78dc9851d957381ef",
    "email_verified": True,
    "status": "active",
    "status_message": "",
    "team": {"uuid": IDENTITY, "name": "Sample Team"},
}
_SAMPLE_OPENED = "2014-12-01T00:00:00Z"
_SAMPLE_REGION = "syd1"

FILLABLE = tuple(name for name in KINDS if name != "action")
"""The kinds of which things can be added."""
EVERY = tuple(name for name in FILLABLE if name != "reserved_ipv6")
"""The kinds that count as every kind: the inventory has one for reserved addresses of either version."""


def empty(clock: SandboxClock) -> Account:
    """An account as it is when it is opened: a default project and nothing else."""
    account = Account(clock=clock, kinds=KINDS, record=dict(_RECORD))
    _open(account, "first-project", account.stamp())
    return account


def sample(clock: SandboxClock) -> Account:
    """SAMPLE DATA: the five droplets of April 2026 in the project Arcadia, and the invoices since 2014."""
    account = Account(clock=clock, kinds=KINDS, record=dict(_RECORD))
    _open(account, "Arcadia", _SAMPLE_OPENED)
    droplets = [_exact(droplet) for droplet in sample_droplets()]
    _add_default_vpc(account, droplets[0]["vpc_uuid"])
    for droplet in droplets:
        account.add(KINDS["droplet"], droplet)
    account.invoices.extend(history.invoices())
    account.billing_history.extend(history.billing_history())
    return account


def filled(count: int, clock: SandboxClock | None = None) -> Account:
    """An account with `count` things of every kind, and what comes along: a default project, VPCs, tags."""
    account = empty(clock or SandboxClock(at=datetime(2026, 5, 3, tzinfo=UTC)))
    for kind in EVERY:
        fill(account, kind, count)
    return account


def fill(account: Account, name: str, count: int) -> list[str]:
    """Add `count` things of a kind that have been there for a while; their ids."""
    kind = KINDS[name]
    parent = _parent(account, kind.parent) if kind.parent and count else ""
    account.record["droplet_limit"] = max(account.record["droplet_limit"], 10 * count)
    with collector_at_rest():
        return [_add_example(account, kind, parent) for _ in range(count)]


def _add_example(account: Account, kind: Kind, parent: str) -> str:
    obj = kind.make(account, kind.example(account.number() - FIRST_NUMBER))
    account.add(kind, obj, parent)
    if kind.ready:
        kind.ready(account, obj)
    return kind.id_of(obj)


def _parent(account: Account, name: str) -> str:
    """The first thing of the kind that holds the things to be added, which is made if there is none."""
    holders = account.all(name)
    return next(iter(holders), "") or fill(account, name, 1)[0]


def _open(account: Account, project: str, at: str) -> None:
    body = {"name": project, "purpose": "Service or API", "environment": "Production"}
    made = PROJECT.make(account, body)
    account.add(PROJECT, {**made, "is_default": True, "created_at": at, "updated_at": at})


def _add_default_vpc(account: Account, id: str) -> None:
    body = {"name": f"default-{_SAMPLE_REGION}", "region": _SAMPLE_REGION, "ip_range": "10.126.0.0/20"}
    made = {**VPC.make(account, body), "default": True, "created_at": _SAMPLE_OPENED}
    account.add(VPC, {**made, "id": id, "urn": f"do:vpc:{id}"})
    account.default_vpcs[_SAMPLE_REGION] = id


def _exact(droplet: dict[str, Any]) -> Obj:
    """A sample droplet with the catalogue's size, region and image: the same, but with exact numbers."""
    return {
        **droplet,
        "size": catalog.SIZES[droplet["size_slug"]],
        "region": catalog.REGIONS[droplet["region"]["slug"]],
        "image": catalog.IMAGES[droplet["image"]["slug"]],
    }
