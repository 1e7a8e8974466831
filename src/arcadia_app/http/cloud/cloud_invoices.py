"""The provider's invoices: listed, read, and uploaded: read at the door, ingested by a job (SPEC 10, 18)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Controller, Request, Response, Router, get, post
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIType, Operation, RequestBody, Schema
from litestar.params import FromPath, QueryParameter

from arcadia_app.http.accepted import accepted, cause_of
from arcadia_app.http.documented import CALL, LIST, ONCE
from arcadia_app.http.door import App, By, operators_only
from arcadia_app.http.once import Once
from arcadia_app.http.pages import Cursor, Limit
from arcadia_app.http.places import CLOUD_INVOICES
from arcadia_app.http.problems import refusals
from arcadia_app.http.refusals import UnsupportedMediaType
from arcadia_app.use_cases.cloud.read_cloud_invoices import list_cloud_invoices, read_cloud_invoice
from arcadia_app.use_cases.cloud.request_ingest import request_ingest
from arcadia_app.wire.cloud_invoices import CloudInvoice, CloudInvoices
from arcadia_app.wire.jobs import JobAccepted
from arcadia_app.wire.types import Month
from arcadia_domain.cloud.provider_invoices import InvoiceState
from arcadia_domain.period import parse_month

CSV: Final = "text/csv"

LARGEST_FILE: Final = 32 * 1024 * 1024
"""Bytes: an invoice of some 300,000 lines."""

_EXAMPLE: Final = """\
product,group_description,description,hours,start,end,USD,project_name,category
Droplets,,web-01 (s-1vcpu-1gb),720,2026-04-01 00:00:00 +0000,2026-05-01 00:00:00 +0000,$6.00,Arcadia,iaas
"""

_REFUSED_FILE: Final = (
    "invoice_not_utf8",
    "invoice_holds_nul",
    "invoice_without_header",
    "invoice_column_missing",
    "invoice_column_repeated",
    "invoice_without_lines",
    "invoice_last_line_cut",
    "invoice_row_cut",
    "invoice_row_not_csv",
    "invoice_amount_unreadable",
    "invoice_hours_unreadable",
    "invoice_date_unreadable",
    "invoice_line_ends_before_start",
    "invoice_of_other_period",
)


@dataclass
class _Upload(Operation):
    """The body of this operation is the file itself, which Litestar cannot know."""

    def __post_init__(self) -> None:
        self.request_body = RequestBody(
            description=f"The file as DigitalOcean gives it, in UTF-8, up to {LARGEST_FILE} bytes.",
            content={CSV: OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING), example=_EXAMPLE)},
            required=True,
        )


async def csv_only(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """A guard: before a file is read that is none. Raises UnsupportedMediaType."""
    assert isinstance(connection, Request)
    media_type, options = connection.content_type
    if media_type != CSV or options.get("charset", "utf-8").lower() != "utf-8":
        raise UnsupportedMediaType(expected=f"{CSV} in UTF-8")


class CloudInvoiceController(Controller):
    path = "/api/v1/billing/cloud-invoices"
    tags = ("Costs",)

    def __init__(self, owner: Router) -> None:
        super().__init__(owner)
        self._parsing = asyncio.Semaphore(1)
        """The lines of a large file take many times its size in memory: one file's at a time, others wait."""

    @get(
        operation_id="list_cloud_invoices",
        guards=[operators_only],
        opt={"act": "read the provider's invoices"},
        responses=refusals(*LIST, "operators_only"),
        sync_to_thread=True,
    )
    def list_(
        self,
        app: App,
        by: By,
        limit: Limit = 50,
        cursor: Cursor = None,
        in_state: Annotated[
            InvoiceState | None, QueryParameter(name="state", description="Only those in this state.")
        ] = None,
        period: Annotated[
            Month | None, QueryParameter(description="Only those of this month, YYYY-MM.")
        ] = None,
    ) -> CloudInvoices:
        """List the provider's invoices (platform admins).

        The newest month first, each with whether it adds up. The running month has none yet.
        """
        after = CLOUD_INVOICES.after(cursor)
        with app.transactions.begin(by) as work:
            found = list_cloud_invoices(
                work,
                by,
                after=after,
                limit=limit + 1,
                state=in_state,
                period=None if period is None else parse_month(period),
            )
        items, next_cursor = CLOUD_INVOICES.page(
            found, limit, lambda one: (one.header.month, one.header.id), CloudInvoice.of
        )
        return CloudInvoices(items=items, next_cursor=next_cursor)

    @get(
        "/{cloud_invoice_id:uuid}",
        operation_id="read_cloud_invoice",
        guards=[operators_only],
        opt={"act": "read the provider's invoices"},
        responses=refusals(*CALL, "operators_only", missing=("cloud_invoice_not_found",)),
        sync_to_thread=True,
    )
    def read(self, app: App, by: By, cloud_invoice_id: FromPath[UUID]) -> CloudInvoice:
        """Read an invoice of the provider's (platform admins).

        Its header; its lines are those of its month, among the cost lines.
        """
        with app.transactions.begin(by) as work:
            return CloudInvoice.of(read_cloud_invoice(work, by, invoice_id=cloud_invoice_id))

    @post(
        operation_id="upload_cloud_invoice",
        status_code=202,
        guards=[operators_only, csv_only],
        opt={"act": "ingest an invoice"},
        request_max_body_size=LARGEST_FILE,
        operation_class=_Upload,
        responses=refusals(
            *CALL,
            *ONCE,
            "operators_only",
            "malformed_request",
            "body_too_large",
            "unsupported_media_type",
            *_REFUSED_FILE,
        ),
    )
    async def upload(
        self,
        app: App,
        by: By,
        once: Once,
        request: Request[Any, Any, Any],
        period: Annotated[Month, QueryParameter(description="The month that the invoice is for, YYYY-MM.")],
        invoice_uuid: Annotated[
            UUID | None, QueryParameter(description="DigitalOcean's id of the invoice, where it is known.")
        ] = None,
    ) -> Response[JobAccepted]:
        """Upload an invoice of DigitalOcean (platform admins).

        The CSV file is the body. One that is cut off or mangled is refused at once, with the line in
        `detail`, and nothing is stored. A job then takes its lines over in place of what was stored of the
        invoice; the same file again changes nothing.
        """
        file = await request.body()
        now, cause = app.clock.now(), cause_of(request)
        async with self._parsing:
            invoice = await once.in_thread(app.read_invoice, file)
            return await accepted(
                app,
                once,
                lambda work: request_ingest(
                    work,
                    by,
                    file=file,
                    lines=invoice.lines,
                    period=parse_month(period),
                    invoice_uuid=None if invoice_uuid is None else str(invoice_uuid),
                    now=now,
                    cause=cause,
                ),
            )
