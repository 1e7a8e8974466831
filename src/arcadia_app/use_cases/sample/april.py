"""April 2026, as the sample account lived it: who subscribed to what, and whose droplets ran.

Owns the days and the names. Every amount comes of them and of the account's files; none stands here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from arcadia_app.use_cases.billing.create_deployment import create_deployment
from arcadia_app.use_cases.billing.subscribe import subscribe
from arcadia_app.use_cases.cloud.assign_resource import assign_resource
from arcadia_app.use_cases.cloud.record_inventory import record_inventory
from arcadia_domain.billing.deployments import Deployment
from arcadia_domain.cloud.inventory import CloudResource
from arcadia_domain.identity import Principal
from arcadia_domain.period import midnight, month_of
from arcadia_domain.ports.unit_of_work import Work

APRIL = month_of(date(2026, 4, 1))
MAY_FIRST = datetime(2026, 5, 1, 3, 0, tzinfo=UTC)
"""When the month end runs (SPEC 17)."""


@dataclass(frozen=True, slots=True)
class SampleTenant:
    """A tenant with one deployment, on a plan from the first of April."""

    tenant_id: str
    display_name: str
    plan_code: str
    addon_codes: tuple[str, ...] = ()


PILOT = SampleTenant("pilot", "Pilot", "studio", ("storage_50gb",))
"""Golden 3, with the first three droplets of the account."""

CORNER_SHOP = SampleTenant("corner-shop", "Corner shop", "starter")
"""A second tenant, with the droplets that are left."""

PILOTS_DROPLETS = 3


def begin_april(
    work: Work, by: Principal, tenant: SampleTenant, *, account: str, droplets: Sequence[CloudResource]
) -> Deployment:
    """The tenant subscribes, its droplets are seen, and are its deployment's from the first of April.

    Raises SlugTaken where it has done so before, UnknownPlan where nothing is seeded.
    """
    deployment = create_deployment(
        work,
        by,
        slug=tenant.tenant_id,
        display_name=tenant.display_name,
        region="syd1",
        tenant_id=tenant.tenant_id,
        now=midnight(APRIL.start),
    )
    subscribe(
        work,
        by,
        deployment_id=deployment.id,
        plan_code=tenant.plan_code,
        addon_codes=tenant.addon_codes,
        starts_on=APRIL.start,
        now=MAY_FIRST,
    )
    record_inventory(work, by, account=account, seen=droplets, now=MAY_FIRST)
    its_own = {droplet.key for droplet in droplets}
    for resource in work.inventory.of_account(account):
        if resource.key in its_own:
            assign_resource(
                work,
                by,
                resource_id=resource.id,
                deployment_id=deployment.id,
                from_at=midnight(APRIL.start),
                now=MAY_FIRST,
            )
    return deployment
