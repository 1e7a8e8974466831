"""Cost lines as rows of FOCUS 1.2, the FinOps Open Cost and Usage Specification (SPEC 10).

Owns the columns and, beside each, the rule of the specification that its value follows. What the provider's
words are in FOCUS is focus_words'; how rows are written is the doors'.

One row for what each holder bears of a line and one for what is nobody's, so that BilledCost adds up to the
invoice to the cent; quantities are split as the cost is, so that the price of a unit stays what it was. What
is absent is None.

What the provider's invoices do not tell is not made up: unit prices and the names of regions, whose columns
are left out, and quantities of lines that count no hours, which FOCUS would have for every use.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from arcadia_domain.cloud.attribution import Share
from arcadia_domain.cloud.charges import PlacedCharge
from arcadia_domain.cloud.focus_words import charge_category, charge_frequency, service_of, sku_of
from arcadia_domain.cloud.spans import micros
from arcadia_domain.money import allocate, half_up, in_units
from arcadia_domain.period import midnight
from arcadia_domain.quantity import from_micro, plain, to_micro

PROVIDER = "DigitalOcean"


@dataclass(frozen=True, slots=True)
class _Part:
    """What one holder bears of a line; `share` None: what is nobody's. `micro_hours`: of the line's hours."""

    charge: PlacedCharge
    share: Share | None
    cents: int
    micro_hours: int | None

    @property
    def category(self) -> str:
        return charge_category(self.charge.line.product)

    @property
    def is_sold(self) -> bool:
        """Whether it is for something that is used or bought, and so has a SKU."""
        return self.category in ("Usage", "Purchase")

    @property
    def hours(self) -> str | None:
        return None if self.micro_hours is None else plain(from_micro(self.micro_hours))


Value = Callable[[_Part], str | None]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its id in FOCUS, the rule there that its value follows, and the value."""

    id: str
    rule: str
    value: Value


def focus_rows(charge: PlacedCharge) -> Iterator[tuple[str | None, ...]]:
    """The rows of a line, a value for each of COLUMNS. Their BilledCost is the line's amount together."""
    for part in _parts(charge):
        yield tuple(column.value(part) for column in COLUMNS)


def _parts(charge: PlacedCharge) -> list[_Part]:
    """What holders bear, then what is nobody's. A part that comes to nothing is left out, unless all do."""
    attribution = charge.attribution
    every: list[tuple[Share | None, int]] = [(share, share.amount_cents) for share in attribution.shares]
    every.append((None, attribution.unattributed_cents))
    parts = [part for part in every if part[1]] or every[:1]
    hours = _micro_hours(charge)
    if hours is None:
        return [_Part(charge, share, cents, None) for share, cents in parts]
    split = allocate(hours, [abs(cents) for _, cents in parts] if charge.line.amount_cents else [1])
    return [_Part(charge, share, cents, part) for (share, cents), part in zip(parts, split, strict=True)]


def _micro_hours(charge: PlacedCharge) -> int | None:
    """The hours that the line counts, in millionths; where it counts no whole hour, the time that it ran."""
    line = charge.line
    if line.hours is None:
        return None
    ran = half_up(max(micros(line.end) - micros(line.start), 0), 3600)
    return to_micro(line.hours, "hours") or ran or None


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _cost(part: _Part) -> str:
    return in_units(part.cents)


def _description(part: _Part) -> str | None:
    line = part.charge.line
    return ": ".join(text for text in (line.group_description, line.description) if text) or None


def _sku(part: _Part) -> str | None:
    return sku_of(part.charge.line) if part.is_sold else None


def _resource_id(part: _Part) -> str | None:
    found = part.charge.resource
    return part.charge.line.provider_id if found is None else found.provider_id


def _resource_name(part: _Part) -> str | None:
    found = part.charge.resource
    if found is not None:
        return found.name or None
    return part.charge.line.name if part.charge.line.provider_id else None


def _resource_type(part: _Part) -> str | None:
    found, line = part.charge.resource, part.charge.line
    if found is not None:
        return found.kind
    return (line.kind or line.product) if line.provider_id else None


def _tags(part: _Part) -> str | None:
    """The resource's tags, and what we know beside them under names that no tag of a user's has."""
    found = part.charge.resource
    tags: dict[str, str | bool] = dict.fromkeys(() if found is None else found.tags, True)
    if part.share is not None and part.share.deployment_id is not None:
        tags["arcadia:deployment"] = str(part.share.deployment_id)
    if part.charge.line.project_name:
        tags["arcadia:project"] = part.charge.line.project_name
    return json.dumps(tags, ensure_ascii=False, sort_keys=True, separators=(",", ":")) if tags else None


def _tenant(part: _Part) -> str | None:
    return None if part.share is None else part.share.tenant_id


COLUMNS: tuple[Column, ...] = (
    Column("BilledCost", "Mandatory. Adds up to what is invoiced for the billing period.", _cost),
    Column("BillingAccountId", "Mandatory, never null.", lambda part: part.charge.account),
    Column("BillingAccountName", "Mandatory; null where no display name is known.", lambda _: None),
    Column("BillingAccountType", "Not null where the account is told. A readable word.", lambda _: "Team"),
    Column("BillingCurrency", "Mandatory. ISO 4217.", lambda part: part.charge.line.currency),
    Column(
        "BillingPeriodEnd",
        "Mandatory. Exclusive; ISO 8601, UTC.",
        lambda part: _instant(midnight(part.charge.period.end)),
    ),
    Column(
        "BillingPeriodStart",
        "Mandatory. Inclusive; ISO 8601, UTC.",
        lambda part: _instant(midnight(part.charge.period.start)),
    ),
    Column(
        "ChargeCategory",
        "Mandatory. One of Usage, Purchase, Tax, Credit, Adjustment.",
        lambda part: part.category,
    ),
    Column(
        "ChargeClass",
        "Mandatory. Correction where an earlier billing period is corrected; no line tells that it does so.",
        lambda _: None,
    ),
    Column("ChargeDescription", "Mandatory. In the provider's words; null where it has none.", _description),
    Column(
        "ChargeFrequency",
        "One of One-Time, Recurring, Usage-Based; a Purchase is never Usage-Based.",
        lambda part: charge_frequency(part.category),
    ),
    Column("ChargePeriodEnd", "Mandatory. Exclusive.", lambda part: _instant(part.charge.line.end)),
    Column("ChargePeriodStart", "Mandatory. Inclusive.", lambda part: _instant(part.charge.line.start)),
    Column(
        "ConsumedQuantity",
        "Positive for Usage, null for every other category.",
        lambda part: part.hours if part.category == "Usage" else None,
    ),
    Column(
        "ConsumedUnit",
        "Null where ConsumedQuantity is. A time-based unit in the plural.",
        lambda part: "Hours" if part.category == "Usage" and part.hours is not None else None,
    ),
    Column("ContractedCost", "Mandatory. Equals BilledCost: no other price is agreed.", _cost),
    Column("EffectiveCost", "Mandatory. Equals BilledCost: nothing is prepaid for later months.", _cost),
    Column(
        "InvoiceId",
        "Not null for what is invoiced. The provider's id; null where a file came without it.",
        lambda part: part.charge.invoice_uuid,
    ),
    Column("InvoiceIssuerName", "Mandatory, never null.", lambda _: PROVIDER),
    Column("ListCost", "Mandatory. Equals BilledCost where no list unit price is told.", _cost),
    Column(
        "PricingQuantity",
        "Mandatory. Null for Tax; of what is sold, what it is priced by.",
        lambda part: part.hours if part.is_sold else None,
    ),
    Column(
        "PricingUnit",
        "Mandatory. Null for Tax, and where PricingQuantity is; as the invoice says.",
        lambda part: "Hours" if part.is_sold and part.hours is not None else None,
    ),
    Column("ProviderName", "Mandatory, never null.", lambda _: PROVIDER),
    Column("PublisherName", "Mandatory, never null.", lambda _: PROVIDER),
    Column(
        "RegionId",
        "The provider's id; null where none is known.",
        lambda part: None if part.charge.resource is None else part.charge.resource.region,
    ),
    Column("ResourceId", "The provider's id; null for what is for no one resource.", _resource_id),
    Column("ResourceName", "Null where ResourceId is.", _resource_name),
    Column("ResourceType", "Null exactly where ResourceId is.", _resource_type),
    Column(
        "ServiceCategory",
        "Mandatory. One of the allowed values; Other where none fits.",
        lambda part: service_of(part.charge.line.product)[0],
    ),
    Column("ServiceName", "Mandatory, never null.", lambda part: part.charge.line.product or PROVIDER),
    Column(
        "ServiceSubcategory",
        "One of the allowed values of its ServiceCategory.",
        lambda part: service_of(part.charge.line.product)[1],
    ),
    Column("SkuId", "Not null for Usage and Purchase, null for Tax.", _sku),
    Column("SkuPriceId", "As SkuId, and equal to it where there are no SKUs above prices.", _sku),
    Column("SubAccountId", "Null where the charge is of no sub account. Here: the tenant.", _tenant),
    Column("SubAccountName", "Null where SubAccountId is.", _tenant),
    Column(
        "SubAccountType",
        "Null exactly where SubAccountId is. A readable word.",
        lambda part: None if part.share is None else "Tenant",
    ),
    Column("Tags", "Key-value format: a JSON object, `true` for a tag without a value.", _tags),
    Column(
        "x_CostLineId",
        "Custom columns are prefixed with x_ and stand last.",
        lambda part: str(part.charge.id),
    ),
)
"""The columns in order, FOCUS' own by name; each rule is that of the column's chapter there."""
