"""The provider's invoices in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID, uuid5

from arcadia_domain.cloud.costs import CostLine
from arcadia_domain.cloud.matching import How, Match
from arcadia_domain.cloud.provider_invoices import (
    CloudInvoice,
    InvoiceHeader,
    InvoiceSource,
    InvoiceState,
    discovered,
    ingested,
    same_invoice,
    together,
)
from arcadia_domain.identity import Principal
from arcadia_domain.ports.costs import StoredInvoice
from tests.fakes.state import State, must_be_operator

_Key = tuple[bytes, int]


class FakeCosts:
    def __init__(self, state: State, principal: Principal) -> None:
        self._state = state
        self._principal = principal

    def store(
        self, invoice: CloudInvoice, matches: Sequence[Match], new_id: UUID, at: datetime
    ) -> StoredInvoice:
        must_be_operator(self._principal)
        preview = self.preview(invoice.account, invoice.period.start)
        if preview is not None:
            del self._state.cloud_invoices[preview.id]
            del self._state.cost_lines[preview.id]
        stored = same_invoice(self.headers(invoice.account), invoice)
        return self._replace(stored, invoice, matches, new_id, at)

    def store_preview(
        self, invoice: CloudInvoice, matches: Sequence[Match], new_id: UUID, at: datetime
    ) -> StoredInvoice | None:
        must_be_operator(self._principal)
        for header in self.headers(invoice.account):
            if header.month == invoice.period.start and header.invoice.state is not InvoiceState.DISCOVERED:
                return None
        old = self.preview(invoice.account, invoice.period.start)
        return self._replace(old, invoice, matches, new_id, at)

    def discover(
        self, account: str, stated: Sequence[CloudInvoice], new_ids: Sequence[UUID], at: datetime
    ) -> Sequence[InvoiceHeader]:
        must_be_operator(self._principal)
        pairs = together(self.headers(account), stated)
        found = [
            (old, discovered(old, new_id, one)) for (old, one), new_id in zip(pairs, new_ids, strict=False)
        ]
        changed = [header for old, header in found if header != old]
        for header in changed:
            self._state.cloud_invoices[header.id] = header
            self._state.cost_lines.setdefault(header.id, [])
        return changed

    def headers(self, account: str) -> Sequence[InvoiceHeader]:
        return sorted(
            (header for header in self._billed() if header.invoice.account == account),
            key=lambda one: (one.month, one.invoice_uuid is None, one.invoice_uuid or "", one.id),
        )

    def header(self, invoice_id: UUID) -> InvoiceHeader | None:
        return next((header for header in self._billed() if header.id == invoice_id), None)

    def preview(self, account: str, month: date) -> InvoiceHeader | None:
        for header in self._state.cloud_invoices.values():
            known = header.invoice
            if known.source is InvoiceSource.PREVIEW and (known.account, header.month) == (account, month):
                return header
        return None

    def rematchable(self, account: str) -> Sequence[tuple[UUID, CostLine]]:
        must_be_operator(self._principal)
        return sorted(
            (
                (line_id(invoice_id, match.line), match.line)
                for invoice_id, matches in self._state.cost_lines.items()
                if self._state.cloud_invoices[invoice_id].invoice.account == account
                for match in matches
                if match.line.kind is not None and match.how is not How.ID
            ),
            key=lambda pair: pair[0],
        )

    def rematch(self, matches: Mapping[UUID, Match]) -> int:
        must_be_operator(self._principal)
        changed = 0
        for invoice_id, stored in self._state.cost_lines.items():
            for i, old in enumerate(stored):
                new = matches.get(line_id(invoice_id, old.line), old)
                found = replace(old, resource_id=new.resource_id, how=new.how, reason=new.reason)
                changed += found != old
                stored[i] = found
        return changed

    def _billed(self) -> list[InvoiceHeader]:
        return [
            header
            for header in self._state.cloud_invoices.values()
            if header.invoice.source is not InvoiceSource.PREVIEW and self._principal.is_operator
        ]

    def _replace(
        self,
        stored: InvoiceHeader | None,
        invoice: CloudInvoice,
        matches: Sequence[Match],
        new_id: UUID,
        at: datetime,
    ) -> StoredInvoice:
        invoice_id = new_id if stored is None else stored.id
        before = {_key(match.line): match for match in self._state.cost_lines.get(invoice_id, [])}
        kept = [_with_what_only_json_told(match, before.get(_key(match.line))) for match in matches]
        kept.sort(key=lambda match: match.line.line_no)
        others = stored is None or before.keys() != {_key(match.line) for match in matches}
        header = ingested(stored, new_id, invoice, lines=len(matches), others=others, at=at)
        changed = header != stored or self._state.cost_lines.get(invoice_id, []) != kept
        if changed:
            self._state.cloud_invoices[invoice_id] = replace(header, ingested_at=at)
        self._state.cost_lines[invoice_id] = kept
        return StoredInvoice(
            invoice_id=invoice_id,
            matched=sum(match.resource_id is not None for match in kept),
            changed=changed,
        )


def line_id(invoice_id: UUID, line: CostLine) -> UUID:
    """What a stored line is known by."""
    return uuid5(invoice_id, f"{line.row_sha256.hex()}/{line.ordinal}")


def _key(line: CostLine) -> _Key:
    return line.row_sha256, line.ordinal


def _with_what_only_json_told(new: Match, old: Match | None) -> Match:
    if old is None or new.line.provider_id is not None or old.line.provider_id is None:
        return new
    line = replace(new.line, provider_id=old.line.provider_id)
    return replace(old, line=line)
