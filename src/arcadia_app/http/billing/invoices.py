"""Invoices over HTTP: list, read, and read what proves one (SPEC 9, 15)."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from litestar import Controller, get
from litestar.params import FromPath, QueryParameter

from arcadia_app.http.documented import CALL, LIST
from arcadia_app.http.door import App, By
from arcadia_app.http.pages import Cursor, Limit
from arcadia_app.http.places import INVOICES
from arcadia_app.http.problems import refusals
from arcadia_app.use_cases.billing.read_invoices import list_invoices, read_invoice
from arcadia_app.wire.invoices import Invoice, InvoiceProof, Invoices
from arcadia_app.wire.types import Month, TenantId
from arcadia_domain.billing.invoicing import InvoiceStatus
from arcadia_domain.period import parse_month

_ABSENT = ("invoice_not_found",)


class InvoiceController(Controller):
    path = "/api/v1/invoices"
    tags = ("Invoices",)

    @get(operation_id="list_invoices", responses=refusals(*LIST), sync_to_thread=True)
    def list_(
        self,
        app: App,
        by: By,
        limit: Limit = 50,
        cursor: Cursor = None,
        period: Annotated[Month | None, QueryParameter(description="Only those of this month.")] = None,
        status: Annotated[
            InvoiceStatus | None, QueryParameter(description="Only those that stand so.")
        ] = None,
        tenant_id: Annotated[
            TenantId | None, QueryParameter(description="Only this tenant's (platform admins).")
        ] = None,
    ) -> Invoices:
        """List invoices.

        The newest period first, each with its lines; a tenant sees its own, a platform admin all.
        """
        with app.transactions.begin(by) as work:
            found = list_invoices(
                work,
                by,
                after=INVOICES.after(cursor),
                limit=limit + 1,
                tenant_id=tenant_id,
                period=None if period is None else parse_month(period),
                status=status,
            )
        items, next_cursor = INVOICES.page(
            found, limit, lambda one: (one.period.start, one.tenant_id, one.id), Invoice.of
        )
        return Invoices(items=items, next_cursor=next_cursor)

    @get(
        "/{invoice_id:uuid}",
        operation_id="read_invoice",
        responses=refusals(*CALL, missing=_ABSENT),
        sync_to_thread=True,
    )
    def read(self, app: App, by: By, invoice_id: FromPath[UUID]) -> Invoice:
        """Read an invoice.

        With its lines. A draft may still be made anew; what is issued never changes.
        """
        with app.transactions.begin(by) as work:
            return Invoice.of(read_invoice(work, by, invoice_id=invoice_id))

    @get(
        "/{invoice_id:uuid}/proof",
        operation_id="read_invoice_proof",
        responses=refusals(*CALL, missing=_ABSENT),
        sync_to_thread=True,
    )
    def read_proof(self, app: App, by: By, invoice_id: FromPath[UUID]) -> InvoiceProof:
        """Read what proves an invoice.

        The canonical inputs that each deployment was priced from, and the hash over them and the lines.
        """
        with app.transactions.begin(by) as work:
            return InvoiceProof.of(read_invoice(work, by, invoice_id=invoice_id))
