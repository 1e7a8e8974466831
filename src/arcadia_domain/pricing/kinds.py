"""The registry of resource kinds:
base unit, overage units with their factors, how a month aggregates, what is told apart by size (SPEC 3).

Owns the list; a kind that is not here does not exist anywhere in the product.
More kinds join by adding a row. What a resource counts for is the business of cloud/meters; on whose terms
the usage of a size is billed, that of sizes.

A sized kind may be written with a size: `droplet_hours:s-4vcpu-8gb` is hours of droplets of that size,
counted and priced in the units of `droplet_hours`. A size has one spelling: capital letters are refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType

from arcadia_domain.errors import DomainError


class UnknownKind(DomainError):
    code = "unknown_kind"
    sentence = "There is no resource kind {kind!r}; the known kinds are {known}."
    field = "resource_kind"


class UnknownUnit(DomainError):
    code = "unknown_unit"
    sentence = "{kind} is not priced by {unit!r}; its units are {known}."
    field = "overage_unit"


class Aggregation(StrEnum):
    """How the days of a month become the month's usage."""

    SUM = "sum"
    PEAK = "peak"


@dataclass(frozen=True, slots=True)
class ResourceKind:
    """One kind of resource: what it is counted in and what it may be priced by.

    `units` maps an overage unit to how many base units it holds: a power of ten up to 1000, so that every
    quantity in millionths is an exact count of units with at most nine decimals.
    """

    code: str
    base_unit: str
    units: Mapping[str, int]
    aggregation: Aggregation = Aggregation.SUM
    is_sized: bool = False

    @property
    def is_peak(self) -> bool:
        return self.aggregation is Aggregation.PEAK

    def factor(self, unit: str) -> int:
        """Base units in one `unit`. Raises UnknownUnit."""
        try:
            return self.units[unit]
        except KeyError:
            raise UnknownUnit(kind=self.code, unit=unit, known=", ".join(self.units)) from None


def _registry(*kinds: ResourceKind) -> Mapping[str, ResourceKind]:
    return MappingProxyType({kind.code: kind for kind in kinds})


def _hours(code: str, *, sized: bool = False) -> ResourceKind:
    return ResourceKind(code, "hour", {"hour": 1}, is_sized=sized)


def _gb_month(code: str) -> ResourceKind:
    return ResourceKind(code, "gb_month", {"gb_month": 1})


KINDS = _registry(
    _hours("droplet_hours", sized=True),
    _gb_month("spaces_gb_month"),
    _gb_month("snapshot_gb_month"),
    ResourceKind("bandwidth_gb", "gb", {"gb": 1}),
    ResourceKind("dns_zones", "zone", {"zone": 1}, Aggregation.PEAK),
    ResourceKind("llm_tokens", "token", {"1k_tokens": 1000}),
    _hours("backup_hours", sized=True),  # of droplets with backups: charged as a share of the size's price
    _gb_month("volume_gb_month"),  # block storage, attached or not
    _gb_month("image_gb_month"),  # uploaded images; backups are in backup_hours
    _hours("database_hours", sized=True),  # of nodes: a standby costs what its primary does
    _gb_month("database_gb_month"),  # storage of database clusters, where it is told
    _hours("kubernetes_node_hours", sized=True),  # of workers, which are charged as droplets of their size
    _hours("kubernetes_ha_hours"),  # of clusters with a highly available control plane
    _hours("load_balancer_hours"),  # of nodes: a load balancer of three costs three times as much
    _hours("reserved_ip_hours"),  # in which an IPv4 address leads nowhere: assigned ones are free
    _hours("app_hours", sized=True),  # of instances of apps' services and workers
    _hours("registry_hours", sized=True),  # of container registries; the size is the subscription's tier
    _gb_month("registry_gb_month"),  # what container registries hold: charged beyond the tier
)
"""Every resource kind by its code. The order is the order of overage lines."""

SIZE = r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?"
"""A size as a pattern: at most 64 small letters, digits, hyphens, underscores and full stops."""

_SIZE = re.compile(SIZE, re.ASCII)
_PLACES = {code: (rank, "") for rank, code in enumerate(KINDS)}


def resource_kind(code: str) -> ResourceKind:
    """The kind of that code, with or without a size. Raises UnknownKind, which names it."""
    try:
        return KINDS[code]
    except (KeyError, TypeError):
        pass
    if type(code) is str and (kind := _of_size(code)):
        return kind
    raise UnknownKind(kind=code, known=", ".join(KINDS))


def base_of(code: str) -> str:
    """The code of a kind without its size."""
    return code.partition(":")[0]


def of_size(code: str, size: str | None) -> str:
    """The code of a sized kind with that size; without where none is told, or it cannot be written."""
    slug = (size or "").lower()
    return f"{code}:{slug}" if _SIZE.fullmatch(slug) else code


def place(code: str) -> tuple[int, str]:
    """Where a kind stands among the others: in the order of the registry, and after its base by its size."""
    found = _PLACES.get(code)
    if found is not None:
        return found
    base, _, size = code.partition(":")
    return _PLACES[base][0], size


@lru_cache(maxsize=1024)
def _of_size(code: str) -> ResourceKind | None:
    base, _, size = code.partition(":")
    kind = KINDS.get(base)
    if kind is None or not kind.is_sized or not _SIZE.fullmatch(size):
        return None
    return replace(kind, code=code)
