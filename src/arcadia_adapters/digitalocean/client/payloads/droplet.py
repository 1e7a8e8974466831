"""Droplets. Of the image only what names it, of the size the slug: a price is no property of a droplet."""

from __future__ import annotations

from attrs import frozen

from arcadia_adapters.digitalocean.client.payloads.told import (
    Json,
    Region,
    instant,
    slug,
    tags_of,
    told,
    with_value,
)
from arcadia_domain.cloud.listing import SeenResource


@frozen(kw_only=True)
class ImageOfDroplet:
    """The image that it was made from."""

    id: int | None = None
    slug: str | None = None
    name: str | None = None
    distribution: str | None = None

    def told(self) -> dict[str, object]:
        return with_value(id=self.id, slug=self.slug, name=self.name, distribution=self.distribution)


_WORKER = frozenset({"k8s:worker", "k8s-worker"})
"""How DigitalOcean tags the nodes of a pool: it lists them as droplets too, and charges for the pool."""


@frozen(kw_only=True)
class Droplet:
    """GET /v2/droplets"""

    id: int
    name: str
    status: str | None = None
    size_slug: str | None = None
    region: Region | None = None
    tags: list[str] | None = None
    created_at: str | None = None
    image: ImageOfDroplet | None = None
    memory: Json = None
    vcpus: Json = None
    disk: Json = None
    disk_info: Json = None
    locked: Json = None
    kernel: Json = None
    features: Json = None
    backup_ids: Json = None
    next_backup_window: Json = None
    snapshot_ids: Json = None
    volume_ids: Json = None
    networks: Json = None
    vpc_uuid: Json = None
    gpu_info: Json = None

    def seen(self) -> SeenResource:
        return SeenResource(
            kind="droplet",
            provider_id=str(self.id),
            name=self.name,
            region=slug(self.region),
            size_slug=self.size_slug,
            status=self.status,
            tags=tags_of(self.tags),
            created_at=instant(self.created_at),
            attrs=told(
                memory=self.memory,
                vcpus=self.vcpus,
                disk=self.disk,
                disk_info=self.disk_info,
                locked=self.locked,
                kernel=self.kernel,
                features=self.features,
                backup_ids=self.backup_ids,
                next_backup_window=self.next_backup_window,
                snapshot_ids=self.snapshot_ids,
                image=self.image.told() if self.image is not None else None,
                volume_ids=self.volume_ids,
                networks=self.networks,
                vpc_uuid=self.vpc_uuid,
                gpu_info=self.gpu_info,
                kubernetes_worker=True if _WORKER & {*tags_of(self.tags)} else None,
            ),
        )
