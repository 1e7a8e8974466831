"""Volumes made, found, changed and removed."""

from __future__ import annotations

from collections.abc import Sequence

from arcadia_adapters.digitalocean.client.acting import Acting
from arcadia_adapters.digitalocean.client.paths import path
from arcadia_domain.cloud.actions import Action
from arcadia_domain.cloud.listing import SeenResource
from arcadia_domain.cloud.orders import VolumeOrder

_ALL = "/v2/volumes"
_ONE = "/v2/volumes/{}"
_ACTIONS = "/v2/volumes/{}/actions"


class Volumes(Acting):
    """See CloudActions."""

    def create_volume(self, order: VolumeOrder) -> SeenResource:
        return self._made(_ALL, order, "volume").resource

    def find_volumes(self, *, name: str, region: str) -> Sequence[SeenResource]:
        return self._found(
            "volume",
            {"name": name, "region": region},
            lambda volume: (volume.name, volume.region) == (name, region),
        )

    def delete_volume(self, volume_id: str) -> None:
        self._calls.delete(path(_ONE, volume_id))

    def attach_volume(self, volume_id: str, *, droplet_id: str, region: str) -> Action:
        return self._act_on_volume(volume_id, "attach", droplet_id=int(droplet_id), region=region)

    def detach_volume(self, volume_id: str, *, droplet_id: str, region: str) -> Action:
        return self._act_on_volume(volume_id, "detach", droplet_id=int(droplet_id), region=region)

    def resize_volume(self, volume_id: str, *, size_gigabytes: int, region: str) -> Action:
        return self._act_on_volume(volume_id, "resize", size_gigabytes=size_gigabytes, region=region)

    def _act_on_volume(self, volume_id: str, type_: str, **more: object) -> Action:
        return self._started(path(_ACTIONS, volume_id), {"type": type_, **more})
