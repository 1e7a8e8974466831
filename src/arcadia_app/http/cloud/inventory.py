"""The inventory over HTTP: what runs, whose it is, and since when (SPEC 6, 15)."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from litestar import Controller, get, put
from litestar.params import FromPath, JSONBody, QueryParameter

from arcadia_app.http.documented import BODY, CALL, LIST
from arcadia_app.http.door import App, By, operators_only
from arcadia_app.http.pages import Cursor, Limit
from arcadia_app.http.places import INVENTORY
from arcadia_app.http.problems import refusals
from arcadia_app.use_cases.cloud.assign_resource import assign_resource
from arcadia_app.use_cases.cloud.read_inventory import list_assignments, list_inventory, read_resource
from arcadia_app.wire.inventory import (
    AssignedResource,
    AssignmentToPut,
    Resource,
    ResourceAssignment,
    ResourceAssignments,
    ResourceDetail,
    Resources,
)
from arcadia_app.wire.types import InventoryKind, TenantId, Text
from arcadia_domain.ports.cloud import ResourcesAsked

_ABSENT = ("resource_not_found",)


class InventoryController(Controller):
    path = "/api/v1/inventory"
    tags = ("Inventory",)

    @get(operation_id="list_inventory", responses=refusals(*LIST), sync_to_thread=True)
    def list_(
        self,
        app: App,
        by: By,
        limit: Limit = 50,
        cursor: Cursor = None,
        kind: Annotated[
            InventoryKind | None, QueryParameter(description="Only resources of this kind.")
        ] = None,
        status: Annotated[
            Text | None, QueryParameter(description="Only those that the provider says this of.")
        ] = None,
        deployment_id: Annotated[
            UUID | None, QueryParameter(description="Only those that this deployment holds now.")
        ] = None,
        deleted: Annotated[
            bool, QueryParameter(description="Those that are gone, in place of those that are there.")
        ] = False,
        tenant_id: Annotated[
            TenantId | None, QueryParameter(description="Only this tenant's (platform admins).")
        ] = None,
        name: Annotated[Text | None, QueryParameter(description="Only those of exactly this name.")] = None,
    ) -> Resources:
        """List the inventory.

        What runs at the provider, as it was last seen, newest first. A tenant sees what it holds now, a
        platform admin all.
        """
        asked = ResourcesAsked(
            tenant_id=tenant_id,
            deployment_id=deployment_id,
            kind=kind,
            status=status,
            name=name,
            deleted=deleted,
        )
        after = INVENTORY.after(cursor)
        with app.transactions.begin(by) as work:
            found = list_inventory(work, by, asked=asked, after=after, limit=limit + 1)
        items, next_cursor = INVENTORY.page(found, limit, lambda one: one.id, Resource.of)
        return Resources(items=items, next_cursor=next_cursor)

    @get(
        "/{resource_id:uuid}",
        operation_id="read_resource",
        responses=refusals(*CALL, missing=_ABSENT),
        sync_to_thread=True,
    )
    def read(self, app: App, by: By, resource_id: FromPath[UUID]) -> ResourceDetail:
        """Read a resource.

        With who held it from when on: a tenant is told of its own time. What happened to it is told to
        platform admins, its last 100 events.
        """
        with app.transactions.begin(by) as work:
            return ResourceDetail.detail(read_resource(work, by, resource_id=resource_id))

    @get(
        "/{resource_id:uuid}/assignments",
        operation_id="list_resource_assignments",
        guards=[operators_only],
        opt={"act": "read who held a resource"},
        responses=refusals(*CALL, "operators_only", missing=_ABSENT),
        sync_to_thread=True,
    )
    def assignments(self, app: App, by: By, resource_id: FromPath[UUID]) -> ResourceAssignments:
        """List who held a resource from when on (platform admins).

        The latest first.
        """
        with app.transactions.begin(by) as work:
            told = list_assignments(work, by, resource_id=resource_id)
        return ResourceAssignments(items=[ResourceAssignment.of(one) for one in told])

    @put(
        "/{resource_id:uuid}/assignments",
        operation_id="assign_resource",
        guards=[operators_only],
        opt={"act": "assign a resource"},
        responses=refusals(
            *BODY, "operators_only", "deployment_not_found", "assignment_in_future", missing=_ABSENT
        ),
        sync_to_thread=True,
    )
    def assign(
        self, app: App, by: By, resource_id: FromPath[UUID], data: JSONBody[AssignmentToPut]
    ) -> AssignedResource:
        """Assign a resource to a deployment from an instant on (platform admins).

        One from the same instant is replaced. Of the others those by tag that begin later go, which were
        guesses; every other stays, so that a past month stays as it was. Null makes it nobody's from then
        on. Who is assigned it last sees it at once: it cannot be assigned ahead of time.
        """
        now = app.clock.now()
        with app.transactions.begin(by) as work:
            told = assign_resource(
                work,
                by,
                resource_id=resource_id,
                deployment_id=data.deployment_id,
                from_at=data.from_at,
                now=now,
            )
        return AssignedResource.made(told)
