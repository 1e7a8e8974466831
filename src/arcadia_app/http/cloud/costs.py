"""What the provider charges over HTTP: cost lines, whose they are, and the balance (SPEC 10, 15)."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from litestar import Controller, delete, get, put
from litestar.params import FromPath, JSONBody, QueryParameter

from arcadia_app.http.documented import BODY, CALL, LIST
from arcadia_app.http.door import App, By, operators_only
from arcadia_app.http.pages import Cursor, Limit
from arcadia_app.http.places import COST_LINES
from arcadia_app.http.problems import refusals
from arcadia_app.use_cases.cloud.attribute_line import attribute_line, take_back_attribution
from arcadia_app.use_cases.cloud.month_to_date import read_month_to_date
from arcadia_app.use_cases.cloud.read_balance import read_balance
from arcadia_app.use_cases.cloud.read_costs import list_cost_lines
from arcadia_app.wire.costs import CloudBalance, CostAttributionToPut, CostLine, CostLines
from arcadia_app.wire.discovery import MonthToDate
from arcadia_app.wire.types import InventoryKind, TenantId
from arcadia_domain.cloud.charges import PlacedCharge
from arcadia_domain.period import check_day, month_of
from arcadia_domain.ports.charges import ChargesAsked

_ABSENT = ("cost_line_not_found",)

AnyDay = Annotated[date, QueryParameter(description="Any day of the month, from 2000 to 2099.")]


def _place(charge: PlacedCharge) -> tuple[UUID, int, UUID]:
    return charge.invoice_id, charge.line.line_no, charge.id


class CostController(Controller):
    path = "/api/v1/billing"
    tags = ("Costs",)
    guards = (operators_only,)

    @get(
        "/balance",
        operation_id="read_balance",
        opt={"act": "read the balance"},
        responses=refusals(*CALL, "operators_only", "no_balance_yet"),
        sync_to_thread=True,
    )
    def balance(self, app: App, by: By) -> CloudBalance:
        """Read what the account owes the provider (platform admins).

        As it was told when it was last taken, at `captured_at`. The three amounts need not add up.
        """
        with app.transactions.begin(by) as work:
            return CloudBalance.of(read_balance(work, by))

    @get(
        "/month-to-date",
        operation_id="read_month_to_date",
        opt={"act": "read what the month has come to"},
        responses=refusals(*CALL, "operators_only", "date_out_of_range", "no_month_to_date"),
        sync_to_thread=True,
    )
    def month_to_date(
        self,
        app: App,
        by: By,
        period: Annotated[date | None, QueryParameter(description="Any day of the month.")] = None,
    ) -> MonthToDate:
        """Read what a month that runs has come to at the provider (platform admins).

        The current month, where none is named. An estimate of the provider's: it is no cost, and in no
        margin, before the month's invoice is there.
        """
        day = app.clock.now().date() if period is None else check_day(period, "The period")
        with app.transactions.begin(by) as work:
            return MonthToDate.of(read_month_to_date(work, by, period=month_of(day)))

    @get(
        "/cost-lines",
        operation_id="list_cost_lines",
        opt={"act": "read what the provider charged"},
        responses=refusals(*LIST, "operators_only", "date_out_of_range"),
        sync_to_thread=True,
    )
    def lines(
        self,
        app: App,
        by: By,
        period: AnyDay,
        limit: Limit = 50,
        cursor: Cursor = None,
        kind: Annotated[
            InventoryKind | None, QueryParameter(description="Only lines about this kind.")
        ] = None,
        matched: Annotated[
            bool | None, QueryParameter(description="Whether the line is for a resource that we know.")
        ] = None,
        tenant_id: Annotated[
            TenantId | None, QueryParameter(description="Only lines of which this tenant bears some.")
        ] = None,
        deployment_id: Annotated[
            UUID | None, QueryParameter(description="Only lines of which this deployment bears some.")
        ] = None,
        preview: Annotated[
            bool, QueryParameter(description="Also the lines of a month to date, which has no invoice yet.")
        ] = False,
    ) -> CostLines:
        """List what the provider charged for a month (platform admins).

        Every line of the month's invoices, with who bears it: a platform admin's word first, else who held
        the resource while the line ran, else nobody.
        """
        asked = ChargesAsked(
            period=month_of(check_day(period, "The day of the period")),
            kind=kind,
            matched=matched,
            tenant_id=tenant_id,
            deployment_id=deployment_id,
            preview=preview,
        )
        after = COST_LINES.after(cursor)
        with app.transactions.begin(by) as work:
            found = list_cost_lines(work, by, asked=asked, after=after, limit=limit + 1)
        items, next_cursor = COST_LINES.page(found, limit, _place, CostLine.of)
        return CostLines(items=items, next_cursor=next_cursor)

    @put(
        "/cost-lines/{line_id:uuid}/attribution",
        operation_id="attribute_cost_line",
        opt={"act": "attribute a cost line"},
        responses=refusals(
            *BODY,
            "operators_only",
            "unknown_tenant",
            "deployment_not_found",
            "deployment_of_other_tenant",
            missing=_ABSENT,
        ),
        sync_to_thread=True,
    )
    def attribute(
        self, app: App, by: By, line_id: FromPath[UUID], data: JSONBody[CostAttributionToPut]
    ) -> CostLine:
        """Say whose a cost line is (platform admins).

        The whole line is that tenant's from now on, or with a null tenant nobody's, whoever held its
        resource. It stays so when the invoice is ingested again.
        """
        now = app.clock.now()
        with app.transactions.begin(by) as work:
            charge = attribute_line(
                work,
                by,
                line_id=line_id,
                tenant_id=data.tenant_id,
                deployment_id=data.deployment_id,
                reason=data.reason,
                now=now,
            )
        return CostLine.of(charge)

    @delete(
        "/cost-lines/{line_id:uuid}/attribution",
        operation_id="take_back_attribution",
        status_code=200,
        opt={"act": "attribute a cost line"},
        responses=refusals(*CALL, "operators_only", missing=_ABSENT),
        sync_to_thread=True,
    )
    def take_back(self, app: App, by: By, line_id: FromPath[UUID]) -> CostLine:
        """Take back what was said of a cost line (platform admins).

        It is borne again by who held its resource. Where nothing was said, nothing changes.
        """
        with app.transactions.begin(by) as work:
            return CostLine.of(take_back_attribution(work, by, line_id=line_id))
