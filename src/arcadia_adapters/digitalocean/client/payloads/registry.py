"""Container registries, with the tier that is paid for."""

from __future__ import annotations

from attrs import frozen

from arcadia_adapters.digitalocean.client.payloads.told import Json, instant, told
from arcadia_domain.cloud.listing import SeenResource


@frozen(kw_only=True)
class Tier:
    """What the subscription includes; the prices are DigitalOcean's list prices in cents."""

    slug: str | None = None
    included_repositories: Json = None
    included_storage_bytes: Json = None
    allow_storage_overage: Json = None
    included_bandwidth_bytes: Json = None
    monthly_price_in_cents: Json = None
    storage_overage_price_in_cents: Json = None

    def told(self) -> dict[str, object]:
        return told(
            slug=self.slug,
            included_repositories=self.included_repositories,
            included_storage_bytes=self.included_storage_bytes,
            allow_storage_overage=self.allow_storage_overage,
            included_bandwidth_bytes=self.included_bandwidth_bytes,
            monthly_price_in_cents=self.monthly_price_in_cents,
            storage_overage_price_in_cents=self.storage_overage_price_in_cents,
        )


@frozen(kw_only=True)
class RegistrySubscription:
    """The subscription of a registry."""

    tier: Tier | None = None


@frozen(kw_only=True)
class Registry:
    """GET /v2/registries"""

    name: str
    region: str | None = None
    created_at: str | None = None
    subscription: RegistrySubscription | None = None
    storage_usage_bytes: Json = None
    storage_usage_bytes_updated_at: Json = None

    def seen(self) -> SeenResource:
        tier = self.subscription.tier if self.subscription is not None else None
        return SeenResource(
            kind="registry",
            provider_id=self.name,
            name=self.name,
            region=self.region,
            size_slug=tier.slug if tier is not None else None,
            created_at=instant(self.created_at),
            attrs=told(
                storage_usage_bytes=self.storage_usage_bytes,
                storage_usage_bytes_updated_at=self.storage_usage_bytes_updated_at,
                tier=tier.told() if tier is not None else None,
            ),
        )
