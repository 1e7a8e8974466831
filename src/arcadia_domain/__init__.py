"""The rules of Arcadia Cloud: pricing, billing, cloud costs. Standard library only; import it for quotes.

This is the public door. It opens lazily: `import arcadia_domain` loads nothing until a name is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from arcadia_domain.errors import DomainError
    from arcadia_domain.pricing.catalog import Addon, PlanItem, PlanVersion, ResourcePrice
    from arcadia_domain.pricing.line import Line, LineKind
    from arcadia_domain.pricing.quoting import Pricing, Quote, price, quote, replay
    from arcadia_domain.pricing.stretch import Status, Stretch

__version__ = "0.1.0"

_DOOR = {
    "Addon": "pricing.catalog",
    "DomainError": "errors",
    "Line": "pricing.line",
    "LineKind": "pricing.line",
    "PlanItem": "pricing.catalog",
    "PlanVersion": "pricing.catalog",
    "Pricing": "pricing.quoting",
    "Quote": "pricing.quoting",
    "ResourcePrice": "pricing.catalog",
    "Status": "pricing.stretch",
    "Stretch": "pricing.stretch",
    "price": "pricing.quoting",
    "quote": "pricing.quoting",
    "replay": "pricing.quoting",
}

__all__ = [
    "Addon",
    "DomainError",
    "Line",
    "LineKind",
    "PlanItem",
    "PlanVersion",
    "Pricing",
    "Quote",
    "ResourcePrice",
    "Status",
    "Stretch",
    "price",
    "quote",
    "replay",
]


def __getattr__(name: str) -> object:
    if name not in _DOOR:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_DOOR[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
