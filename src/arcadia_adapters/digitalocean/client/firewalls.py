"""Firewalls made, found, replaced and removed."""

from __future__ import annotations

from collections.abc import Sequence

from arcadia_adapters.digitalocean.client.acting import Acting, read_resource
from arcadia_adapters.digitalocean.client.bodies import body
from arcadia_adapters.digitalocean.client.paths import path
from arcadia_domain.cloud.listing import SeenResource
from arcadia_domain.cloud.orders import FirewallOrder

_ALL = "/v2/firewalls"
_ONE = "/v2/firewalls/{}"


class Firewalls(Acting):
    """See CloudActions."""

    def create_firewall(self, order: FirewallOrder) -> SeenResource:
        return self._made(_ALL, order, "firewall").resource

    def find_firewalls(self, *, name: str) -> Sequence[SeenResource]:
        return self._found("firewall", None, lambda firewall: firewall.name == name)

    def replace_firewall(self, firewall_id: str, order: FirewallOrder) -> SeenResource:
        return self._calls.put(
            path(_ONE, firewall_id), body(order), lambda answer: read_resource(answer, "firewall")
        )

    def delete_firewall(self, firewall_id: str) -> None:
        self._calls.delete(path(_ONE, firewall_id))
