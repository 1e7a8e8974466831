"""Syncs of the inventory over HTTP: a job looks at the provider, and what it saw is kept (SPEC 6, 18)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath, JSONBody

from arcadia_app.http.accepted import accepted, cause_of
from arcadia_app.http.documented import BODY, CALL, LIST, ONCE
from arcadia_app.http.door import App, By, operators_only
from arcadia_app.http.once import Once
from arcadia_app.http.pages import Cursor, Limit
from arcadia_app.http.places import SYNCS
from arcadia_app.http.problems import refusals
from arcadia_app.use_cases.cloud.read_syncs import list_syncs, read_sync
from arcadia_app.use_cases.cloud.request_sync import request_sync
from arcadia_app.wire.jobs import JobAccepted
from arcadia_app.wire.syncs import InventorySync, InventorySyncs, SyncToRequest


class SyncController(Controller):
    path = "/api/v1/inventory/syncs"
    tags = ("Inventory",)

    @get(
        operation_id="list_syncs",
        guards=[operators_only],
        opt={"act": "read syncs"},
        responses=refusals(*LIST, "operators_only"),
        sync_to_thread=True,
    )
    def list_(self, app: App, by: By, limit: Limit = 50, cursor: Cursor = None) -> InventorySyncs:
        """List syncs of the inventory (platform admins).

        Newest first, each with what it saw and could not see.
        """
        after = SYNCS.after(cursor)
        with app.transactions.begin(by) as work:
            found = list_syncs(work, by, after=after, limit=limit + 1)
        items, next_cursor = SYNCS.page(found, limit, lambda one: one.sync_id, InventorySync.of)
        return InventorySyncs(items=items, next_cursor=next_cursor)

    @get(
        "/{sync_id:uuid}",
        operation_id="read_sync",
        guards=[operators_only],
        opt={"act": "read syncs"},
        responses=refusals(*CALL, "operators_only", missing=("sync_not_found",)),
        sync_to_thread=True,
    )
    def read(self, app: App, by: By, sync_id: FromPath[UUID]) -> InventorySync:
        """Read a sync of the inventory (platform admins)."""
        with app.transactions.begin(by) as work:
            return InventorySync.of(read_sync(work, by, sync_id=sync_id))

    @post(
        operation_id="request_sync",
        status_code=202,
        guards=[operators_only],
        opt={"act": "sync the inventory"},
        responses=refusals(*BODY, *ONCE, "operators_only"),
    )
    async def request(
        self,
        app: App,
        by: By,
        once: Once,
        request: Request[Any, Any, Any],
        data: JSONBody[SyncToRequest],
    ) -> Response[JobAccepted]:
        """Sync the inventory (platform admins).

        A job looks at what runs at the provider; its result is the sync. Asked for again before it has begun,
        the answer names the same job.
        """
        speed, now, cause = data.speed, app.clock.now(), cause_of(request)
        return await accepted(
            app, once, lambda work: request_sync(work, by, speed=speed, now=now, cause=cause)
        )
