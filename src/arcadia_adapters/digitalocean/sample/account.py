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
from arcadia_domain.cloud.listing import SeenResource

ACCOUNT = "digitalocean"
"""The account under which the sample's resources and invoices stand: the one that a sync fills too."""

IDENTITY = "5df3e3004a17e242b7c20ca6c9fc25b701a47ece"
"""The team that the account is of, as GET /v2/account tells it."""

INVOICE_PERIOD = "2026-04"
"""The month of the sample's invoice."""

_DROPLETS = "droplets.json"


def sample_invoice_csv() -> bytes:
    """The invoice of April 2026, as DigitalOcean serves it: 33 lines, 8692 cents."""
    return _file("invoice_2026-04.csv")


def sample_droplets(count: int = 5) -> list[dict[str, Any]]:
    """The first `count` of the pilot's five droplets, each in the shape of GET /v2/droplets.

    Three of them ran unchanged through April: those of the smaller golden database (SPEC 13, number 3).
    """
    listed = json.loads(_file(_DROPLETS))["droplets"]
    droplets: list[dict[str, Any]] = listed[:count]
    return droplets


def sample_resources(
    new_id: Callable[[], UUID], seen_at: datetime, *, count: int = 5, account: str = ACCOUNT
) -> tuple[CloudResource, ...]:
    """The same droplets as resources of the inventory, seen at `seen_at`, assigned to nobody.

    They are read as a sync reads them, so that the first sync finds nothing changed.
    """
    # With the client comes all that it calls with; who loads no sample calls nobody.
    from arcadia_adapters.digitalocean.client import decoding
    from arcadia_adapters.digitalocean.client.payloads.droplet import Droplet

    listed = decoding.rows(decoding.envelope(_file(_DROPLETS)), "droplets", Droplet).read[:count]
    return tuple(_resource(new_id(), account, droplet.seen(), seen_at) for droplet in listed)


def _resource(new_id: UUID, account: str, seen: SeenResource, seen_at: datetime) -> CloudResource:
    return CloudResource(
        id=new_id,
        account=account,
        provider_id=seen.provider_id,
        kind=seen.kind,
        name=seen.name,
        region=seen.region,
        size_slug=seen.size_slug,
        status=seen.status,
        tags=seen.tags,
        attrs=seen.attrs,
        created_at=seen.created_at,
        first_seen=seen_at,
        last_seen=seen_at,
    )


def _file(name: str) -> bytes:
    return files(__package__).joinpath(name).read_bytes()
