"""Where a page of invoices or tenants ended: what stands in a cursor, checked as strictly as written."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from msgspec import Struct

from arcadia_app.http import pages
from arcadia_app.wire.types import TenantId
from arcadia_domain.ports.billing import InvoicePlace


class _InvoicePlace(Struct, array_like=True, forbid_unknown_fields=True):
    period_start: date
    tenant_id: TenantId
    id: UUID


class _TenantPlace(Struct, array_like=True, forbid_unknown_fields=True):
    tenant_id: TenantId


def after_invoice(cursor: str | None) -> InvoicePlace | None:
    """The place of an invoice. Raises InvalidCursor."""
    place = pages.after(cursor, _InvoicePlace)
    return None if place is None else InvoicePlace(place.period_start, place.tenant_id, place.id)


def after_tenant(cursor: str | None) -> str:
    """The id of a tenant; '' for the first page. Raises InvalidCursor."""
    place = pages.after(cursor, _TenantPlace)
    return "" if place is None else place.tenant_id
