"""Namespaces of functions. Their key is not read."""

from __future__ import annotations

from attrs import frozen

from arcadia_adapters.digitalocean.client.payloads.told import Json, instant, told
from arcadia_domain.cloud.listing import SeenResource


@frozen(kw_only=True)
class FunctionsNamespace:
    """GET /v2/functions/namespaces: known by `namespace`, which its address uses."""

    namespace: str
    label: str | None = None
    region: str | None = None
    created_at: str | None = None
    uuid: Json = None
    api_host: Json = None
    updated_at: Json = None

    def seen(self) -> SeenResource:
        return SeenResource(
            kind="functions_namespace",
            provider_id=self.namespace,
            name=self.label or self.namespace,
            region=self.region,
            created_at=instant(self.created_at),
            attrs=told(uuid=self.uuid, api_host=self.api_host, updated_at=self.updated_at),
        )
