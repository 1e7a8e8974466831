"""Certificates: public facts only, DigitalOcean never tells the key."""

from __future__ import annotations

from attrs import frozen

from arcadia_adapters.digitalocean.client.payloads.told import Json, instant, told
from arcadia_domain.cloud.listing import SeenResource


@frozen(kw_only=True)
class Certificate:
    """GET /v2/certificates"""

    id: str
    name: str
    state: str | None = None
    created_at: str | None = None
    not_after: Json = None
    sha1_fingerprint: Json = None
    dns_names: Json = None
    type: Json = None

    def seen(self) -> SeenResource:
        return SeenResource(
            kind="certificate",
            provider_id=self.id,
            name=self.name,
            status=self.state,
            created_at=instant(self.created_at),
            attrs=told(
                not_after=self.not_after,
                sha1_fingerprint=self.sha1_fingerprint,
                dns_names=self.dns_names,
                type=self.type,
            ),
        )
