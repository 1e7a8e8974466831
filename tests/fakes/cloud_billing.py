"""What a provider charges, in memory: whatever it is set to tell.

`bill` tells an invoice in all its forms, of the same rows, so that they agree; a test then spoils one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar

from arcadia_domain.cloud.descriptions import Sort, sort_of
from arcadia_domain.cloud.provider_errors import ProviderError, ProviderNotFound
from arcadia_domain.cloud.statements import (
    Balance,
    BillingEntry,
    ChargeGroup,
    InvoiceItem,
    InvoiceSummary,
    StatedInvoice,
    StatedInvoices,
)
from arcadia_domain.period import midnight, parse_month

T = TypeVar("T")

_HEADER = "product,group_description,description,hours,start,end,USD,project_name"


@dataclass
class FakeCloudBilling:
    told_balance: Balance = field(
        default_factory=lambda: Balance(
            month_to_date_usage=Decimal("12.30"),
            month_to_date_balance=Decimal("-1.00"),
            account_balance=Decimal("-13.30"),
            generated_at=datetime(2026, 5, 3, 12, tzinfo=UTC),
        )
    )
    entries: list[BillingEntry] = field(default_factory=list)
    listed: dict[str, StatedInvoice] = field(default_factory=dict)
    preview: StatedInvoice | None = None
    items: dict[str, Sequence[InvoiceItem]] = field(default_factory=dict)
    summaries: dict[str, InvoiceSummary] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    faults: dict[str, list[ProviderError]] = field(default_factory=dict)
    """By the name of a call: what its next calls raise, one after the other."""
    identity: str = "team-1"

    def account_identity(self) -> str:
        self._may_fail("account_identity")
        return self.identity

    def balance(self) -> Balance:
        self._may_fail("balance")
        return self.told_balance

    def billing_history(self) -> Sequence[BillingEntry]:
        self._may_fail("billing_history")
        return self.entries

    def invoices(self) -> StatedInvoices:
        self._may_fail("invoices")
        return StatedInvoices(invoices=tuple(self.listed.values()), preview=self.preview)

    def invoice_items(self, invoice_uuid: str) -> Sequence[InvoiceItem]:
        self._may_fail("invoice_items")
        return _told(self.items, invoice_uuid)

    def invoice_summary(self, invoice_uuid: str) -> InvoiceSummary:
        self._may_fail("invoice_summary")
        return _told(self.summaries, invoice_uuid)

    def invoice_csv(self, invoice_uuid: str) -> bytes:
        self._may_fail("invoice_csv")
        return _told(self.files, invoice_uuid)

    def bill(self, month: str, *items: InvoiceItem, uuid: str | None = None) -> str:
        """Tell an invoice of these items in every form; its UUID."""
        uuid = uuid or f"00000000-0000-4000-8000-{month.replace('-', '')}000000"
        period = parse_month(month)
        amount = sum((one.amount for one in items), Decimal("0.00"))
        stated = StatedInvoice(
            invoice_uuid=uuid, invoice_id=month.replace("-", ""), period=period, amount=amount
        )
        self.listed[uuid] = stated
        self.items[uuid] = items
        self.summaries[uuid] = InvoiceSummary(
            invoice_uuid=uuid,
            invoice_id=stated.invoice_id,
            period=period,
            amount=amount,
            product_charges=_of(items, Sort.USE, Sort.SUPPORT),
            products=(),
            overages=_of(items, Sort.OVERAGE),
            taxes=_of(items, Sort.TAX),
            credits_and_adjustments=_of(items, Sort.CREDIT, Sort.ADJUSTMENT),
        )
        self.files[uuid] = "".join(f"{row}\n" for row in (_HEADER, *map(_row, items))).encode()
        return uuid

    def _may_fail(self, call: str) -> None:
        waiting = self.faults.get(call)
        if waiting:
            raise waiting.pop(0)


def _of(items: Sequence[InvoiceItem], *sorts: Sort) -> ChargeGroup:
    amounts = (one.amount for one in items if sort_of(one.product) in sorts)
    return ChargeGroup(name="", amount=sum(amounts, Decimal("0.00")))


def _told(told: dict[str, T], invoice_uuid: str) -> T:
    if invoice_uuid not in told:
        raise ProviderNotFound(call=f"GET invoices/{invoice_uuid}", message="there is none", status=404)
    return told[invoice_uuid]


def item(
    month: str = "2026-04",
    description: str = "web-1 (s-1vcpu-1gb)",
    amount: str = "6.00",
    **facts: Any,
) -> InvoiceItem:
    """A droplet's item, through the month unless said otherwise."""
    period = parse_month(month)
    told: dict[str, Any] = {
        "product": "Droplets",
        "group_description": "",
        "start": midnight(period.start),
        "end": midnight(period.end),
        "hours": Decimal(720),
    }
    return InvoiceItem(description=description, amount=Decimal(amount), **{**told, **facts})


def _row(one: InvoiceItem) -> str:
    start, end = (at.strftime("%Y-%m-%d %H:%M:%S +0000") if at else "" for at in (one.start, one.end))
    hours = "" if one.hours is None else str(one.hours)
    cells = (one.product, one.group_description, one.description, hours, start, end, f"${one.amount}")
    return ",".join((*cells, one.project_name or ""))
