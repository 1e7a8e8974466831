"""What a line of a provider invoice is about, as its product and its words say (SPEC 10).

Owns the forms of description from which a name is read for certain: one in no such form names nothing, for a
guess would bill somebody for another's resource. Which products there are is provider_products', which
resource has the name is matching's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from arcadia_domain.cloud.provider_products import PRODUCTS


class Sort(StrEnum):
    """What a line is, other than the use of something."""

    USE = "use"
    TAX = "tax"
    CREDIT = "credit"
    ADJUSTMENT = "adjustment"
    OVERAGE = "overage"
    SUPPORT = "support"


_TAXES = "Taxes"
# Words, because the provider's names for these have changed and no list of them is to be had.
_SORT_OF_WORD = {
    "credit": Sort.CREDIT,
    "credits": Sort.CREDIT,
    "refund": Sort.CREDIT,
    "adjustment": Sort.ADJUSTMENT,
    "adjustments": Sort.ADJUSTMENT,
    "overage": Sort.OVERAGE,
    "overages": Sort.OVERAGE,
    "support": Sort.SUPPORT,
}
_WORD = re.compile(r"[a-z]+", re.ASCII)

_SIZE = r"[^()\s]+"
_OLDER_SIZE = r"\d+(?:\.\d+)? ?[MGT]B"
# A space may stand in a name, and a bracket too: the last bracket is the size or the region.
_FORMS: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        "droplet": re.compile(rf"(\S(?:.*\S)?) \((?:{_SIZE}|{_OLDER_SIZE})\)"),
        "volume": re.compile(r"(\S(?:.*\S)?) \([a-z]{3}\d+\)(?: \d+ ?[GT]i?B)?", re.ASCII),
        "snapshot": re.compile(r"(\S(?:.*\S)?) \(\d+(?:\.\d+)? ?[KMGT]i?B\)", re.ASCII),
        "image": re.compile(r"(\S(?:.*\S)?) \(\d+(?:\.\d+)? ?[KMGT]i?B\)", re.ASCII),
        "database": re.compile(rf"(\S(?:.*\S)?) \({_SIZE}\)"),
        "load_balancer": re.compile(r"(\S(?:.*\S)?) \([a-z]{3}\d+\)", re.ASCII),
        "reserved_ip": re.compile(
            r"(?:Unused )?(?:Floating|Reserved) IP(?:v[46])? - ([0-9a-fA-F.:]+)", re.ASCII
        ),
        "app": re.compile(r"([a-z][a-z0-9-]{0,30}[a-z0-9])", re.ASCII),
    }
)
_CLUSTER_HASH = re.compile(r"[0-9a-f]{32}", re.ASCII)


def sort_of(product: str) -> Sort:
    """Whether a product is a tax, a credit, an overage … or something that is used."""
    if is_tax(product):
        return Sort.TAX
    if kind_of(product) is not None:
        return Sort.USE
    words = _WORD.findall(product.casefold())
    return next((sort for word in words if (sort := _SORT_OF_WORD.get(word))), Sort.USE)


def is_tax(product: str) -> bool:
    """Whether it is the provider's tax on the other lines."""
    return product == _TAXES


def is_account_wide(product: str) -> bool:
    """Whether its lines are for the account as a whole, though their kind may be known."""
    known = PRODUCTS.get(product)
    return known is not None and known.account_wide


def kind_of(product: str) -> str | None:
    """The kind of the inventory that its lines are about; None where it is about none that we know."""
    known = PRODUCTS.get(product)
    return None if known is None else known.kind


def kinds_of_id(product: str) -> tuple[str, ...]:
    """The kinds of the inventory that an id on a line of the product may be of, the likeliest first.

    Names are looked for among the first only.
    """
    known = PRODUCTS.get(product)
    return () if known is None or known.kind is None else (known.kind, *known.ids_also)


def resource_name(kind: str | None, description: str, group_description: str = "") -> str | None:
    """The name of the resource where the words give it for certain, else None.

    "web-1 (s-1vcpu-1gb)", "volume-1 (sfo2) 100GB", "base-image (2.36 GB)", "lb-1 (nyc1)",
    "Unused Reserved IP - 198.51.100.7", an app's bare name; of a Kubernetes cluster, whose description is a
    hash, its group.
    """
    if kind == "kubernetes_cluster":
        return group_description if _CLUSTER_HASH.fullmatch(description) and group_description else None
    form = None if kind is None else _FORMS.get(kind)
    found = None if form is None else form.fullmatch(description)
    return None if found is None else found[1]
