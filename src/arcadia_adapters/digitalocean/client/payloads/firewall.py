"""Firewalls."""

from __future__ import annotations

from attrs import frozen

from arcadia_adapters.digitalocean.client.payloads.told import Json, instant, tags_of, told
from arcadia_domain.cloud.listing import SeenResource


@frozen(kw_only=True)
class Firewall:
    """GET /v2/firewalls"""

    id: str
    name: str
    status: str | None = None
    tags: list[str] | None = None
    created_at: str | None = None
    droplet_ids: Json = None
    inbound_rules: Json = None
    outbound_rules: Json = None
    pending_changes: Json = None

    def seen(self) -> SeenResource:
        return SeenResource(
            kind="firewall",
            provider_id=self.id,
            name=self.name,
            status=self.status,
            tags=tags_of(self.tags),
            created_at=instant(self.created_at),
            attrs=told(
                droplet_ids=self.droplet_ids,
                inbound_rules=self.inbound_rules,
                outbound_rules=self.outbound_rules,
                pending_changes=self.pending_changes,
            ),
        )
