"""The types that shapes are made of, each with its bounds and an example: what is documented is enforced.

A pattern ends in `\\Z`, for Python's `$` lets a line break pass; the document says `$`, which does not there.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Final
from uuid import UUID

from msgspec import Meta, Struct

from arcadia_domain.billing.tenants import LONGEST_TENANT_ID, TENANT_ID
from arcadia_domain.cloud.inventory import RESOURCE_KINDS
from arcadia_domain.money import LARGEST_CENTS, LARGEST_PRICE_CENTS
from arcadia_domain.pricing.kinds import KINDS, SIZE

_CONTROL: Final = r"\x00-\x1f\x7f-\x9f\ufeff"
"""What no name holds. Without these, Python and JSON Schema agree on what is a space."""

_NOT_BLANK: Final = rf"^[^{_CONTROL}]*[^{_CONTROL}\s][^{_CONTROL}]*\Z"

Text = Annotated[str, Meta(max_length=500, pattern=r"^[^\x00]*\Z", description="Without NUL characters.")]
Name = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=200,
        pattern=_NOT_BLANK,
        description="Not blank, and without control characters.",
        examples=["Pilot"],
    ),
]
Code = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=100,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*\Z",
        description="Letters, digits, dots, hyphens and underscores, with a letter or digit first.",
        examples=["studio"],
    ),
]
TenantId = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=LONGEST_TENANT_ID,
        pattern=TENANT_ID,
        description="Any slug or UUID: no leading underscore, no slash, no space around it.",
        examples=["acme"],
    ),
]
Slug = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=63,
        pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?\Z",
        description="Lower-case letters, digits and hyphens, with a letter or digit at both ends.",
        examples=["pilot"],
    ),
]
Currency = Annotated[str, Meta(pattern=r"^[A-Z]{3}\Z", description="A code of ISO 4217.", examples=["AUD"])]
Month = Annotated[
    str,
    Meta(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])\Z", description="A month, YYYY-MM.", examples=["2026-04"]),
]
Qty = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{1,14}(\.[0-9]{1,6})?\Z",
        description="A decimal string in the kind's base unit.",
        examples=["1488"],
    ),
]
Decimal = Annotated[
    str, Meta(pattern=r"^-?[0-9]+(\.[0-9]+)?\Z", description="A decimal string.", examples=["672"])
]
Cents = Annotated[
    int,
    Meta(
        ge=-LARGEST_CENTS,
        le=LARGEST_CENTS,
        description="Whole cents, at most 2^53 - 1 either way: a double holds every one exactly.",
        examples=[5000],
    ),
]
LineNumber = Annotated[int, Meta(ge=0, le=2**31 - 1, description="The line of a file, from 1.")]
Instant = Annotated[datetime, Meta(tz=True, description="RFC 3339, UTC.")]
_SIZED: Final = tuple(kind.code for kind in KINDS.values() if kind.is_sized)
_UNSIZED: Final = tuple(kind.code for kind in KINDS.values() if not kind.is_sized)
_KINDS: Final = ", ".join(f"{code}[:size]" if code in _SIZED else code for code in KINDS)
Kind = Annotated[
    str,
    Meta(
        pattern=rf"^[a-z][a-z0-9_]*(:{SIZE})?\Z",
        max_length=100,
        description="A resource kind, some with a size: dns_zones, droplet_hours, droplet_hours:s-4vcpu-8gb.",
        examples=["droplet_hours"],
    ),
]
KnownKind = Annotated[
    str,
    Meta(
        pattern=rf"^({'|'.join(_UNSIZED)}|({'|'.join(_SIZED)})(:{SIZE})?)\Z",
        description=f"A resource kind of the registry: {_KINDS}.",
        examples=["droplet_hours", "droplet_hours:s-4vcpu-8gb"],
    ),
]
InventoryKind = Annotated[
    str,
    Meta(
        pattern=rf"^({'|'.join(RESOURCE_KINDS)})\Z",
        description="A kind of the inventory.",
        examples=["droplet"],
        extra_json_schema={"enum": list(RESOURCE_KINDS)},
    ),
]
_UNITS: Final = tuple(dict.fromkeys(unit for kind in KINDS.values() for unit in kind.units))
KnownUnit = Annotated[
    str,
    Meta(
        pattern=rf"^({'|'.join(_UNITS)})\Z",
        description="A unit that the resource kind is priced by.",
        examples=["hour"],
        extra_json_schema={"enum": list(_UNITS)},
    ),
]
UnitPrice = Annotated[int, Meta(ge=0, le=LARGEST_PRICE_CENTS, description="Whole cents.", examples=[5000])]
Json = Annotated[
    dict[str, Any],
    Meta(
        description="Text, whole numbers, and lists and objects of these; quantities as decimal strings.",
        extra_json_schema={"$ref": "#/components/schemas/Json"},
    ),
]

__all__ = ["UUID", "date"]


class Shape(Struct, kw_only=True):
    """What is answered."""


class Body(Struct, kw_only=True, forbid_unknown_fields=True):
    """What is asked for: a field that it does not know is refused by name."""
