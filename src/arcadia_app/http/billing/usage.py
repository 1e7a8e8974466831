"""Usage so far and the upcoming invoice over HTTP (SPEC 15)."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

from litestar import Controller, get
from litestar.params import FromPath, QueryParameter

from arcadia_app.http.documented import CALL
from arcadia_app.http.door import App, By
from arcadia_app.http.problems import refusals
from arcadia_app.use_cases.billing.read_usage import read_usage
from arcadia_app.use_cases.billing.upcoming_invoice import upcoming_invoice
from arcadia_app.wire.types import Month
from arcadia_app.wire.upcoming import UpcomingInvoice, Usage
from arcadia_domain.period import Period, parse_month

_ABSENT = ("deployment_not_found",)

UNBILLABLE: Final = ("no_tax_rate", "invalid_quantity", "invalid_charge", "invoice_too_large")
"""A month cannot be billed: nothing in force taxes it, or what is recorded adds up to more than can be."""

OfMonth = Annotated[Month | None, QueryParameter(description="YYYY-MM; the current month by default.")]


class UsageController(Controller):
    path = "/api/v1/deployments/{deployment_id:uuid}"
    tags = ("Subscriptions",)

    @get(
        "/usage",
        operation_id="read_usage",
        responses=refusals(*CALL, "invalid_quantity", missing=_ABSENT),
        sync_to_thread=True,
    )
    def usage(self, app: App, by: By, deployment_id: FromPath[UUID], period: OfMonth = None) -> Usage:
        """Read the usage of a month so far.

        Of every kind that the plan lists, an addon lifts, or that was used: how much, and how much of it is
        included in this month.
        """
        with app.transactions.begin(by) as work:
            found = read_usage(
                work, by, deployment_id=deployment_id, now=app.clock.now(), period=_month(period)
            )
        return Usage.of(found)

    @get(
        "/upcoming-invoice",
        operation_id="read_upcoming_invoice",
        responses=refusals(*CALL, *UNBILLABLE, missing=_ABSENT),
        sync_to_thread=True,
    )
    def upcoming(
        self, app: App, by: By, deployment_id: FromPath[UUID], period: OfMonth = None
    ) -> UpcomingInvoice:
        """Read the upcoming invoice.

        What the month end would bill the deployment as things stand: recurring whole, as the month will have
        it; usage and LLM charges as recorded so far; tax. Without a line where nothing is to bill. A month
        that has an invoice already is told anew as well, and `invoice_id` names what is billed.
        """
        with app.transactions.begin(by) as work:
            found = upcoming_invoice(
                work, by, deployment_id=deployment_id, now=app.clock.now(), period=_month(period)
            )
        return UpcomingInvoice.of(found)


def _month(period: str | None) -> Period | None:
    return None if period is None else parse_month(period)
