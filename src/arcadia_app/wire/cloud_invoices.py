"""The provider's invoices on the wire (SPEC 10, 18)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from arcadia_app.use_cases.cloud.ingest_invoice import Ingested
from arcadia_app.wire.types import Cents, Currency, Month, Shape


class IngestedInvoice(Shape):
    """What became of an invoice file. `amount_cents` is the sum of its lines, tax among them; `matched` of
    the lines belong to a resource that we know; `changed` is false where all of it was there. `warnings` say
    what is odd about the file and changes no amount, a sentence each.
    """

    invoice_id: UUID
    period: Month
    lines: int
    amount_cents: Cents
    currency: Currency
    matched: int
    changed: bool
    warnings: list[str]

    @classmethod
    def of(cls, ingested: Ingested, warnings: Sequence[str]) -> IngestedInvoice:
        return cls(
            invoice_id=ingested.invoice_id,
            period=f"{ingested.period.start:%Y-%m}",
            lines=ingested.lines,
            amount_cents=ingested.amount_cents,
            currency=ingested.currency,
            matched=ingested.matched,
            changed=ingested.changed,
            warnings=list(warnings),
        )
