"""Reserved addresses, of both versions. Of the droplet behind one only which it is."""

from __future__ import annotations

from attrs import frozen

from arcadia_adapters.digitalocean.client.payloads.told import Json, Region, instant, slug, told
from arcadia_domain.cloud.listing import SeenResource


@frozen(kw_only=True)
class DropletBehind:
    """The droplet that an address leads to."""

    id: int | None = None

    def as_id(self) -> str | None:
        return None if self.id is None else str(self.id)


@frozen(kw_only=True)
class ReservedIp:
    """GET /v2/reserved_ips"""

    ip: str
    region: Region | None = None
    droplet: DropletBehind | None = None
    locked: Json = None
    project_id: Json = None

    def seen(self) -> SeenResource:
        return SeenResource(
            kind="reserved_ip",
            provider_id=self.ip,
            name=self.ip,
            region=slug(self.region),
            attrs=told(
                droplet_id=self.droplet.as_id() if self.droplet is not None else None,
                locked=self.locked,
                project_id=self.project_id,
            ),
        )


@frozen(kw_only=True)
class ReservedIpv6:
    """GET /v2/reserved_ipv6"""

    ip: str
    region_slug: str | None = None
    reserved_at: str | None = None
    droplet: DropletBehind | None = None

    def seen(self) -> SeenResource:
        return SeenResource(
            kind="reserved_ip",
            provider_id=self.ip,
            name=self.ip,
            region=self.region_slug,
            created_at=instant(self.reserved_at),
            attrs=told(droplet_id=self.droplet.as_id() if self.droplet is not None else None, ip_version=6),
        )
