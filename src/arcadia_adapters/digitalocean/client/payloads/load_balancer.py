"""Load balancers. A global one is in no region."""

from __future__ import annotations

from attrs import frozen

from arcadia_adapters.digitalocean.client.payloads.told import Json, Region, instant, slug, told
from arcadia_domain.cloud.listing import SeenResource


@frozen(kw_only=True)
class LoadBalancer:
    """GET /v2/load_balancers"""

    id: str
    name: str
    region: Region | None = None
    size: str | None = None
    status: str | None = None
    created_at: str | None = None
    size_unit: Json = None
    project_id: Json = None
    ip: Json = None
    ipv6: Json = None
    algorithm: Json = None
    forwarding_rules: Json = None
    health_check: Json = None
    sticky_sessions: Json = None
    redirect_http_to_https: Json = None
    enable_proxy_protocol: Json = None
    enable_backend_keepalive: Json = None
    http_idle_timeout_seconds: Json = None
    vpc_uuid: Json = None
    disable_lets_encrypt_dns_records: Json = None
    firewall: Json = None
    network: Json = None
    network_stack: Json = None
    type: Json = None
    domains: Json = None
    glb_settings: Json = None
    target_load_balancer_ids: Json = None
    tls_cipher_policy: Json = None
    droplet_ids: Json = None
    tag: Json = None

    def seen(self) -> SeenResource:
        return SeenResource(
            kind="load_balancer",
            provider_id=self.id,
            name=self.name,
            region=slug(self.region),
            size_slug=self.size,
            status=self.status,
            created_at=instant(self.created_at),
            attrs=told(
                size_unit=self.size_unit,
                project_id=self.project_id,
                ip=self.ip,
                ipv6=self.ipv6,
                algorithm=self.algorithm,
                forwarding_rules=self.forwarding_rules,
                health_check=self.health_check,
                sticky_sessions=self.sticky_sessions,
                redirect_http_to_https=self.redirect_http_to_https,
                enable_proxy_protocol=self.enable_proxy_protocol,
                enable_backend_keepalive=self.enable_backend_keepalive,
                http_idle_timeout_seconds=self.http_idle_timeout_seconds,
                vpc_uuid=self.vpc_uuid,
                disable_lets_encrypt_dns_records=self.disable_lets_encrypt_dns_records,
                firewall=self.firewall,
                network=self.network,
                network_stack=self.network_stack,
                type=self.type,
                domains=self.domains,
                glb_settings=self.glb_settings,
                target_load_balancer_ids=self.target_load_balancer_ids,
                tls_cipher_policy=self.tls_cipher_policy,
                droplet_ids=self.droplet_ids,
                tag=self.tag or None,
            ),
        )
