"""What the provider says it charges: balance, billing history, invoices and their items (SPEC 10).

Owns these values, in the provider's own terms: amounts are exact Decimals in USD and may be negative (a
credit). What of it is stored, matched and attributed is costs', matching's and attribution's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from arcadia_domain.period import Period
from arcadia_domain.quantity import EXACT


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What the account owes now. A negative balance is in our favour; the three need not add up."""

    month_to_date_usage: Decimal
    month_to_date_balance: Decimal
    account_balance: Decimal
    generated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingEntry:
    """A row of the billing history. Rows have no id: equal ones are told apart by `ordinal`, from 0.

    `type` is the provider's word (Invoice, Payment, Credit …); only invoices carry an invoice's ids.
    """

    type: str
    description: str
    amount: Decimal
    at: datetime
    invoice_uuid: str | None = None
    invoice_id: str | None = None
    ordinal: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedInvoice:
    """The header of an invoice as the provider lists it. `updated_at` is told of the preview only."""

    invoice_uuid: str
    invoice_id: str | None
    period: Period
    amount: Decimal
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedInvoices:
    """Every invoice of the account, and the running month as far as it has come."""

    invoices: tuple[StatedInvoice, ...]
    preview: StatedInvoice | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceItem:
    """An item of an invoice, with the ids that its CSV does not have.

    `end` is as the provider writes it; `hours` is None where the item is not counted in hours.
    """

    product: str
    description: str
    group_description: str
    amount: Decimal
    start: datetime | None
    end: datetime | None
    hours: Decimal | None = None
    resource_id: str | None = None
    resource_uuid: str | None = None
    project_name: str | None = None
    category: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeGroup:
    """A part of a summary, such as the charges of all products or of one. `count`: how many items it has."""

    name: str
    amount: Decimal
    count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceSummary:
    """The sums of an invoice: the control that its lines are reconciled with. No person's data."""

    invoice_uuid: str
    invoice_id: str | None
    period: Period
    amount: Decimal
    product_charges: ChargeGroup
    products: tuple[ChargeGroup, ...]
    overages: ChargeGroup
    taxes: ChargeGroup
    credits_and_adjustments: ChargeGroup

    @property
    def difference(self) -> Decimal:
        """The amount less its four parts: zero when the invoice adds up."""
        left = self.amount
        for part in (self.product_charges, self.overages, self.taxes, self.credits_and_adjustments):
            left = EXACT.subtract(left, part.amount)
        return left
