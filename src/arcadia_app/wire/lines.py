"""The line on the wire: the one shape of all that is charged, on a quote and on an invoice (SPEC 4)."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from arcadia_app.wire.types import Cents, Decimal, Json, Kind, Shape
from arcadia_domain.pricing import line
from arcadia_domain.quantity import plain


class Line(Shape):
    """`qty` × `unit` at `unit_price_cents` each is `amount_cents`, after the proration that `meta` tells."""

    kind: line.LineKind
    resource_kind: Kind | None
    description: str
    qty: Decimal
    unit: str
    unit_price_cents: Annotated[
        Cents | None, Meta(description="Null on llm_usage: the price came with the usage.")
    ]
    amount_cents: Cents
    meta: Json

    @classmethod
    def of(cls, charged: line.Line) -> Line:
        return cls(
            kind=charged.kind,
            resource_kind=charged.resource_kind,
            description=charged.description,
            qty=plain(charged.qty),
            unit=charged.unit,
            unit_price_cents=charged.unit_price_cents,
            amount_cents=charged.amount_cents,
            meta=dict(charged.meta),
        )
