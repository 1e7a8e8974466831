"""The rollup of a month over HTTP: a job drafts the invoices (SPEC 9, 18)."""

from __future__ import annotations

from typing import Any

from litestar import Controller, Request, Response, post
from litestar.params import JSONBody

from arcadia_app.http.accepted import accepted, cause_of
from arcadia_app.http.documented import BODY, ONCE
from arcadia_app.http.door import App, By, operators_only
from arcadia_app.http.once import Once
from arcadia_app.http.problems import refusals
from arcadia_app.use_cases.billing.request_rollup import request_rollup
from arcadia_app.wire.jobs import JobAccepted
from arcadia_app.wire.rollups import Rollup
from arcadia_domain.period import parse_month


class RollupController(Controller):
    path = "/api/v1/billing/rollups"
    tags = ("Costs",)

    @post(
        operation_id="request_rollup",
        status_code=202,
        guards=[operators_only],
        opt={"act": "roll up a month"},
        responses=refusals(*BODY, *ONCE, "operators_only", "month_not_over", "unknown_tenant"),
    )
    async def request(
        self,
        app: App,
        by: By,
        once: Once,
        request: Request[Any, Any, Any],
        data: JSONBody[Rollup],
    ) -> Response[JobAccepted]:
        """Roll up a month (platform admins).

        A job drafts the invoice of every tenant that is due, and skips what is there. Asked for again before
        it has begun, the answer names the same job.
        """
        period, now, cause = parse_month(data.period), app.clock.now(), cause_of(request)
        return await accepted(
            app,
            once,
            lambda work: request_rollup(
                work,
                by,
                period=period,
                now=now,
                cause=cause,
                force=data.force,
                tenant_id=data.tenant_id,
            ),
        )
