"""The provider's invoices in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from arcadia_domain.cloud.matching import Match
from arcadia_domain.cloud.provider_invoices import KnownInvoice, same_invoice
from arcadia_domain.identity import Principal
from arcadia_domain.ports.cloud import CloudInvoice, StoredInvoice
from tests.fakes.state import State, must_be_operator


class FakeCosts:
    def __init__(self, state: State, principal: Principal) -> None:
        self._state = state
        self._principal = principal

    def store(
        self, invoice: CloudInvoice, matches: Sequence[Match], new_id: UUID, at: datetime
    ) -> StoredInvoice:
        must_be_operator(self._principal)
        known = same_invoice(
            [
                KnownInvoice(id, stored.period.start, stored.invoice_uuid)
                for id, stored in sorted(self._state.cloud_invoices.items())
                if stored.account == invoice.account
            ],
            account=invoice.account,
            month=invoice.period.start,
            invoice_uuid=invoice.invoice_uuid,
        )
        invoice_id = new_id if known is None else known.id
        header = _header(self._state.cloud_invoices.get(invoice_id), invoice)
        lines = sorted(matches, key=lambda match: match.line.line_no)
        changed = (
            self._state.cloud_invoices.get(invoice_id) != header
            or self._state.cost_lines.get(invoice_id, []) != lines
        )
        self._state.cloud_invoices[invoice_id] = header
        self._state.cost_lines[invoice_id] = lines
        return StoredInvoice(
            invoice_id=invoice_id,
            matched=sum(match.resource_id is not None for match in matches),
            changed=changed,
        )


def _header(stored: CloudInvoice | None, invoice: CloudInvoice) -> CloudInvoice:
    """The new header. A uuid, once known, stays; how we came by it changes with the adoption only."""
    if stored is None:
        return invoice
    adopted = stored.invoice_uuid is None and invoice.invoice_uuid is not None
    return replace(
        invoice,
        invoice_uuid=invoice.invoice_uuid or stored.invoice_uuid,
        source=invoice.source if adopted else stored.source,
    )
