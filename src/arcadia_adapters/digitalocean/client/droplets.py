"""Droplets made, found, changed and removed."""

from __future__ import annotations

from collections.abc import Sequence

from arcadia_adapters.digitalocean.client.acting import Acting, read_action
from arcadia_adapters.digitalocean.client.paths import path
from arcadia_domain.cloud.actions import Action
from arcadia_domain.cloud.listing import SeenResource
from arcadia_domain.cloud.orders import Accepted, DropletOrder

_ALL = "/v2/droplets"
_ONE = "/v2/droplets/{}"
_ACTIONS = "/v2/droplets/{}/actions"


class Droplets(Acting):
    """See CloudActions."""

    def action(self, action_id: str) -> Action:
        return self._calls.get(path("/v2/actions/{}", action_id), read_action)

    def create_droplet(self, order: DropletOrder) -> Accepted:
        return self._made(_ALL, order, "droplet")

    def find_droplets(self, *, tag: str) -> Sequence[SeenResource]:
        lower = tag.lower()  # tags are compared without their case

        def has_it(droplet: SeenResource) -> bool:
            return any(own.lower() == lower for own in droplet.tags)

        return self._found("droplet", {"tag_name": tag}, has_it)

    def delete_droplet(self, droplet_id: str) -> None:
        self._calls.delete(path(_ONE, droplet_id))

    def power_on(self, droplet_id: str) -> Action:
        return self._act_on_droplet(droplet_id, "power_on")

    def power_off(self, droplet_id: str) -> Action:
        return self._act_on_droplet(droplet_id, "power_off")

    def shut_down(self, droplet_id: str) -> Action:
        return self._act_on_droplet(droplet_id, "shutdown")

    def resize_droplet(self, droplet_id: str, *, size: str, disk: bool) -> Action:
        return self._act_on_droplet(droplet_id, "resize", size=size, disk=disk)

    def rename_droplet(self, droplet_id: str, name: str) -> Action:
        return self._act_on_droplet(droplet_id, "rename", name=name)

    def enable_backups(self, droplet_id: str) -> Action:
        return self._act_on_droplet(droplet_id, "enable_backups")

    def disable_backups(self, droplet_id: str) -> Action:
        return self._act_on_droplet(droplet_id, "disable_backups")

    def enable_ipv6(self, droplet_id: str) -> Action:
        return self._act_on_droplet(droplet_id, "enable_ipv6")

    def _act_on_droplet(self, droplet_id: str, type_: str, **more: object) -> Action:
        return self._started(path(_ACTIONS, droplet_id), {"type": type_, **more})
