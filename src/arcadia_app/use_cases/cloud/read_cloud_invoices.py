"""Read the provider's invoices: whether each adds up, and how much of it is nobody's (SPEC 10)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from arcadia_domain.cloud.provider_invoices import InvoiceHeader, InvoiceState
from arcadia_domain.errors import DomainError
from arcadia_domain.identity import Principal
from arcadia_domain.period import Period
from arcadia_domain.ports.charges import ChargesAsked, HeaderPlace, ListedInvoice
from arcadia_domain.ports.unit_of_work import Work


class CloudInvoiceNotFound(DomainError):
    code = "cloud_invoice_not_found"
    sentence = "There is no invoice {invoice_id} of the provider's."
    field = "cloud_invoice_id"


@dataclass(frozen=True, slots=True)
class CloudInvoiceView:
    """An invoice's header; `matched` of its lines match a resource, so many cents of it are nobody's."""

    header: InvoiceHeader
    matched: int
    unattributed_cents: int


def list_cloud_invoices(
    work: Work,
    by: Principal,
    *,
    after: HeaderPlace | None,
    limit: int,
    state: InvoiceState | None = None,
    period: Period | None = None,
) -> list[CloudInvoiceView]:
    """Invoices, the newest month first. The running month is none. Raises OperatorsOnly."""
    by.must_be_operator("read the provider's invoices")
    return _views(work, work.charges.invoices(after=after, limit=limit, state=state, period=period))


def read_cloud_invoice(work: Work, by: Principal, *, invoice_id: UUID) -> CloudInvoiceView:
    """One invoice. Raises OperatorsOnly, CloudInvoiceNotFound."""
    by.must_be_operator("read the provider's invoices")
    found = work.charges.invoice(invoice_id)
    if found is None:
        raise CloudInvoiceNotFound(invoice_id=invoice_id)
    return _views(work, [found])[0]


def _views(work: Work, listed: Sequence[ListedInvoice]) -> list[CloudInvoiceView]:
    """Lines are read once, whatever their number, and none is kept."""
    nobodys: Counter[UUID] = Counter()
    for charge in work.charges.each(ChargesAsked(invoice_ids=[one.header.id for one in listed])):
        nobodys[charge.invoice_id] += charge.attribution.unattributed_cents
    return [CloudInvoiceView(one.header, one.matched, nobodys[one.header.id]) for one in listed]
