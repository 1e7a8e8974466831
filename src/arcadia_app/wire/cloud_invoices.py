"""The provider's invoices on the wire (SPEC 10, 18)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from arcadia_app.use_cases.cloud.ingest_invoice import Ingested
from arcadia_app.use_cases.cloud.read_cloud_invoices import CloudInvoiceView
from arcadia_app.wire.types import Cents, Currency, Instant, Month, Shape
from arcadia_domain.cloud.provider_invoices import InvoiceSource, InvoiceState


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


class CloudInvoice(Shape):
    """An invoice of the provider. `amount_cents` is the sum of its lines, or of one that is only discovered
    what the provider states; `stated_cents` is what the provider's list says.

    Flagged: it does not add up, and `problem` says why. So many of its lines are `matched` to resources, and
    `unattributed_cents` of it are borne by nobody.
    """

    id: UUID
    account: str
    period: Month
    invoice_uuid: str | None
    invoice_number: Annotated[str | None, Meta(description="The provider's number for people.")]
    source: InvoiceSource
    state: InvoiceState
    problem: str | None
    amount_cents: Cents
    stated_cents: Cents | None
    currency: Annotated[Currency, Meta(examples=["USD"])]
    lines: int
    matched: int
    unattributed_cents: Cents
    ingested_at: Instant | None
    reconciled_at: Instant | None

    @classmethod
    def of(cls, view: CloudInvoiceView) -> CloudInvoice:
        header, invoice = view.header, view.header.invoice
        return cls(
            id=header.id,
            account=invoice.account,
            period=f"{invoice.period.start:%Y-%m}",
            invoice_uuid=invoice.invoice_uuid,
            invoice_number=invoice.invoice_number,
            source=invoice.source,
            state=invoice.state,
            problem=invoice.problem,
            amount_cents=invoice.amount_cents,
            stated_cents=invoice.stated_cents,
            currency=invoice.currency,
            lines=header.lines,
            matched=view.matched,
            unattributed_cents=view.unattributed_cents,
            ingested_at=header.ingested_at,
            reconciled_at=header.reconciled_at,
        )


class CloudInvoices(Shape):
    """A page of the provider's invoices, the newest month first."""

    items: list[CloudInvoice]
    next_cursor: str | None
