"""Invoicing: from the pricings of a tenant's deployments to its invoice of a month (SPEC 8 and 9).

Owns the invoice and how its lines are put together. Which tenants are due, and what makes an issued invoice
unchangeable, is the database's business.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid5

from arcadia_domain.billing.tax import Tax, tax_line
from arcadia_domain.errors import DomainError
from arcadia_domain.money import LARGEST_CENTS, half_up, same_currency
from arcadia_domain.period import Period
from arcadia_domain.pricing.line import Line, LineKind, total_cents
from arcadia_domain.pricing.proof import RULES_VERSION, content_hash
from arcadia_domain.pricing.quoting import Pricing
from arcadia_domain.quantity import scaled

LLM_CHARGE = "llm_charge"
"""How the gateway's charges are called where billed usage is counted by kind."""

LARGEST_TOTAL_CENTS = LARGEST_CENTS
"""More than this is a mistake somewhere."""

_NAMESPACE = UUID("5b7c2f0a-3f0e-5d0c-9a51-6d1c9b1f4a10")
_CHARGE_DECIMALS = 8


class NegativeInvoice(DomainError):
    code = "negative_invoice"
    sentence = "The invoice of tenant {tenant_id!r} for {period_start} would come to {total_cents} cents."


class InvoiceTooLarge(DomainError):
    code = "invoice_too_large"
    sentence = "The invoice of tenant {tenant_id!r} for {period_start} would come to {total_cents} cents."


class InvalidCharge(DomainError):
    code = "invalid_charge"
    sentence = "An LLM charge must be zero or more with at most eight decimals, but is {charge!r}."
    field = "charge"


class InvoiceStatus(StrEnum):
    DRAFT = "draft"
    ISSUED = "issued"
    PAID = "paid"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class LlmCharges:
    """A deployment's gateway charges of a month:
    exact decimals in currency units, added up, not yet rounded.
    """

    total: Decimal
    currency: str
    events: int


@dataclass(frozen=True, slots=True)
class DeploymentBill:
    """What one deployment contributes to the invoice."""

    deployment_id: UUID
    pricing: Pricing
    llm: LlmCharges | None = None


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """A line with its place. The id is made of invoice and place: a repeated run gives the same."""

    id: UUID
    line_no: int
    deployment_id: UUID | None
    line: Line


@dataclass(frozen=True, slots=True)
class InvoiceInput:
    """The canonical inputs of one deployment's pricing, and their hash:
    the proof that stays with the invoice.
    """

    deployment_id: UUID
    inputs: dict[str, Any]
    hash: str


@dataclass(frozen=True, slots=True)
class BilledUsage:
    """What this invoice billed of one kind for one month of service."""

    deployment_id: UUID
    service_month: date
    kind: str
    qty: Decimal


@dataclass(frozen=True, slots=True)
class Invoice:
    """A tenant's invoice of one period. subtotal + tax = total, always."""

    id: UUID
    tenant_id: str
    period: Period
    currency: str
    lines: tuple[InvoiceLine, ...]
    subtotal_cents: int
    tax_cents: int
    quote_hash: str
    as_of: datetime
    generation: int = 0
    status: InvoiceStatus = InvoiceStatus.DRAFT
    rules_version: int = RULES_VERSION
    number: str | None = None
    issued_at: datetime | None = None
    due_on: date | None = None
    inputs: tuple[InvoiceInput, ...] = ()
    billed: tuple[BilledUsage, ...] = ()

    @property
    def total_cents(self) -> int:
        return self.subtotal_cents + self.tax_cents


def invoice_id(tenant_id: str, period: Period, generation: int = 0) -> UUID:
    """The id of the invoice of a tenant's period; a replacement is another generation."""
    return uuid5(_NAMESPACE, f"{period.start.isoformat()}/{generation}/{tenant_id}")


def draft(
    tenant_id: str,
    month: Period,
    bills: Sequence[DeploymentBill],
    *,
    tax: Tax,
    currency: str,
    as_of: datetime,
) -> Invoice | None:
    """The draft invoice of a tenant's month, or None where nothing is to bill.

    Each deployment's lines stand in the order of `bills`, its LLM charges after them, the tax line last.
    Raises MixedCurrencies, InvalidCharge, NegativeInvoice, InvoiceTooLarge.
    """
    charged: list[tuple[UUID | None, Line]] = []
    for bill in bills:
        same_currency(currency, bill.pricing.currency, f"Deployment {bill.deployment_id}")
        charged += [(bill.deployment_id, line) for line in bill.pricing.lines]
        if bill.llm is not None and bill.llm.events:
            charged.append((bill.deployment_id, llm_line(bill.llm, currency)))
    if not charged:
        return None
    subtotal = total_cents(line for _, line in charged)
    if (gst := tax_line((line for _, line in charged), tax)) is not None:
        charged.append((None, gst))
    tax_cents = gst.amount_cents if gst else 0
    if subtotal + tax_cents < 0:
        raise NegativeInvoice(tenant_id=tenant_id, period_start=month.start, total_cents=subtotal + tax_cents)
    invoice = invoice_id(tenant_id, month)
    if subtotal + tax_cents > LARGEST_TOTAL_CENTS:
        raise InvoiceTooLarge(tenant_id=tenant_id, period_start=month.start, total_cents=subtotal + tax_cents)
    inputs = tuple(_proof(bill) for bill in bills)
    return Invoice(
        id=invoice,
        tenant_id=tenant_id,
        period=month,
        currency=currency,
        lines=tuple(
            InvoiceLine(uuid5(invoice, str(line_no)), line_no, deployment_id, line)
            for line_no, (deployment_id, line) in enumerate(charged, start=1)
        ),
        subtotal_cents=subtotal,
        tax_cents=tax_cents,
        quote_hash=hash_of_hashes([kept.hash for kept in inputs]),
        as_of=as_of,
        inputs=inputs,
        billed=tuple(used for bill in bills for used in _billed(bill, month)),
    )


def _proof(bill: DeploymentBill) -> InvoiceInput:
    """What stays with the invoice of one pricing; its hash is Pricing.hash(), of inputs made once."""
    inputs = bill.pricing.inputs()
    return InvoiceInput(bill.deployment_id, inputs, content_hash(inputs, bill.pricing.lines))


def llm_line(charges: LlmCharges, currency: str) -> Line:
    """A deployment's gateway charges: the exact sum, rounded to cents once.

    Raises MixedCurrencies, InvalidCharge.
    """
    same_currency(currency, charges.currency, "The LLM gateway's charge")
    total = scaled(charges.total, _CHARGE_DECIMALS)
    if total is None or total < 0:
        raise InvalidCharge(charge=charges.total)
    return Line(
        kind=LineKind.LLM_USAGE,
        resource_kind=None,
        description="LLM usage",
        qty=charges.total,
        unit=currency,
        unit_price_cents=None,
        amount_cents=half_up(total * 100, 10**_CHARGE_DECIMALS),
        meta={"events": charges.events},
    )


def _billed(bill: DeploymentBill, month: Period) -> list[BilledUsage]:
    """What is billed with the month, by kind: late usage is measured against it."""
    billed = [
        BilledUsage(bill.deployment_id, month.start, kind, qty) for kind, qty in bill.pricing.used().items()
    ]
    if bill.llm is not None and bill.llm.events:
        billed.append(BilledUsage(bill.deployment_id, month.start, LLM_CHARGE, bill.llm.total))
    return billed


def hash_of_hashes(hashes: Sequence[str]) -> str:
    """The invoice's hash: sha256 over its quotes' hashes, in order, a line each."""
    return hashlib.sha256("".join(f"{one}\n" for one in hashes).encode()).hexdigest()
