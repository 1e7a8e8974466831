"""Fallback prices over HTTP: list, set (SPEC 3)."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller, Response, get, post
from litestar.params import JSONBody, QueryParameter

from arcadia_app.http.documented import BODY, LIST, ONCE
from arcadia_app.http.door import App, By, operators_only
from arcadia_app.http.once import Once
from arcadia_app.http.pages import Cursor, Limit
from arcadia_app.http.places import PRICES
from arcadia_app.http.problems import refusals
from arcadia_app.use_cases.catalog.read_prices import list_prices
from arcadia_app.use_cases.catalog.set_price import set_price
from arcadia_app.wire.catalog import ResourcePrice, ResourcePrices, ResourcePriceToSet
from arcadia_app.wire.types import KnownKind
from arcadia_domain.ports.unit_of_work import Work


class PriceController(Controller):
    path = "/api/v1/catalog/prices"
    tags = ("Catalogue",)

    @get(
        operation_id="list_prices",
        guards=[operators_only],
        opt={"act": "read prices"},
        responses=refusals(*LIST, "operators_only"),
        sync_to_thread=True,
    )
    def list_(
        self,
        app: App,
        by: By,
        limit: Limit = 50,
        cursor: Cursor = None,
        kind: Annotated[KnownKind | None, QueryParameter(description="Only prices of this kind.")] = None,
    ) -> ResourcePrices:
        """List the prices of what no plan covers (platform admins).

        By kind, currency and start: those that were, those in force and those to come.
        """
        with app.transactions.begin(by) as work:
            found = list_prices(work, by, after=PRICES.after(cursor), limit=limit + 1, kind=kind)
        items, next_cursor = PRICES.page(
            found, limit, lambda one: (one.kind, one.currency, one.from_at), ResourcePrice.of
        )
        return ResourcePrices(items=items, next_cursor=next_cursor)

    @post(
        operation_id="set_price",
        guards=[operators_only],
        opt={"act": "set a price"},
        responses=refusals(
            *BODY, *ONCE, "operators_only", "price_exists", "unknown_unit", "date_out_of_range"
        ),
    )
    async def set_(
        self, app: App, by: By, once: Once, data: JSONBody[ResourcePriceToSet]
    ) -> Response[ResourcePrice]:
        """Set the price of what no plan covers (platform admins).

        From the UTC day of `from_at` on; it ends the price before it. What is invoiced already stays.
        """

        def act(work: Work) -> ResourcePrice:
            price = set_price(
                work,
                by,
                kind=data.resource_kind,
                currency=data.currency,
                from_at=data.from_at,
                unit=data.overage_unit,
                price_cents=data.overage_price_cents,
            )
            return ResourcePrice.of(price)

        return await once.answer(act, status=201)
