"""Quotes over HTTP: what a plan would cost, before anything is bought (SPEC 4)."""

from __future__ import annotations

from decimal import Decimal

from litestar import Controller, Response, post
from litestar.params import JSONBody

from arcadia_app.http.documented import BODY, ONCE
from arcadia_app.http.door import App
from arcadia_app.http.once import Once
from arcadia_app.http.problems import refusals
from arcadia_app.use_cases.billing.quote_plan import quote_plan
from arcadia_app.wire.quotes import Quote, QuoteRequest
from arcadia_domain.ports.unit_of_work import Work


class QuoteController(Controller):
    path = "/api/v1/quote"
    tags = ("Quotes",)

    @post(
        operation_id="quote_plan",
        status_code=200,
        responses=refusals(
            *BODY,
            *ONCE,
            "unknown_plan",
            "no_active_version",
            "unknown_addon",
            "mixed_currencies",
            "date_out_of_range",
            "quote_too_large",
        ),
    )
    async def quote(self, app: App, once: Once, data: JSONBody[QuoteRequest]) -> Response[Quote]:
        """Quote a plan.

        Its active version with these addons: a whole month, the first invoice from the start day on, and what
        the projected usage costs beyond the allowance. Priced by the function that makes the invoice.
        """
        now = app.clock.now()

        def act(work: Work) -> Quote:
            quoted = quote_plan(
                work,
                plan_code=data.plan_code,
                addon_codes=data.addons,
                usage={kind: Decimal(qty) for kind, qty in data.projected_usage.items()},
                starts_on=data.starts_on,
                now=now,
            )
            return Quote.of(quoted)

        return await once.answer(act)
