"""What the provider's words are in FOCUS 1.2: of its closed lists, the one that each product is (SPEC 10).

Owns the tables. A product that is not in them is a use of the service category Other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from arcadia_domain.cloud.costs import CostLine
from arcadia_domain.cloud.descriptions import ACCOUNT_WIDE, Sort, sort_of

_CATEGORY: Mapping[Sort, str] = MappingProxyType(
    {
        Sort.USE: "Usage",
        Sort.OVERAGE: "Usage",
        Sort.SUPPORT: "Purchase",
        Sort.TAX: "Tax",
        Sort.CREDIT: "Credit",
        Sort.ADJUSTMENT: "Adjustment",
    }
)
_FREQUENCY: Mapping[str, str] = MappingProxyType(
    {
        "Usage": "Usage-Based",
        "Purchase": "Recurring",
        "Tax": "Usage-Based",
        "Credit": "One-Time",
        "Adjustment": "One-Time",
    }
)
_SERVICE: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "App Platform": ("Compute", "Serverless Compute"),
        "Backups": ("Storage", "Backups"),
        "Bandwidth Overage": ("Networking", "Data Transfer"),
        "Container Registry": ("Compute", "Containers"),
        "Database Clusters": ("Databases", "Other (Databases)"),
        "Droplets": ("Compute", "Virtual Machines"),
        "Floating IPs": ("Networking", "Other (Networking)"),
        "Functions": ("Compute", "Serverless Compute"),
        "Images": ("Storage", "Backups"),
        "Kubernetes Clusters": ("Compute", "Containers"),
        "Load Balancers": ("Networking", "Load Balancing"),
        "Reserved IPs": ("Networking", "Other (Networking)"),
        "Snapshots": ("Storage", "Backups"),
        "Spaces": ("Storage", "Object Storage"),
        "Spaces Subscription": ("Storage", "Object Storage"),
        "Volumes": ("Storage", "Disk"),
    }
)
_OTHER = ("Other", "Other (Other)")

_SIZED = frozenset({"Backups", "Database Clusters", "Droplets"})
"""Products that are priced by the size that ends their descriptions, in brackets."""
_SIZE = re.compile(r".* \(([^()]+)\)")


def charge_category(product: str) -> str:
    """ChargeCategory: Usage, Purchase (bought for the account as a whole), Tax, Credit or Adjustment."""
    return "Purchase" if product in ACCOUNT_WIDE else _CATEGORY[sort_of(product)]


def charge_frequency(category: str) -> str:
    """ChargeFrequency of a ChargeCategory: One-Time, Recurring or Usage-Based."""
    return _FREQUENCY[category]


def service_of(product: str) -> tuple[str, str]:
    """ServiceCategory and ServiceSubcategory."""
    return _SERVICE.get(product, _OTHER)


def sku_of(line: CostLine) -> str:
    """SkuId: the provider tells none, so the product, and its size where it is priced by one."""
    size = _SIZE.fullmatch(line.description) if line.product in _SIZED else None
    return line.product if size is None else f"{line.product}/{size[1]}"
