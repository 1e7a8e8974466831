"""Snapshots of droplets and of volumes."""

from __future__ import annotations

from attrs import frozen

from arcadia_adapters.digitalocean.client.payloads.told import Json, instant, tags_of, told
from arcadia_domain.cloud.listing import SeenResource


@frozen(kw_only=True)
class Snapshot:
    """GET /v2/snapshots. A snapshot may lie in several regions; with one it is in that."""

    id: int | str
    name: str
    regions: list[str] | None = None
    tags: list[str] | None = None
    created_at: str | None = None
    size_gigabytes: Json = None
    min_disk_size: Json = None
    resource_id: Json = None
    resource_type: Json = None

    def seen(self) -> SeenResource:
        return SeenResource(
            kind="snapshot",
            provider_id=str(self.id),
            name=self.name,
            region=only(self.regions),
            tags=tags_of(self.tags),
            created_at=instant(self.created_at),
            attrs=told(
                size_gigabytes=self.size_gigabytes,
                regions=self.regions,
                min_disk_size=self.min_disk_size,
                resource_id=self.resource_id,
                resource_type=self.resource_type,
            ),
        )


def only(regions: list[str] | None) -> str | None:
    """The region of what is in one region only."""
    return regions[0] if regions and len(regions) == 1 else None
