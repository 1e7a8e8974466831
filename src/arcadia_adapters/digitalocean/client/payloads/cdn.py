"""Endpoints of the content delivery network, named by the Space that they serve."""

from __future__ import annotations

from attrs import frozen

from arcadia_adapters.digitalocean.client.payloads.told import Json, instant, told
from arcadia_domain.cloud.listing import SeenResource


@frozen(kw_only=True)
class CdnEndpoint:
    """GET /v2/cdn/endpoints"""

    id: str
    origin: str
    created_at: str | None = None
    endpoint: Json = None
    ttl: Json = None
    certificate_id: Json = None
    custom_domain: Json = None

    def seen(self) -> SeenResource:
        return SeenResource(
            kind="cdn",
            provider_id=self.id,
            name=self.origin,
            created_at=instant(self.created_at),
            attrs=told(
                endpoint=self.endpoint,
                ttl=self.ttl,
                certificate_id=self.certificate_id,
                custom_domain=self.custom_domain,
            ),
        )
