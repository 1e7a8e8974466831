"""Plans and their versions over HTTP: list, create, read, draft, publish (SPEC 15)."""

from __future__ import annotations

from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath, JSONBody

from arcadia_app.http.documented import BODY, CALL, LIST, ONCE
from arcadia_app.http.door import App, By, operators_only
from arcadia_app.http.faults import meant_by
from arcadia_app.http.once import Made, Once
from arcadia_app.http.pages import Cursor, Limit
from arcadia_app.http.places import PLANS
from arcadia_app.http.problems import refusals
from arcadia_app.use_cases.catalog.create_plan import create_plan
from arcadia_app.use_cases.catalog.draft_version import draft_version
from arcadia_app.use_cases.catalog.publish_version import publish_version
from arcadia_app.use_cases.catalog.read_plans import PlanOffer, list_plans, read_plan
from arcadia_app.wire.catalog import (
    Plan,
    PlanDetail,
    PlanItemToDraft,
    Plans,
    PlanToCreate,
    PlanVersion,
    VersionToDraft,
)
from arcadia_app.wire.types import Code
from arcadia_domain.ports.unit_of_work import Work

_TAGS = ("Catalogue",)
_PLAN_ABSENT = ("unknown_plan",)


class PlanController(Controller):
    path = "/api/v1/catalog/plans"
    tags = _TAGS

    @get(operation_id="list_plans", responses=refusals(*LIST), sync_to_thread=True)
    def list_(self, app: App, by: By, limit: Limit = 50, cursor: Cursor = None) -> Plans:
        """List plans.

        By code, each with its active version and what that includes. A plan that has none is shown to
        platform admins only.
        """
        with app.transactions.begin(by) as work:
            found = list_plans(work, by, after=PLANS.after(cursor), limit=limit + 1)
        items, next_cursor = PLANS.page(found, limit, lambda one: (one.plan.code,), Plan.of)
        return Plans(items=items, next_cursor=next_cursor)

    @post(
        operation_id="create_plan",
        guards=[operators_only],
        opt={"act": "create a plan"},
        responses=refusals(*BODY, *ONCE, "operators_only", "plan_code_taken"),
    )
    async def create(self, app: App, by: By, once: Once, data: JSONBody[PlanToCreate]) -> Response[Plan]:
        """Create a plan (platform admins).

        It has no version yet: draft one, and publish it.
        """
        now = app.clock.now()

        def act(work: Work) -> Made:
            plan = create_plan(work, by, code=data.code, name=data.name, now=now)
            return Made(Plan.of(PlanOffer(plan, None)), {"Location": f"{self.path}/{plan.code}"})

        return await once.answer(act, status=201)

    @get(
        "/{plan_code:str}",
        operation_id="read_plan",
        guards=[operators_only],
        opt={"act": "read a plan's versions"},
        responses=refusals(*CALL, "operators_only", missing=_PLAN_ABSENT),
        sync_to_thread=True,
    )
    def read(self, app: App, by: By, plan_code: FromPath[Code]) -> PlanDetail:
        """Read a plan with every version (platform admins).

        Oldest first: drafts, the active one, and those that were.
        """
        with app.transactions.begin(by) as work:
            return PlanDetail.of(read_plan(work, by, plan_code=plan_code))

    @post(
        "/{plan_code:str}/versions",
        operation_id="draft_version",
        guards=[operators_only],
        opt={"act": "draft a version"},
        responses=refusals(*BODY, *ONCE, "operators_only", "duplicate_item", missing=_PLAN_ABSENT),
    )
    async def draft(
        self, app: App, by: By, once: Once, plan_code: FromPath[Code], data: JSONBody[VersionToDraft]
    ) -> Response[PlanVersion]:
        """Draft a version of a plan (platform admins).

        With its items, under the plan's next number. It prices nothing until it is published.
        """
        now = app.clock.now()
        items = meant_by(data.items, "items", PlanItemToDraft.meant)

        def act(work: Work) -> PlanVersion:
            drafted = draft_version(
                work,
                by,
                plan_code=plan_code,
                base_price_cents=data.base_price_cents,
                currency=data.currency,
                items=items,
                now=now,
            )
            return PlanVersion.of(drafted)

        return await once.answer(act, status=201)


class VersionController(Controller):
    path = "/api/v1/catalog/versions"
    tags = _TAGS

    @post(
        "/{version_id:uuid}/publish",
        operation_id="publish_version",
        status_code=200,
        guards=[operators_only],
        opt={"act": "publish a version"},
        responses=refusals(*CALL, *ONCE, "operators_only", "version_frozen", missing=("unknown_version",)),
    )
    async def publish(
        self, app: App, by: By, once: Once, version_id: FromPath[UUID]
    ) -> Response[PlanVersion]:
        """Publish a version (platform admins).

        New sign-ups get it from now on, and the version before retires; who is subscribed stays where they
        are. Only a draft can be published, and once.
        """
        now = app.clock.now()

        def act(work: Work) -> PlanVersion:
            return PlanVersion.of(publish_version(work, by, version_id=version_id, now=now))

        return await once.answer(act)
