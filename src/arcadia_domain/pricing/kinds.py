"""The registry of resource kinds:
base unit, overage units with their factors, how a month aggregates (SPEC 3).

Owns the list; a kind that is not here does not exist anywhere in the product.
More kinds join by adding a row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
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


KINDS = _registry(
    ResourceKind("droplet_hours", "hour", {"hour": 1}),
    ResourceKind("spaces_gb_month", "gb_month", {"gb_month": 1}),
    ResourceKind("snapshot_gb_month", "gb_month", {"gb_month": 1}),
    ResourceKind("bandwidth_gb", "gb", {"gb": 1}),
    ResourceKind("dns_zones", "zone", {"zone": 1}, Aggregation.PEAK),
    ResourceKind("llm_tokens", "token", {"1k_tokens": 1000}),
)
"""Every resource kind by its code. The order is the order of overage lines."""


def resource_kind(code: str) -> ResourceKind:
    """The kind of that code. Raises UnknownKind, which names it."""
    try:
        return KINDS[code]
    except (KeyError, TypeError):
        raise UnknownKind(kind=code, known=", ".join(KINDS)) from None
