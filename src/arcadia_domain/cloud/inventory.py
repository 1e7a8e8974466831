"""A resource at the cloud provider as we last saw it (SPEC 6).

Owns CloudResource and the list of kinds. Not here: what changed between two looks (changes), who held a
resource when (assignments), what we asked for (drift).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from arcadia_domain.errors import DomainError

RESOURCE_KINDS = (
    "droplet",
    "volume",
    "snapshot",
    "image",
    "database",
    "load_balancer",
    "domain",
    "domain_record",
    "reserved_ip",
    "kubernetes_cluster",
    "kubernetes_node_pool",
    "app",
    "space",
    "project",
    "vpc",
    "firewall",
    "certificate",
    "cdn",
    "registry",
    "functions_namespace",
)
"""Every kind of the inventory, as it is named on the wire (SPEC 18)."""

_KNOWN = frozenset(RESOURCE_KINDS)
BORN_WHEN_SEEN = frozenset({"domain", "domain_record", "kubernetes_node_pool", "reserved_ip"})
"""Kinds that the provider gives no date of creation for: they began with our first look."""


def _no_attrs() -> Mapping[str, object]:
    return MappingProxyType({})


class UnknownInventoryKind(DomainError):
    code = "unknown_inventory_kind"
    sentence = "The inventory holds no {kind!r}; its kinds are {known}."
    field = "kind"


def inventory_kind(kind: str) -> str:
    """Return `kind`, or raise UnknownInventoryKind, which names it and the known ones."""
    if kind not in _KNOWN:
        raise UnknownInventoryKind(kind=kind, known=", ".join(RESOURCE_KINDS))
    return kind


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudResource:
    """One resource of one provider account. Tombstoned by `deleted_at`, never removed.

    `attrs` holds the provider's remaining fields; sizes in it are gigabytes under `size_gigabytes`. Where one
    of a name followed another, after a gap, `created_at` and `first_seen` are the first one's: when the later
    one began, and that there was none in between, is told by the change points of its meters.
    `tenant_id` and `deployment_id` say who holds it now; who held it when is told by its assignments.
    Raises UnknownInventoryKind.
    """

    id: UUID
    account: str
    provider_id: str
    kind: str
    name: str
    region: str | None = None
    size_slug: str | None = None
    status: str | None = None
    tags: tuple[str, ...] = ()
    attrs: Mapping[str, object] = field(default_factory=_no_attrs, hash=False)
    tenant_id: str | None = None
    deployment_id: UUID | None = None
    created_at: datetime | None = None
    deleted_at: datetime | None = None
    first_seen: datetime
    last_seen: datetime

    def __post_init__(self) -> None:
        inventory_kind(self.kind)

    @property
    def key(self) -> tuple[str, str, str]:
        """What identifies the resource at the provider: account, kind, provider id."""
        return self.account, self.kind, self.provider_id

    @property
    def born_at(self) -> datetime | None:
        """When it began: the provider's date, or the first look for kinds the provider gives no date of.

        None when the provider should have told and did not: what depends on it is refused, not guessed.
        """
        if self.created_at is None and self.kind in BORN_WHEN_SEEN:
            return self.first_seen
        return self.created_at
