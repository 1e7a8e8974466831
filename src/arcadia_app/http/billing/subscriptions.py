"""Subscriptions over HTTP: subscribe, change the plan, attach and detach addons (SPEC 15)."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, delete, post
from litestar.params import FromPath, JSONBody, QueryParameter

from arcadia_app.http.billing.usage import UNBILLABLE
from arcadia_app.http.documented import BODY, CALL, ONCE
from arcadia_app.http.door import App, By
from arcadia_app.http.once import Made, Once
from arcadia_app.http.problems import refusals
from arcadia_app.use_cases.billing.attach_addon import attach_addon
from arcadia_app.use_cases.billing.change_plan_version import change_plan_version
from arcadia_app.use_cases.billing.detach_addon import detach_addon
from arcadia_app.use_cases.billing.preview_plan_change import preview_plan_change
from arcadia_app.use_cases.billing.read_deployments import subscription_view
from arcadia_app.use_cases.billing.subscribe import subscribe
from arcadia_app.wire.deployments import AddonToAttach, PlanChange, Subscribe, Subscription, SubscriptionAddon
from arcadia_app.wire.upcoming import PlanChangePreview
from arcadia_domain.ports.unit_of_work import Work

_ABSENT = ("deployment_not_found",)
_DAY = ("date_out_of_range", "day_in_the_past", "period_invoiced")
"""A day from which something holds is named."""
_CHANGE = ("not_subscribed", "subscription_cancelled", "change_before_start")
"""A subscription is changed."""


class SubscriptionController(Controller):
    path = "/api/v1/deployments/{deployment_id:uuid}"
    tags = ("Subscriptions",)

    @post(
        "/subscribe",
        operation_id="subscribe_deployment",
        responses=refusals(
            *BODY,
            *ONCE,
            *_DAY,
            "already_subscribed",
            "deployment_ended",
            "unknown_plan",
            "no_active_version",
            "unknown_addon",
            "mixed_currencies",
            "operators_only",
            "trial_ends_before_start",
            "no_trial_out_of_service",
            missing=_ABSENT,
        ),
    )
    async def subscribe(
        self, app: App, by: By, once: Once, deployment_id: FromPath[UUID], data: JSONBody[Subscribe]
    ) -> Response[Subscription]:
        """Subscribe a deployment.

        To the plan's active version, with addons; their prices are kept as they are now. A deployment has one
        subscription at a time.
        """
        now = app.clock.now()

        def act(work: Work) -> Made:
            made = subscribe(
                work,
                by,
                deployment_id=deployment_id,
                plan_code=data.plan_code,
                now=now,
                addon_codes=data.addons,
                starts_on=data.starts_on,
                trial_ends_at=data.trial_ends_at,
            )
            return Made(Subscription.of(subscription_view(work, made, now)), _read_at(deployment_id))

        return await once.answer(act, status=201)

    @post(
        "/change-plan",
        operation_id="change_plan",
        status_code=200,
        responses=refusals(
            *BODY,
            *ONCE,
            *_DAY,
            *_CHANGE,
            "unknown_plan",
            "no_active_version",
            "mixed_currencies",
            *UNBILLABLE,
            missing=_ABSENT,
        ),
    )
    async def change_plan(
        self,
        app: App,
        by: By,
        once: Once,
        deployment_id: FromPath[UUID],
        data: JSONBody[PlanChange],
        preview: Annotated[
            bool, QueryParameter(description="Change nothing: tell what the month costs before and after.")
        ] = False,
    ) -> Response[Subscription | PlanChangePreview]:
        """Change the plan of a deployment.

        To the active version of the plan, which may be a newer one of the same; the day of the change belongs
        to it. A change to what is bound from that day on anyway is not recorded. With `preview=true` nothing
        changes and no answer is kept: the upcoming invoice of the month of the change is told as it stands,
        and as it would stand.
        """
        now = app.clock.now()

        def previewed() -> PlanChangePreview:
            with app.transactions.begin(by) as work:
                found = preview_plan_change(
                    work,
                    by,
                    deployment_id=deployment_id,
                    plan_code=data.plan_code,
                    now=now,
                    from_day=data.from_day,
                )
            return PlanChangePreview.of(found)

        def act(work: Work) -> Subscription:
            changed = change_plan_version(
                work,
                by,
                deployment_id=deployment_id,
                plan_code=data.plan_code,
                now=now,
                from_day=data.from_day,
            )
            return Subscription.of(subscription_view(work, changed, now))

        if preview:
            return Response(await once.in_thread(previewed))
        return await once.answer(act)

    @post(
        "/addons",
        operation_id="attach_addon",
        responses=refusals(
            *BODY,
            *ONCE,
            *_DAY,
            *_CHANGE,
            "too_many_addons",
            "unknown_addon",
            "mixed_currencies",
            missing=_ABSENT,
        ),
    )
    async def attach(
        self, app: App, by: By, once: Once, deployment_id: FromPath[UUID], data: JSONBody[AddonToAttach]
    ) -> Response[SubscriptionAddon]:
        """Attach an addon.

        Its price and quantity are kept as they are now: a later change of the catalogue never reprices it.
        Up to 100 that have not ended are held by a subscription.
        """
        now = app.clock.now()

        def act(work: Work) -> Made:
            attached = attach_addon(
                work, by, deployment_id=deployment_id, code=data.code, now=now, from_day=data.from_day
            )
            return Made(SubscriptionAddon.of(attached), _read_at(deployment_id))

        return await once.answer(act, status=201)

    @delete(
        "/addons/{addon_id:uuid}",
        operation_id="detach_addon",
        status_code=200,
        responses=refusals(
            *CALL,
            *_DAY,
            "addon_ended",
            "addon_ends_before_start",
            "subscription_cancelled",
            missing=(*_ABSENT, "subscription_addon_not_found"),
        ),
        sync_to_thread=True,
    )
    def detach(
        self,
        app: App,
        by: By,
        deployment_id: FromPath[UUID],
        addon_id: FromPath[UUID],
        to_day: Annotated[
            date | None,
            QueryParameter(description="The day on which it ends, which is not billed; today by default."),
        ] = None,
    ) -> Subscription:
        """Detach an addon.

        It is billed until the day on which it ends, that day not included. An end that is still ahead may be
        moved; what has ended stays as it ended, and detaching it again is nothing new.
        """
        now = app.clock.now()
        with app.transactions.begin(by) as work:
            left = detach_addon(
                work, by, deployment_id=deployment_id, addon_id=addon_id, now=now, to_day=to_day
            )
            return Subscription.of(subscription_view(work, left, now))


def _read_at(deployment_id: UUID) -> dict[str, str]:
    """A subscription is read with its deployment."""
    return {"Location": f"/api/v1/deployments/{deployment_id}"}
