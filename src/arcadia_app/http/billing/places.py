"""Where a page of invoices or tenants ended: what stands in a cursor, checked as strictly as written."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from msgspec import Struct

from arcadia_app.http.pages import Pages
from arcadia_app.wire.types import Text
from arcadia_domain.ports.billing import InvoicePlace


class _InvoicePlace(Struct, array_like=True, forbid_unknown_fields=True):
    period_start: date
    tenant_id: Text
    id: UUID


class _TenantPlace(Struct, array_like=True, forbid_unknown_fields=True):
    tenant_id: Text


INVOICES: Final = Pages("invoices", _InvoicePlace)
TENANTS: Final = Pages("tenants", _TenantPlace)


def after_invoice(cursor: str | None) -> InvoicePlace | None:
    """The place of an invoice. Raises InvalidCursor."""
    place = INVOICES.after(cursor)
    return None if place is None else InvoicePlace(place.period_start, place.tenant_id, place.id)


def after_tenant(cursor: str | None) -> str:
    """The id of a tenant; '' for the first page. Raises InvalidCursor."""
    place = TENANTS.after(cursor)
    return "" if place is None else place.tenant_id
