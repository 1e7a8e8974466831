"""The sample account, read: the invoice as bytes, the droplets as DigitalOcean lists them and as inventory.

Owns the reading of the sample's files only. Real accounts come through the client.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from importlib.resources import files
from typing import Any
from uuid import UUID

from arcadia_domain.cloud.inventory import CloudResource

ACCOUNT = "digitalocean"
"""The account under which the sample's resources and invoices stand: the one that a sync fills too."""

INVOICE_PERIOD = "2026-04"
"""The month of the sample's invoice."""

_OWN_FIELDS = frozenset({"id", "name", "region", "size_slug", "size", "status", "tags", "created_at"})


def sample_invoice_csv() -> bytes:
    """The invoice of April 2026, as DigitalOcean serves it: 33 lines, 8692 cents."""
    return _file("invoice_2026-04.csv")


def sample_droplets(count: int = 5) -> list[dict[str, Any]]:
    """The first `count` of the pilot's five droplets, each in the shape of GET /v2/droplets.

    Three of them ran unchanged through April: those of the smaller golden database (SPEC 13, number 3).
    """
    listed = json.loads(_file("droplets.json"))["droplets"]
    droplets: list[dict[str, Any]] = listed[:count]
    return droplets


def sample_resources(
    new_id: Callable[[], UUID], seen_at: datetime, *, count: int = 5, account: str = ACCOUNT
) -> tuple[CloudResource, ...]:
    """The same droplets as resources of the inventory, seen at `seen_at`, assigned to nobody."""
    return tuple(
        CloudResource(
            id=new_id(),
            account=account,
            provider_id=str(droplet["id"]),
            kind="droplet",
            name=droplet["name"],
            region=droplet["region"]["slug"],
            size_slug=droplet["size_slug"],
            status=droplet["status"],
            tags=tuple(droplet["tags"]),
            attrs={name: value for name, value in droplet.items() if name not in _OWN_FIELDS},
            created_at=datetime.fromisoformat(droplet["created_at"]),
            first_seen=seen_at,
            last_seen=seen_at,
        )
        for droplet in sample_droplets(count)
    )


def _file(name: str) -> bytes:
    return files(__package__).joinpath(name).read_bytes()
