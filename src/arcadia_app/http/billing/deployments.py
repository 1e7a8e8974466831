"""Deployments over HTTP: create, read, list, edit, move (SPEC 15)."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, get, patch, post
from litestar.params import FromPath, JSONBody, QueryParameter

from arcadia_app.http.documented import BODY, CALL, LIST, ONCE
from arcadia_app.http.door import App, By, operators_only
from arcadia_app.http.once import Made, Once
from arcadia_app.http.pages import Cursor, Limit
from arcadia_app.http.places import DEPLOYMENTS
from arcadia_app.http.problems import refusals
from arcadia_app.http.revisions import IfMatch, etag, must_match
from arcadia_app.use_cases.billing.create_deployment import create_deployment
from arcadia_app.use_cases.billing.edit_deployment import edit_deployment
from arcadia_app.use_cases.billing.read_deployments import deployment_views, list_deployments, read_deployment
from arcadia_app.use_cases.billing.transition import transition
from arcadia_app.wire.deployments import (
    Deployment,
    DeploymentEdit,
    Deployments,
    DeploymentToCreate,
    Transition,
)
from arcadia_app.wire.types import TenantId
from arcadia_domain.billing.deployments import State
from arcadia_domain.ports.unit_of_work import Work

_ABSENT = ("deployment_not_found",)


class DeploymentController(Controller):
    path = "/api/v1/deployments"
    tags = ("Deployments",)

    @get(operation_id="list_deployments", responses=refusals(*LIST), sync_to_thread=True)
    def list_(
        self,
        app: App,
        by: By,
        limit: Limit = 50,
        cursor: Cursor = None,
        in_state: Annotated[
            State | None, QueryParameter(name="state", description="Only those in this state.")
        ] = None,
        tenant_id: Annotated[
            TenantId | None, QueryParameter(description="Only this tenant's (platform admins).")
        ] = None,
    ) -> Deployments:
        """List deployments.

        Newest first; a tenant sees its own, a platform admin all. Each comes with its last 20 events.
        """
        with app.transactions.begin(by) as work:
            found = list_deployments(
                work,
                by,
                after=DEPLOYMENTS.after(cursor),
                limit=limit + 1,
                now=app.clock.now(),
                tenant_id=tenant_id,
                state=in_state,
            )
        items, next_cursor = DEPLOYMENTS.page(found, limit, lambda one: one.deployment.id, Deployment.of)
        return Deployments(items=items, next_cursor=next_cursor)

    @post(
        operation_id="create_deployment",
        responses=refusals(
            *BODY,
            *ONCE,
            "slug_taken",
            "too_many_deployments",
            "other_tenant",
            "invalid_first_state",
        ),
    )
    async def create(
        self, app: App, by: By, once: Once, data: JSONBody[DeploymentToCreate]
    ) -> Response[Deployment]:
        """Create a deployment.

        Active at once, unless a platform admin starts it in trial. A tenant's first one makes the tenant; of
        its own it makes up to 1000 that are not archived.
        """
        now = app.clock.now()

        def act(work: Work) -> Made:
            made = create_deployment(
                work,
                by,
                slug=data.slug,
                display_name=data.display_name,
                region=data.region,
                now=now,
                llm_mode=data.llm_mode,
                tenant_id=data.tenant_id,
                state=data.state,
            )
            view = deployment_views(work, [made], now)[0]
            return Made(Deployment.of(view), {"Location": f"{self.path}/{made.id}", **etag(made.revision)})

        return await once.answer(act, status=201)

    @get(
        "/{deployment_id:uuid}",
        operation_id="read_deployment",
        responses=refusals(*CALL, missing=_ABSENT),
        sync_to_thread=True,
    )
    def read(self, app: App, by: By, deployment_id: FromPath[UUID]) -> Response[Deployment]:
        """Read a deployment.

        With its subscription and its whole history. The ETag names its revision.
        """
        with app.transactions.begin(by) as work:
            view = read_deployment(work, by, deployment_id=deployment_id, now=app.clock.now())
        return Response(Deployment.of(view), headers=etag(view.deployment.revision))

    @patch(
        "/{deployment_id:uuid}",
        operation_id="edit_deployment",
        guards=[operators_only],
        opt={"act": "edit a deployment"},
        responses=refusals(*BODY, "operators_only", "stale", missing=_ABSENT),
        sync_to_thread=True,
    )
    def edit(
        self,
        app: App,
        by: By,
        deployment_id: FromPath[UUID],
        data: JSONBody[DeploymentEdit],
        if_match: IfMatch = None,
    ) -> Response[Deployment]:
        """Edit a deployment (platform admins).

        Its name, who pays for its tokens from now on, and whether automated billing actions skip it.
        """
        now = app.clock.now()
        with app.transactions.begin(by) as work:
            edited = edit_deployment(
                work,
                by,
                deployment_id=deployment_id,
                now=now,
                display_name=data.display_name,
                llm_mode=data.llm_mode,
                billing_action_suspended=data.billing_action_suspended,
                before=lambda found: must_match(if_match, found.revision),
            )
            view = deployment_views(work, [edited], now)[0]
        return Response(Deployment.of(view), headers=etag(edited.revision))

    @post(
        "/{deployment_id:uuid}/transition",
        operation_id="transition_deployment",
        status_code=200,
        responses=refusals(
            *BODY,
            *ONCE,
            "invalid_transition",
            "transition_forbidden",
            "invoice_overdue",
            "stale",
            missing=_ABSENT,
        ),
    )
    async def transition(
        self,
        app: App,
        by: By,
        once: Once,
        deployment_id: FromPath[UUID],
        data: JSONBody[Transition],
        if_match: IfMatch = None,
    ) -> Response[Deployment]:
        """Move a deployment to another state.

        A tenant pauses, resumes and cancels; every other move is a platform admin's. Recorded with its actor.
        """
        now = app.clock.now()

        def act(work: Work) -> Made:
            moved = transition(
                work,
                by,
                deployment_id=deployment_id,
                to=data.to,
                now=now,
                reason=data.reason,
                before=lambda found: must_match(if_match, found.revision),
            )
            view = deployment_views(work, [moved], now)[0]
            return Made(Deployment.of(view), etag(moved.revision))

        return await once.answer(act)
