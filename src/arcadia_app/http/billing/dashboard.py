"""The dashboard over HTTP: the margin of a month, its leakage, and the current month so far (SPEC 14, 15)."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from litestar import Controller, get
from litestar.params import QueryParameter

from arcadia_app.http.documented import CALL
from arcadia_app.http.door import App, By, operators_only
from arcadia_app.http.problems import refusals
from arcadia_app.use_cases.billing.leakage_report import leakage_report
from arcadia_app.use_cases.billing.live_accrual import live_accrual
from arcadia_app.use_cases.billing.margin_summary import margin_summary
from arcadia_app.wire.accrual import Accrual
from arcadia_app.wire.leakage import Leakage
from arcadia_app.wire.margin import Margin
from arcadia_domain.period import check_day, month_of


class DashboardController(Controller):
    path = "/api/v1/dashboard"
    tags = ("Dashboard",)
    guards = (operators_only,)

    @get(
        "/margin",
        operation_id="read_margin",
        opt={"act": "see the margin"},
        responses=refusals(*CALL, "operators_only", "date_out_of_range", "mixed_currencies"),
        sync_to_thread=True,
    )
    def read_margin(
        self,
        app: App,
        by: By,
        period: Annotated[date, QueryParameter(description="Any day of the month, from 2000 to 2099.")],
    ) -> Margin:
        """Read the margin of a month (platform admins).

        Revenue without tax, of invoices that are not void, against what the provider charged: overall, per
        tenant, per deployment, by kind. Costs are converted at the rate of the month's last day.
        """
        month = month_of(check_day(period, "The day of the period"))
        with app.transactions.begin(by) as work:
            return Margin.of(margin_summary(work, by, period=month))

    @get(
        "/leakage",
        operation_id="read_leakage",
        opt={"act": "see the leakage"},
        responses=refusals(*CALL, "operators_only", "date_out_of_range"),
        sync_to_thread=True,
    )
    def read_leakage(
        self,
        app: App,
        by: By,
        period: Annotated[date, QueryParameter(description="Any day of the month, from 2000 to 2099.")],
    ) -> Leakage:
        """Read what was charged in a month and nothing earns back (platform admins).

        By tenant, deployment, kind, product and reason. The provider's tax and credits are left out.
        """
        month = month_of(check_day(period, "The day of the period"))
        with app.transactions.begin(by) as work:
            return Leakage.of(leakage_report(work, by, period=month))

    @get(
        "/accrual",
        operation_id="read_accrual",
        opt={"act": "see the accrual"},
        responses=refusals(*CALL, "operators_only"),
        sync_to_thread=True,
    )
    def read_accrual(self, app: App, by: By) -> Accrual:
        """Read what the current month has come to so far (platform admins).

        Recurring as the month's invoice will have it if nothing changes; usage as it is recorded.
        """
        now = app.clock.now()
        with app.transactions.begin(by) as work:
            return Accrual.of(live_accrual(work, by, now=now))
