"""Rows of the billing history, which have no id."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from attrs import astuple, frozen

from arcadia_adapters.digitalocean.client.payloads.money import Amount, amount, moment
from arcadia_domain.cloud.statements import BillingEntry


@frozen(kw_only=True)
class BillingEntryPayload:
    """GET /v2/customers/my/billing_history"""

    type: str
    amount: Amount
    date: str
    description: str | None = None
    invoice_id: str | None = None
    invoice_uuid: str | None = None

    def value(self, ordinal: int) -> BillingEntry:
        """The same in our words. Raises Unreadable."""
        return BillingEntry(
            type=self.type,
            description=self.description or "",
            amount=amount(self.amount),
            at=moment(self.date),
            invoice_uuid=self.invoice_uuid or None,
            invoice_id=self.invoice_id or None,
            ordinal=ordinal,
        )


def numbered(rows: Iterable[BillingEntryPayload]) -> Iterator[BillingEntry]:
    """The rows with equal ones numbered from 0, so that each has an identity. Raises Unreadable."""
    before: Counter[tuple[object, ...]] = Counter()
    for row in rows:
        key = astuple(row)
        yield row.value(before[key])
        before[key] += 1
