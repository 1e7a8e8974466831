"""Reserved addresses had, found, moved and released."""

from __future__ import annotations

from collections.abc import Sequence

from arcadia_adapters.digitalocean.client.acting import Acting
from arcadia_adapters.digitalocean.client.paths import path
from arcadia_domain.cloud.actions import Action
from arcadia_domain.cloud.listing import SeenResource
from arcadia_domain.cloud.orders import Accepted

_ALL = "/v2/reserved_ips"
_ONE = "/v2/reserved_ips/{}"
_ACTIONS = "/v2/reserved_ips/{}/actions"


class ReservedIps(Acting):
    """See CloudActions."""

    def reserve_ip(self, *, droplet_id: str) -> Accepted:
        return self._made(_ALL, {"droplet_id": int(droplet_id)}, "reserved_ip")

    def find_reserved_ips(self, *, droplet_id: str) -> Sequence[SeenResource]:
        return self._found("reserved_ip", None, lambda ip: ip.attrs.get("droplet_id") == droplet_id)

    def assign_ip(self, ip: str, *, droplet_id: str) -> Action:
        return self._started(path(_ACTIONS, ip), {"type": "assign", "droplet_id": int(droplet_id)})

    def unassign_ip(self, ip: str) -> Action:
        return self._started(path(_ACTIONS, ip), {"type": "unassign"})

    def release_ip(self, ip: str) -> None:
        self._calls.delete(path(_ONE, ip))
