"""What came of asking the provider what it has billed, on the wire (SPEC 10, 18)."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from msgspec import Meta

from arcadia_app.use_cases.cloud import (
    discover_invoices,
    ingest_discovered,
    ingest_provider_invoice,
    month_to_date,
    preview_costs,
)
from arcadia_app.wire.types import Cents, Currency, Instant, Month, Shape, TenantId
from arcadia_domain.cloud.provider_invoices import InvoiceHeader, InvoiceState, Undecided
from arcadia_domain.errors import DomainError


class ReconciledInvoice(Shape):
    """An invoice that was ingested from the provider. It is `flagged` where `problems` say what does not add
    up, a sentence each; its lines are costs all the same. `identified` of the lines have the provider's id of
    their resource, and `matched` belong to one that we know.
    """

    invoice_id: UUID
    invoice_uuid: str | None
    invoice_number: str | None
    period: Month
    state: InvoiceState
    lines: int
    identified: int
    matched: int
    amount_cents: Cents
    currency: Currency
    changed: bool
    problems: list[str]
    warnings: Annotated[list[str], Meta(description="What is odd about the CSV and changes no amount.")]

    @classmethod
    def of(cls, ingested: ingest_provider_invoice.IngestedFromProvider) -> ReconciledInvoice:
        invoice = ingested.invoice
        return cls(
            invoice_id=ingested.invoice_id,
            invoice_uuid=invoice.invoice_uuid,
            invoice_number=invoice.invoice_number,
            period=f"{invoice.period.start:%Y-%m}",
            state=invoice.state,
            lines=ingested.lines,
            identified=ingested.identified,
            matched=ingested.matched,
            amount_cents=invoice.amount_cents,
            currency=invoice.currency,
            changed=ingested.changed,
            problems=list(ingested.problems),
            warnings=list(ingested.warnings),
        )


class UningestedInvoice(Shape):
    """An invoice that could not be ingested, and why; what was stored of it stays."""

    invoice_id: UUID
    invoice_uuid: str | None
    period: Month
    code: str
    detail: str

    @classmethod
    def of(cls, header: InvoiceHeader, error: DomainError) -> UningestedInvoice:
        return cls(
            invoice_id=header.id,
            invoice_uuid=header.invoice_uuid,
            period=f"{header.month:%Y-%m}",
            code=error.code,
            detail=str(error),
        )


class StatedInvoice(Shape):
    """An invoice as the provider lists it."""

    invoice_uuid: str | None
    invoice_number: str | None
    amount_cents: Cents


class UndecidedFile(Shape):
    """A file ingested by hand that may be any of the `listed` invoices of its month. It counts as it is, and
    those of them that we had not are left out, until it is ingested again with the UUID of the one it is.
    """

    invoice_id: UUID
    period: Month
    amount_cents: Cents
    listed: list[StatedInvoice]

    @classmethod
    def of(cls, file: Undecided) -> UndecidedFile:
        return cls(
            invoice_id=file.by_hand.id,
            period=f"{file.by_hand.month:%Y-%m}",
            amount_cents=file.by_hand.invoice.amount_cents,
            listed=[
                StatedInvoice(
                    invoice_uuid=one.invoice_uuid,
                    invoice_number=one.invoice_number,
                    amount_cents=one.amount_cents,
                )
                for one in file.listed
            ],
        )


class Discovery(Shape):
    """What the provider has billed: rows of its billing history, and invoices. `changed` of the invoices were
    new or stated otherwise before; `to_ingest` do not add up yet, and each is ingested by a job of its own.
    `rematched` lines match otherwise than before, for the inventory has changed. `unlisted` are invoices of
    the history that the provider does not list. Of each file in `undecided` an operator has to say which
    invoice it is.
    """

    entries: int
    new_entries: int
    invoices: int
    changed: int
    to_ingest: int
    rematched: int
    unlisted: list[str]
    undecided: list[UndecidedFile]

    @classmethod
    def of(cls, found: discover_invoices.Discovered) -> Discovery:
        return cls(
            entries=found.entries,
            new_entries=found.new_entries,
            invoices=found.invoices,
            changed=found.changed,
            to_ingest=len(found.to_ingest),
            rematched=found.rematched.changed,
            unlisted=list(found.unlisted),
            undecided=[UndecidedFile.of(file) for file in found.undecided],
        )


class Reconciliation(Shape):
    """Invoices ingested in turn: how many add up, those that do not, and those that could not be had."""

    reconciled: int
    changed: int
    flagged: list[ReconciledInvoice]
    failed: list[UningestedInvoice]

    @classmethod
    def of(cls, turn: ingest_discovered.IngestedInTurn) -> Reconciliation:
        return cls(
            reconciled=len(turn.ingested) - len(turn.flagged),
            changed=sum(one.changed for one in turn.ingested),
            flagged=[ReconciledInvoice.of(one) for one in turn.flagged],
            failed=[UningestedInvoice.of(header, error) for header, error in turn.failed],
        )


class MonthLookedAt(Shape):
    """What the running month had come to at a look. `kept` is false where its invoice is there already."""

    period: Month | None
    lines: int
    amount_cents: Cents
    currency: Currency | None
    matched: int
    kept: bool

    @classmethod
    def of(cls, seen: preview_costs.Previewed | None) -> MonthLookedAt:
        if seen is None:
            return cls(period=None, lines=0, amount_cents=0, currency=None, matched=0, kept=False)
        return cls(
            period=f"{seen.period.start:%Y-%m}",
            lines=seen.lines,
            amount_cents=seen.amount_cents,
            currency=seen.currency,
            matched=seen.matched,
            kept=seen.kept,
        )


class MonthToDateRow(Shape):
    """What a tenant's deployment has come to for one kind. Tenant null: nobody bears it."""

    tenant_id: TenantId | None
    deployment_id: UUID | None
    kind: Annotated[
        str, Meta(description="A kind of the inventory, `tax`, or `other`.", examples=["droplet"])
    ]
    amount_cents: Cents


class MonthToDate(Shape):
    """What the running month had come to when it was last looked at: an estimate of the provider's, and no
    cost until its invoice is there. The rows are `amount_cents` together.
    """

    period: Month
    looked_at: Instant | None
    currency: Currency
    amount_cents: Cents
    unattributed_cents: Cents
    rows: list[MonthToDateRow]

    @classmethod
    def of(cls, month: month_to_date.MonthToDate) -> MonthToDate:
        return cls(
            period=f"{month.period.start:%Y-%m}",
            looked_at=month.looked_at,
            currency=month.currency,
            amount_cents=month.amount_cents,
            unattributed_cents=month.unattributed_cents,
            rows=[
                MonthToDateRow(
                    tenant_id=row.tenant_id,
                    deployment_id=row.deployment_id,
                    kind=row.kind,
                    amount_cents=row.amount_cents,
                )
                for row in month.rows
            ],
        )
