"""Volumes of block storage."""

from __future__ import annotations

from attrs import frozen

from arcadia_adapters.digitalocean.client.payloads.told import Json, Region, instant, slug, tags_of, told
from arcadia_domain.cloud.listing import SeenResource


@frozen(kw_only=True)
class Volume:
    """GET /v2/volumes"""

    id: str
    name: str
    region: Region | None = None
    tags: list[str] | None = None
    created_at: str | None = None
    size_gigabytes: Json = None
    droplet_ids: Json = None
    filesystem_type: Json = None
    filesystem_label: Json = None

    def seen(self) -> SeenResource:
        return SeenResource(
            kind="volume",
            provider_id=self.id,
            name=self.name,
            region=slug(self.region),
            tags=tags_of(self.tags),
            created_at=instant(self.created_at),
            attrs=told(
                size_gigabytes=self.size_gigabytes,
                droplet_ids=self.droplet_ids,
                filesystem_type=self.filesystem_type,
                filesystem_label=self.filesystem_label,
            ),
        )
