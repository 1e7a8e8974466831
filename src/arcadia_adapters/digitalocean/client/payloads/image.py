"""Our own images: backups and custom ones."""

from __future__ import annotations

from attrs import frozen

from arcadia_adapters.digitalocean.client.payloads.snapshot import only
from arcadia_adapters.digitalocean.client.payloads.told import Json, instant, tags_of, told
from arcadia_domain.cloud.listing import SeenResource


@frozen(kw_only=True)
class Image:
    """GET /v2/images?private=true. It lists the snapshots of droplets too, which are a kind of their own."""

    id: int
    name: str | None = None
    type: str | None = None
    status: str | None = None
    regions: list[str] | None = None
    tags: list[str] | None = None
    created_at: str | None = None
    size_gigabytes: Json = None
    distribution: Json = None
    slug: Json = None
    public: Json = None
    min_disk_size: Json = None

    @property
    def is_snapshot(self) -> bool:
        """Whether the same object is listed among the snapshots."""
        return self.type == "snapshot"

    def seen(self) -> SeenResource:
        return SeenResource(
            kind="image",
            provider_id=str(self.id),
            name=self.name or "",
            region=only(self.regions),
            status=self.status,
            tags=tags_of(self.tags),
            created_at=instant(self.created_at),
            attrs=told(
                type=self.type,
                size_gigabytes=self.size_gigabytes,
                regions=self.regions,
                distribution=self.distribution,
                slug=self.slug,
                public=self.public,
                min_disk_size=self.min_disk_size,
            ),
        )
