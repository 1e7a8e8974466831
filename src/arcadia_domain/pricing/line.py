"""The line: the one shape of everything a tenant is charged for, on a quote and on an invoice (SPEC 4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from arcadia_domain.quantity import plain


class LineKind(StrEnum):
    PLAN_BASE = "plan_base"
    ADDON = "addon"
    OVERAGE = "overage"
    LLM_USAGE = "llm_usage"
    TAX = "tax"
    ADJUSTMENT = "adjustment"
    CREDIT = "credit"
    DISCOUNT = "discount"
    ONE_OFF = "one_off"


@dataclass(frozen=True, slots=True)
class Line:
    """`qty` × `unit` at `unit_price_cents` each is `amount_cents`, after the proration that `meta` explains.

    `unit_price_cents` is None where the price came with the usage (llm_usage). `meta` holds only text, whole
    numbers, lists and mappings of these: it is JSON as it stands, and its quantities are decimal strings.
    """

    kind: LineKind
    resource_kind: str | None
    description: str
    qty: Decimal
    unit: str
    unit_price_cents: int | None
    amount_cents: int
    meta: Mapping[str, object]

    def as_json(self) -> dict[str, object]:
        """The line as it stands on the wire and in a content hash."""
        return {
            "kind": self.kind.value,
            "resource_kind": self.resource_kind,
            "description": self.description,
            "qty": plain(self.qty),
            "unit": self.unit,
            "unit_price_cents": self.unit_price_cents,
            "amount_cents": self.amount_cents,
            "meta": dict(self.meta),
        }


def total_cents(lines: Iterable[Line]) -> int:
    """What the lines add up to."""
    return sum(line.amount_cents for line in lines)
