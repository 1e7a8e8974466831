"""Apps. Of the deployments only the phase of the active one: each repeats the spec with its secrets."""

from __future__ import annotations

from attrs import frozen

from arcadia_adapters.digitalocean.client.payloads.app_spec import kept_of_spec
from arcadia_adapters.digitalocean.client.payloads.told import Json, Region, instant, slug, told
from arcadia_domain.cloud.listing import SeenResource


@frozen(kw_only=True)
class AppDeployment:
    """A deployment of an app."""

    id: str | None = None
    phase: str | None = None


@frozen(kw_only=True)
class App:
    """GET /v2/apps?with_projects=true. Its name is its spec's; of the spec what app_spec names is kept."""

    id: str
    spec: dict[str, Json]
    region: Region | None = None
    tier_slug: str | None = None
    created_at: str | None = None
    active_deployment: AppDeployment | None = None
    project_id: Json = None
    default_ingress: Json = None
    live_url: Json = None
    live_url_base: Json = None
    live_domain: Json = None
    dedicated_ips: Json = None
    vpc: Json = None
    last_deployment_created_at: Json = None
    updated_at: Json = None

    def seen(self) -> SeenResource:
        active = self.active_deployment
        return SeenResource(
            kind="app",
            provider_id=self.id,
            name=str(self.spec.get("name") or ""),
            region=slug(self.region),
            size_slug=self.tier_slug,
            status=active.phase if active is not None else None,
            created_at=instant(self.created_at),
            attrs=told(
                spec=kept_of_spec(self.spec),
                project_id=self.project_id,
                active_deployment_id=active.id if active is not None else None,
                default_ingress=self.default_ingress,
                live_url=self.live_url,
                live_url_base=self.live_url_base,
                live_domain=self.live_domain,
                dedicated_ips=self.dedicated_ips,
                vpc=self.vpc,
                last_deployment_created_at=self.last_deployment_created_at,
                updated_at=self.updated_at,
            ),
        )
