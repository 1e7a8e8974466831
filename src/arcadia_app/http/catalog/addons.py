"""Addons over HTTP: list, create (SPEC 15)."""

from __future__ import annotations

from decimal import Decimal

from litestar import Controller, Response, get, post
from litestar.params import JSONBody

from arcadia_app.http.documented import BODY, LIST, ONCE
from arcadia_app.http.door import App, By, operators_only
from arcadia_app.http.once import Once
from arcadia_app.http.pages import Cursor, Limit
from arcadia_app.http.places import ADDONS
from arcadia_app.http.problems import refusals
from arcadia_app.use_cases.catalog.create_addon import create_addon
from arcadia_app.use_cases.catalog.read_addons import list_addons
from arcadia_app.wire.catalog import Addon, Addons, AddonToCreate
from arcadia_domain.ports.unit_of_work import Work


class AddonController(Controller):
    path = "/api/v1/catalog/addons"
    tags = ("Catalogue",)

    @get(operation_id="list_addons", responses=refusals(*LIST), sync_to_thread=True)
    def list_(self, app: App, by: By, limit: Limit = 50, cursor: Cursor = None) -> Addons:
        """List addons.

        By code, each as whoever attaches it now gets it.
        """
        with app.transactions.begin(by) as work:
            found = list_addons(work, after=ADDONS.after(cursor), limit=limit + 1)
        items, next_cursor = ADDONS.page(found, limit, lambda one: (one.code,), Addon.of)
        return Addons(items=items, next_cursor=next_cursor)

    @post(
        operation_id="create_addon",
        guards=[operators_only],
        opt={"act": "create an addon"},
        responses=refusals(*BODY, *ONCE, "operators_only", "addon_code_taken", "empty_addon"),
    )
    async def create(self, app: App, by: By, once: Once, data: JSONBody[AddonToCreate]) -> Response[Addon]:
        """Create an addon (platform admins).

        Its terms never change: another price is another addon.
        """

        def act(work: Work) -> Addon:
            made = create_addon(
                work,
                by,
                code=data.code,
                name=data.name,
                resource_kind=data.resource_kind,
                qty=Decimal(data.qty),
                price_cents=data.price_cents,
                currency=data.currency,
            )
            return Addon.of(made)

        return await once.answer(act, status=201)
