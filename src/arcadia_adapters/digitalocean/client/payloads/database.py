"""Database clusters. Connections and users, with their passwords and keys, are not read."""

from __future__ import annotations

from attrs import frozen

from arcadia_adapters.digitalocean.client.payloads.told import Json, instant, tags_of, told
from arcadia_domain.cloud.listing import SeenResource


@frozen(kw_only=True)
class Database:
    """GET /v2/databases"""

    id: str
    name: str
    region: str | None = None
    size: str | None = None
    status: str | None = None
    tags: list[str] | None = None
    created_at: str | None = None
    engine: Json = None
    version: Json = None
    semantic_version: Json = None
    num_nodes: Json = None
    storage_size_mib: Json = None
    private_network_uuid: Json = None
    project_id: Json = None
    db_names: Json = None
    maintenance_window: Json = None
    rules: Json = None
    version_end_of_life: Json = None
    version_end_of_availability: Json = None
    do_settings: Json = None

    def seen(self) -> SeenResource:
        return SeenResource(
            kind="database",
            provider_id=self.id,
            name=self.name,
            region=self.region,
            size_slug=self.size,
            status=self.status,
            tags=tags_of(self.tags),
            created_at=instant(self.created_at),
            attrs=told(
                engine=self.engine,
                version=self.version,
                semantic_version=self.semantic_version,
                num_nodes=self.num_nodes,
                storage_size_mib=self.storage_size_mib,
                private_network_uuid=self.private_network_uuid,
                project_id=self.project_id,
                db_names=self.db_names,
                version_end_of_life=self.version_end_of_life,
                version_end_of_availability=self.version_end_of_availability,
                maintenance_window=self.maintenance_window,
                rules=self.rules,
                do_settings=self.do_settings,
            ),
        )
