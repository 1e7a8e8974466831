"""Records of a domain: known by the domain's name and their own id."""

from __future__ import annotations

from attrs import frozen

from arcadia_adapters.digitalocean.client.payloads.told import Json, told
from arcadia_domain.cloud.listing import SeenResource


@frozen(kw_only=True)
class DomainRecord:
    """GET /v2/domains/{name}/records"""

    id: int
    type: str
    name: str | None = None
    data: str | None = None
    ttl: Json = None
    priority: Json = None
    port: Json = None
    weight: Json = None
    flags: Json = None
    tag: Json = None

    def seen_in(self, domain: str) -> SeenResource:
        """What it says, as a record of `domain`."""
        return SeenResource(
            kind="domain_record",
            provider_id=f"{domain}/{self.id}",
            name=self.name or "",
            attrs=told(
                domain=domain,
                type=self.type,
                data=self.data,
                ttl=self.ttl,
                priority=self.priority,
                port=self.port,
                weight=self.weight,
                flags=self.flags,
                tag=self.tag,
            ),
        )
