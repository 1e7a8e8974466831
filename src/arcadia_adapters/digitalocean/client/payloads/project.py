"""Projects, and what is in them."""

from __future__ import annotations

from attrs import frozen

from arcadia_adapters.digitalocean.client.payloads.told import Json, instant, told
from arcadia_adapters.digitalocean.client.urns import resource_of
from arcadia_domain.cloud.listing import SeenResource
from arcadia_domain.cloud.orders import ProjectMember


@frozen(kw_only=True)
class Project:
    """GET /v2/projects"""

    id: str
    name: str
    created_at: str | None = None
    purpose: Json = None
    environment: Json = None
    is_default: Json = None
    owner_uuid: Json = None
    updated_at: Json = None

    def seen(self) -> SeenResource:
        return SeenResource(
            kind="project",
            provider_id=self.id,
            name=self.name,
            created_at=instant(self.created_at),
            attrs=told(
                purpose=self.purpose,
                environment=self.environment,
                is_default=self.is_default,
                owner_uuid=self.owner_uuid,
                updated_at=self.updated_at,
            ),
        )


@frozen(kw_only=True)
class Member:
    """GET /v2/projects/{id}/resources"""

    urn: str
    status: str | None = None

    def value(self) -> ProjectMember:
        """The same in our words."""
        kind, provider_id = resource_of(self.urn)
        return ProjectMember(urn=self.urn, kind=kind, provider_id=provider_id, status=self.status)
