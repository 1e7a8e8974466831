"""Invoices on the wire, and what proves them (SPEC 9, 18)."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from msgspec import Meta, structs

from arcadia_app.wire.lines import Line
from arcadia_app.wire.types import Cents, Currency, Instant, Json, Shape, TenantId
from arcadia_domain.billing import invoicing
from arcadia_domain.billing.invoicing import InvoiceStatus

Sha256 = Annotated[
    str, Meta(pattern=r"^[0-9a-f]{64}\Z", description="sha256, in hex.", examples=["0123456789abcdef" * 4])
]


class InvoiceLine(Line):
    """A line of an invoice. The tax line is of no deployment."""

    id: UUID
    deployment_id: UUID | None

    @classmethod
    def placed(cls, line: invoicing.InvoiceLine) -> InvoiceLine:
        return cls(id=line.id, deployment_id=line.deployment_id, **structs.asdict(Line.of(line.line)))


class Invoice(Shape):
    """A tenant's invoice of one period: subtotal + tax = total. `period_end` is not included."""

    id: UUID
    number: Annotated[str | None, Meta(description="Given when it is issued.")]
    tenant_id: TenantId
    period_start: date
    period_end: date
    status: InvoiceStatus
    issued_at: Instant | None
    due_on: date | None
    currency: Currency
    subtotal_cents: Cents
    tax_cents: Cents
    total_cents: Cents
    quote_hash: Sha256
    lines: list[InvoiceLine]

    @classmethod
    def of(cls, invoice: invoicing.Invoice) -> Invoice:
        return cls(
            id=invoice.id,
            number=invoice.number,
            tenant_id=invoice.tenant_id,
            period_start=invoice.period.start,
            period_end=invoice.period.end,
            status=invoice.status,
            issued_at=invoice.issued_at,
            due_on=invoice.due_on,
            currency=invoice.currency,
            subtotal_cents=invoice.subtotal_cents,
            tax_cents=invoice.tax_cents,
            total_cents=invoice.total_cents,
            quote_hash=invoice.quote_hash,
            lines=[InvoiceLine.placed(line) for line in invoice.lines],
        )


class Invoices(Shape):
    """A page of invoices, the newest period first."""

    items: list[Invoice]
    next_cursor: str | None


class DeploymentProof(Shape):
    """Everything that decided a cent of one deployment's lines."""

    deployment_id: UUID
    inputs: Json
    hash: Annotated[
        Sha256, Meta(description="sha256 of the canonical JSON of inputs, lines and rules_version.")
    ]


class InvoiceProof(Shape):
    """What an invoice was made from. `arcadia_domain.pricing.quoting.replay(inputs)` prices it again."""

    invoice_id: UUID
    rules_version: int
    quote_hash: Annotated[Sha256, Meta(description="sha256 over the hashes of the deployments, a line each.")]
    deployments: list[DeploymentProof]

    @classmethod
    def of(cls, invoice: invoicing.Invoice) -> InvoiceProof:
        return cls(
            invoice_id=invoice.id,
            rules_version=invoice.rules_version,
            quote_hash=invoice.quote_hash,
            deployments=[
                DeploymentProof(deployment_id=kept.deployment_id, inputs=kept.inputs, hash=kept.hash)
                for kept in invoice.inputs
            ],
        )
