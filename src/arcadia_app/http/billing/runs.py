"""Billing runs over HTTP: how the month end of each month stands (SPEC 9, 18)."""

from __future__ import annotations

from litestar import Controller, get
from litestar.params import FromPath

from arcadia_app.http.documented import CALL, LIST
from arcadia_app.http.door import App, By, operators_only
from arcadia_app.http.pages import Cursor, Limit
from arcadia_app.http.places import RUNS
from arcadia_app.http.problems import refusals
from arcadia_app.use_cases.billing.read_runs import list_runs, read_run
from arcadia_app.wire.billing_runs import BillingRun, BillingRunInFull, BillingRuns
from arcadia_app.wire.types import Month
from arcadia_domain.period import parse_month


class BillingRunController(Controller):
    path = "/api/v1/billing/runs"
    tags = ("Costs",)

    @get(
        operation_id="list_billing_runs",
        guards=[operators_only],
        opt={"act": "read billing runs"},
        responses=refusals(*LIST, "operators_only"),
        sync_to_thread=True,
    )
    def list_(self, app: App, by: By, limit: Limit = 50, cursor: Cursor = None) -> BillingRuns:
        """List billing runs (platform admins).

        The latest month first.
        """
        after = RUNS.after(cursor)
        with app.transactions.begin(by) as work:
            found = list_runs(work, by, after=after, limit=limit + 1)
        items, next_cursor = RUNS.page(found, limit, lambda one: one.run.period.start, BillingRun.of)
        return BillingRuns(items=items, next_cursor=next_cursor)

    @get(
        "/{period:str}",
        operation_id="read_billing_run",
        guards=[operators_only],
        opt={"act": "read billing runs"},
        responses=refusals(*CALL, "operators_only", missing=("run_not_found",)),
        sync_to_thread=True,
    )
    def read(self, app: App, by: By, period: FromPath[Month]) -> BillingRunInFull:
        """Read the billing run of a month (platform admins).

        With every tenant that it could not bill.
        """
        with app.transactions.begin(by) as work:
            standing, failures = read_run(work, by, period=parse_month(period))
        return BillingRunInFull.of_run(standing, failures)
