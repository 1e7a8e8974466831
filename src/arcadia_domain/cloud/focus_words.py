"""What the provider's words are in FOCUS 1.2: of its closed lists, the one that each product is (SPEC 10).

Owns the words for each sort of line; the services are in the table of provider_products. A product that is
not there is a use of the service category Other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from arcadia_domain.cloud.costs import CostLine
from arcadia_domain.cloud.descriptions import Sort, is_account_wide, sort_of
from arcadia_domain.cloud.provider_products import OTHER_SERVICE, PRODUCTS, Service

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
_SIZE = re.compile(r".* \(([^()]+)\)")


def charge_category(product: str) -> str:
    """ChargeCategory: Usage, Purchase (bought for the account as a whole), Tax, Credit or Adjustment."""
    return "Purchase" if is_account_wide(product) else _CATEGORY[sort_of(product)]


def charge_frequency(category: str) -> str:
    """ChargeFrequency of a ChargeCategory: One-Time, Recurring or Usage-Based."""
    return _FREQUENCY[category]


def service_of(product: str) -> Service:
    """ServiceCategory and ServiceSubcategory."""
    known = PRODUCTS.get(product)
    return OTHER_SERVICE if known is None else known.service


def sku_of(line: CostLine) -> str:
    """SkuId: the provider tells none, so the product, and its size where it is priced by one."""
    known = PRODUCTS.get(line.product)
    size = _SIZE.fullmatch(line.description) if known is not None and known.sized else None
    return line.product if size is None else f"{line.product}/{size[1]}"
