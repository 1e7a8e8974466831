"""What the provider says it charges: balance, billing history, invoices and their items (SPEC 10).

Owns these values, in the provider's own terms: amounts are exact Decimals in USD and may be negative (a
credit). What of it is stored, matched and attributed is costs', matching's and attribution's.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal

from arcadia_domain.errors import DomainError
from arcadia_domain.money import half_up
from arcadia_domain.period import Period
from arcadia_domain.quantity import EXACT, plain, scaled


class NotInCents(DomainError):
    code = "amount_not_in_cents"
    sentence = "The provider states {amount} for {what}, which is no whole number of cents."


def in_cents(amount: Decimal, what: str) -> int:
    """The cents of an amount. Raises NotInCents where it is finer than a cent: it is never rounded."""
    cents = scaled(amount, 2)
    if cents is None:
        raise NotInCents(amount=amount, what=what)
    return cents


def rounded_cents(amount: Decimal) -> int:
    """The cents of an amount that is no bill yet: half up, where it is finer than a cent."""
    numerator, denominator = amount.as_integer_ratio()
    return half_up(100 * numerator, denominator)


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

    @property
    def row(self) -> str:
        """The row as canonical JSON: with `ordinal` what identifies it in its account."""
        cells = {
            "amount": plain(self.amount),
            "at": self.at.astimezone(UTC).isoformat(),
            "description": self.description,
            "invoice_id": self.invoice_id,
            "invoice_uuid": self.invoice_uuid,
            "type": self.type,
        }
        return json.dumps(cells, sort_keys=True, separators=(",", ":"))


def numbered(entries: Iterable[BillingEntry]) -> list[BillingEntry]:
    """The rows with equal ones counted anew from 0: equal is what says the same, however it was written."""
    met: Counter[str] = Counter()
    rows = []
    for entry in entries:
        row = entry.row
        rows.append(replace(entry, ordinal=met[row]))
        met[row] += 1
    return rows


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
