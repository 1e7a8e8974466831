"""An operator says whose a cost line is, and takes it back (SPEC 10).

It counts before who held the resource, and it stays with what the row says, whatever is ingested again.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from arcadia_app.use_cases.billing.billing_run.check_rollup import UnknownTenant
from arcadia_app.use_cases.billing.scope import visible_deployment
from arcadia_app.use_cases.cloud.read_costs import found_line
from arcadia_domain.cloud.charges import PlacedCharge, Ruling
from arcadia_domain.errors import DomainError
from arcadia_domain.identity import Principal
from arcadia_domain.ports.unit_of_work import Work


class DeploymentOfOtherTenant(DomainError):
    code = "deployment_of_other_tenant"
    sentence = "Deployment {deployment_id} is {owner}'s: name that tenant with it, or no deployment."
    field = "deployment_id"


def attribute_line(
    work: Work,
    by: Principal,
    *,
    line_id: UUID,
    tenant_id: str | None,
    deployment_id: UUID | None,
    reason: str,
    now: datetime,
) -> PlacedCharge:
    """The line, ruled to be that tenant's, in that deployment or in none; tenant None: nobody's, on purpose.

    Again the same: nothing changes. Raises OperatorsOnly, CostLineNotFound, UnknownTenant,
    DeploymentNotFound, DeploymentOfOtherTenant.
    """
    by.must_be_operator("attribute a cost line")
    charge = found_line(work, line_id)
    _must_be_there(work, by, tenant_id, deployment_id)
    said = charge.ruling
    if said is not None and (said.tenant_id, said.deployment_id, said.reason) == (
        tenant_id,
        deployment_id,
        reason,
    ):
        return charge
    ruling = Ruling(tenant_id=tenant_id, deployment_id=deployment_id, reason=reason, actor=by.subject, at=now)
    work.charges.rule(charge, ruling)
    return replace(charge, ruling=ruling)


def take_back_attribution(work: Work, by: Principal, *, line_id: UUID) -> PlacedCharge:
    """The line, borne again by who held its resource. Without a ruling nothing changes.

    Raises OperatorsOnly, CostLineNotFound.
    """
    by.must_be_operator("attribute a cost line")
    charge = found_line(work, line_id)
    work.charges.rule(charge, None)
    return replace(charge, ruling=None)


def _must_be_there(work: Work, by: Principal, tenant_id: str | None, deployment_id: UUID | None) -> None:
    if tenant_id is not None and work.tenants.get(tenant_id) is None:
        raise UnknownTenant(tenant_id=tenant_id)
    if deployment_id is not None:
        owner = visible_deployment(work, by, deployment_id).tenant_id
        if owner != tenant_id:
            raise DeploymentOfOtherTenant(deployment_id=deployment_id, owner=owner)
