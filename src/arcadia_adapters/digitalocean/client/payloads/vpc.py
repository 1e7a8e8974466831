"""Private networks."""

from __future__ import annotations

from attrs import frozen

from arcadia_adapters.digitalocean.client.payloads.told import Json, instant, told
from arcadia_domain.cloud.listing import SeenResource


@frozen(kw_only=True)
class Vpc:
    """GET /v2/vpcs"""

    id: str
    name: str
    region: str | None = None
    created_at: str | None = None
    ip_range: Json = None
    default: Json = None
    urn: Json = None

    def seen(self) -> SeenResource:
        return SeenResource(
            kind="vpc",
            provider_id=self.id,
            name=self.name,
            region=self.region,
            created_at=instant(self.created_at),
            attrs=told(ip_range=self.ip_range, default=self.default, urn=self.urn),
        )
