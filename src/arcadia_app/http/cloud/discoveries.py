"""Asking the provider over HTTP for what it has billed (SPEC 10).

A job discovers it, and then one ingests each invoice.
"""

from __future__ import annotations

from typing import Any

from litestar import Controller, Request, Response, post

from arcadia_app.http.accepted import accepted, cause_of
from arcadia_app.http.documented import CALL, ONCE
from arcadia_app.http.door import App, By, operators_only
from arcadia_app.http.once import Once
from arcadia_app.http.problems import refusals
from arcadia_app.use_cases.cloud.request_discovery import request_discovery
from arcadia_app.wire.jobs import JobAccepted


class DiscoveryController(Controller):
    path = "/api/v1/billing/discoveries"
    tags = ("Costs",)

    @post(
        operation_id="discover_cloud_invoices",
        status_code=202,
        guards=[operators_only],
        opt={"act": "discover invoices"},
        responses=refusals(*CALL, *ONCE, "operators_only"),
    )
    async def request(
        self, app: App, by: By, once: Once, request: Request[Any, Any, Any]
    ) -> Response[JobAccepted]:
        """Discover what DigitalOcean has billed (platform admins).

        A job reads the billing history and the list of invoices; each invoice that does not add up yet is
        then ingested by a job of its own. Asked for again before it has begun, the answer names the same job.
        """
        now, cause = app.clock.now(), cause_of(request)
        return await accepted(app, once, lambda work: request_discovery(work, by, now=now, cause=cause))
