"""What the provider charged, line by line, in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

from arcadia_domain.cloud.charges import PlacedCharge, Ruling
from arcadia_domain.cloud.matching import Match
from arcadia_domain.cloud.provider_invoices import InvoiceHeader, InvoiceSource, InvoiceState
from arcadia_domain.identity import Principal
from arcadia_domain.period import Period
from arcadia_domain.ports.charges import ChargePlace, ChargesAsked, HeaderPlace, ListedInvoice
from tests.fakes.costs import line_id
from tests.fakes.state import State, must_be_operator


class FakeCharges:
    def __init__(self, state: State, principal: Principal) -> None:
        self._state = state
        self._principal = principal

    def page(self, asked: ChargesAsked, *, after: ChargePlace | None, limit: int) -> Sequence[PlacedCharge]:
        place = None if after is None else (after.invoice_id, after.line_no, after.id)
        return [one for one in self.each(asked) if place is None or _place(one) > place][:limit]

    def each(self, asked: ChargesAsked) -> Iterator[PlacedCharge]:
        must_be_operator(self._principal)
        return iter(sorted((one for one in self._all() if _is_asked(one, asked, self._state)), key=_place))

    def get(self, line_id: UUID) -> PlacedCharge | None:
        return next((one for one in self.each(ChargesAsked()) if one.id == line_id), None)

    def rule(self, charge: PlacedCharge, ruling: Ruling | None) -> None:
        must_be_operator(self._principal)
        key = (charge.invoice_id, charge.line.row_sha256, charge.line.ordinal)
        if ruling is None:
            self._state.attributions.pop(key, None)
        else:
            self._state.attributions[key] = ruling

    def invoices(
        self,
        *,
        after: HeaderPlace | None,
        limit: int,
        state: InvoiceState | None = None,
        period: Period | None = None,
    ) -> Sequence[ListedInvoice]:
        must_be_operator(self._principal)
        listed = [
            header
            for header in self._state.cloud_invoices.values()
            if not _is_preview(header)
            and (after is None or (header.month, header.id) < (after.month, after.id))
            and state in (None, header.invoice.state)
            and period in (None, header.invoice.period)
        ]
        listed.sort(key=lambda header: (header.month, header.id), reverse=True)
        return [self._listed(header) for header in listed[:limit]]

    def invoice(self, invoice_id: UUID) -> ListedInvoice | None:
        must_be_operator(self._principal)
        header = self._state.cloud_invoices.get(invoice_id)
        return None if header is None or _is_preview(header) else self._listed(header)

    def _listed(self, header: InvoiceHeader) -> ListedInvoice:
        matches = self._state.cost_lines.get(header.id, [])
        return ListedInvoice(header, sum(match.resource_id is not None for match in matches))

    def _all(self) -> Iterator[PlacedCharge]:
        for invoice_id, matches in self._state.cost_lines.items():
            header = self._state.cloud_invoices[invoice_id]
            for match in matches:
                yield self._placed(header, match)

    def _placed(self, header: InvoiceHeader, match: Match) -> PlacedCharge:
        held = match.resource_id
        return PlacedCharge(
            id=line_id(header.id, match.line),
            invoice_id=header.id,
            account=header.invoice.account,
            period=header.invoice.period,
            invoice_uuid=header.invoice.invoice_uuid,
            line=match.line,
            resource=None if held is None else self._state.resources[held],
            assignments=() if held is None else tuple(self._state.assignments.get(held, ())),
            ruling=self._state.attributions.get((header.id, match.line.row_sha256, match.line.ordinal)),
            reason=match.reason,
        )


def _place(charge: PlacedCharge) -> tuple[UUID, int, UUID]:
    return charge.invoice_id, charge.line.line_no, charge.id


def _is_preview(header: InvoiceHeader) -> bool:
    return header.invoice.source is InvoiceSource.PREVIEW


def _is_asked(charge: PlacedCharge, asked: ChargesAsked, state: State) -> bool:
    return (
        (asked.preview or not _is_preview(state.cloud_invoices[charge.invoice_id]))
        and asked.period in (None, charge.period)
        and (asked.invoice_ids is None or charge.invoice_id in asked.invoice_ids)
        and asked.kind in (None, charge.line.kind)
        and asked.matched in (None, charge.resource is not None)
        and (_borne_by(charge, asked) or (asked.tenant_id, asked.deployment_id) == (None, None))
    )


def _borne_by(charge: PlacedCharge, asked: ChargesAsked) -> bool:
    return any(
        asked.tenant_id in (None, share.tenant_id) and asked.deployment_id in (None, share.deployment_id)
        for share in charge.attribution.shares
    )
