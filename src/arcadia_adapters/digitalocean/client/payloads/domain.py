"""Domains. DigitalOcean does not tell when one was added."""

from __future__ import annotations

from attrs import frozen

from arcadia_adapters.digitalocean.client.payloads.told import Json, told
from arcadia_domain.cloud.listing import SeenResource


@frozen(kw_only=True)
class Domain:
    """GET /v2/domains"""

    name: str
    ttl: Json = None

    def seen(self) -> SeenResource:
        return SeenResource(
            kind="domain",
            provider_id=self.name,
            name=self.name,
            attrs=told(ttl=self.ttl),
        )
