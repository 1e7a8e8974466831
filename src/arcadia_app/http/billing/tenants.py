"""Tenants over HTTP: list, create, read, edit; and how each is taxed (SPEC 5, 9)."""

from __future__ import annotations

from datetime import date
from urllib.parse import quote

from litestar import Controller, Response, get, patch, post, put
from litestar.params import FromPath, JSONBody

from arcadia_app.http.documented import BODY, CALL, LIST, ONCE
from arcadia_app.http.door import App, By, operators_only
from arcadia_app.http.once import Made, Once
from arcadia_app.http.pages import Cursor, Limit
from arcadia_app.http.places import TAX_PROFILES, TENANTS
from arcadia_app.http.problems import refusals
from arcadia_app.http.revisions import IfMatch, etag, must_match
from arcadia_app.use_cases.billing.create_tenant import create_tenant
from arcadia_app.use_cases.billing.edit_tenant import edit_tenant
from arcadia_app.use_cases.billing.read_tenants import list_tax_profiles, list_tenants, read_tenant
from arcadia_app.use_cases.billing.set_tax_profile import set_tax_profile
from arcadia_app.wire.tenants import (
    TaxProfile,
    TaxProfiles,
    TaxProfileToSet,
    Tenant,
    TenantEdit,
    Tenants,
    TenantToCreate,
)
from arcadia_app.wire.types import TenantId
from arcadia_domain.billing import tax
from arcadia_domain.ports.unit_of_work import Work

_ABSENT = ("tenant_not_found",)


class TenantController(Controller):
    path = "/api/v1/tenants"
    tags = ("Tenants",)

    @get(
        operation_id="list_tenants",
        guards=[operators_only],
        opt={"act": "list tenants"},
        responses=refusals(*LIST, "operators_only"),
        sync_to_thread=True,
    )
    def list_(self, app: App, by: By, limit: Limit = 50, cursor: Cursor = None) -> Tenants:
        """List tenants (platform admins).

        By id: those that were created, and those that a first deployment made.
        """
        with app.transactions.begin(by) as work:
            found = list_tenants(work, by, after=TENANTS.after(cursor) or "", limit=limit + 1)
        items, next_cursor = TENANTS.page(found, limit, lambda one: (one.tenant_id,), Tenant.of)
        return Tenants(items=items, next_cursor=next_cursor)

    @post(
        operation_id="create_tenant",
        guards=[operators_only],
        opt={"act": "create a tenant"},
        responses=refusals(*BODY, *ONCE, "operators_only", "tenant_exists", "invalid_abn"),
    )
    async def create(self, app: App, by: By, once: Once, data: JSONBody[TenantToCreate]) -> Response[Tenant]:
        """Create a tenant (platform admins).

        Before its first deployment, which would make it in AUD. It is taxed as a standard one of its country:
        a country other than AU is its first tax profile as well. What it is taxed by later, a tax profile
        says; another country of the tenant does not.
        """
        now = app.clock.now()

        def act(work: Work) -> Made:
            made = create_tenant(work, by, tenant=data.tenant(), now=now)
            place = f"{self.path}/{quote(made.tenant_id, safe='')}"
            return Made(Tenant.of(made), {"Location": place, **etag(made.revision)})

        return await once.answer(act, status=201)

    @get(
        "/{tenant_id:str}",
        operation_id="read_tenant",
        responses=refusals(*CALL, missing=_ABSENT),
        sync_to_thread=True,
    )
    def read(self, app: App, by: By, tenant_id: FromPath[TenantId]) -> Response[Tenant]:
        """Read a tenant.

        A tenant reads itself. The ETag names its revision.
        """
        with app.transactions.begin(by) as work:
            tenant = read_tenant(work, by, tenant_id=tenant_id)
        return Response(Tenant.of(tenant), headers=etag(tenant.revision))

    @patch(
        "/{tenant_id:str}",
        operation_id="edit_tenant",
        guards=[operators_only],
        opt={"act": "edit a tenant"},
        responses=refusals(*BODY, "operators_only", "stale", "invalid_abn", missing=_ABSENT),
        sync_to_thread=True,
    )
    def edit(
        self,
        app: App,
        by: By,
        tenant_id: FromPath[TenantId],
        data: JSONBody[TenantEdit],
        if_match: IfMatch = None,
    ) -> Response[Tenant]:
        """Edit a tenant (platform admins).

        What its invoices say of it and when they are due. An issued invoice stays as it is. Its country is
        its address only: how it is taxed from which day on is said by a tax profile.
        """
        with app.transactions.begin(by) as work:
            edited = edit_tenant(
                work,
                by,
                tenant_id=tenant_id,
                changes=data.changes(),
                before=lambda found: must_match(if_match, found.revision),
            )
        return Response(Tenant.of(edited), headers=etag(edited.revision))

    @get(
        "/{tenant_id:str}/tax-profiles",
        operation_id="list_tax_profiles",
        responses=refusals(*LIST, missing=_ABSENT),
        sync_to_thread=True,
    )
    def list_tax_profiles(
        self,
        app: App,
        by: By,
        tenant_id: FromPath[TenantId],
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> TaxProfiles:
        """List how a tenant is taxed.

        Oldest first; each holds until the day of the next.
        """
        with app.transactions.begin(by) as work:
            found = list_tax_profiles(
                work, by, tenant_id=tenant_id, after=TAX_PROFILES.after(cursor), limit=limit + 1
            )
        items, next_cursor = TAX_PROFILES.page(found, limit, lambda one: one.from_day, TaxProfile.of)
        return TaxProfiles(items=items, next_cursor=next_cursor)

    @put(
        "/{tenant_id:str}/tax-profiles/{from_day:str}",
        operation_id="set_tax_profile",
        guards=[operators_only],
        opt={"act": "say how a tenant is taxed"},
        responses=refusals(
            *BODY,
            "operators_only",
            "reason_required",
            "date_out_of_range",
            "period_invoiced",
            missing=_ABSENT,
        ),
        sync_to_thread=True,
    )
    def set_tax_profile(
        self,
        app: App,
        by: By,
        tenant_id: FromPath[TenantId],
        from_day: FromPath[date],
        data: JSONBody[TaxProfileToSet],
    ) -> TaxProfile:
        """Say how a tenant is taxed from a day on (platform admins).

        In place of what was said for the same day. An invoice is taxed as the last day of its period is, a
        draft when it is made anew; a day in a period that is invoiced already is refused.
        """
        profile = tax.TaxProfile(
            from_day=from_day, country=data.country, treatment=data.treatment, reason=data.reason
        )
        with app.transactions.begin(by) as work:
            made = set_tax_profile(work, by, tenant_id=tenant_id, profile=profile, now=app.clock.now())
        return TaxProfile.of(made)
