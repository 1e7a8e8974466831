"""Create a deployment: the billable unit. A tenant's first one makes the tenant's row (SPEC 5)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from arcadia_domain.billing.deployments import Deployment, DeploymentEvent, EventKind, LlmMode, State
from arcadia_domain.billing.tenants import Tenant
from arcadia_domain.errors import DomainError
from arcadia_domain.identity import PLATFORM, Principal
from arcadia_domain.ports.unit_of_work import Work


class SlugTaken(DomainError):
    code = "slug_taken"
    sentence = "The tenant has a deployment {slug!r} already."
    field = "slug"


class TooManyDeployments(DomainError):
    code = "too_many_deployments"
    sentence = "A tenant has at most {most} deployments that are not archived: ask us to archive one."


class TenantRequired(DomainError):
    code = "tenant_required"
    sentence = "Say which tenant the deployment is for: a platform admin has none of their own."
    field = "tenant_id"


class OtherTenant(DomainError):
    code = "other_tenant"
    sentence = "Only a platform admin may create a deployment for another tenant."
    field = "tenant_id"


class InvalidFirstState(DomainError):
    code = "invalid_first_state"
    sentence = "A deployment starts active, or in trial where a platform admin says so; not {state}."
    field = "state"


MOST_DEPLOYMENTS: Final = 1000
"""How many deployments of one tenant may not be archived, unless a platform admin makes more."""


def create_deployment(
    work: Work,
    by: Principal,
    *,
    slug: str,
    display_name: str,
    region: str,
    now: datetime,
    llm_mode: LlmMode = LlmMode.GATEWAY,
    tenant_id: str | None = None,
    state: State = State.ACTIVE,
) -> Deployment:
    """A new deployment, active unless an operator starts it in trial.

    Raises TenantRequired, OtherTenant, InvalidFirstState, InvalidTenant, InvalidSlug, EmptyName,
    TooManyDeployments, SlugTaken.
    """
    if state not in (State.ACTIVE, State.TRIAL) or (state is State.TRIAL and not by.is_operator):
        raise InvalidFirstState(state=state.value)
    deployment = Deployment(
        id=work.new_id(),
        tenant_id=_tenant(by, tenant_id),
        slug=slug,
        display_name=display_name,
        region=region,
        created_at=now,
        state=state,
        llm_mode=llm_mode,
    )
    work.tenants.ensure(Tenant(deployment.tenant_id), now)
    if not by.is_operator and work.deployments.count_locked(deployment.tenant_id) >= MOST_DEPLOYMENTS:
        raise TooManyDeployments(most=MOST_DEPLOYMENTS)
    if not work.deployments.add(deployment):
        raise SlugTaken(slug=slug)
    work.deployments.record(
        DeploymentEvent.of(EventKind.STATE, deployment, by, now, id=work.new_id(), before=None)
    )
    return deployment


def _tenant(by: Principal, tenant_id: str | None) -> str:
    if not by.is_operator:
        if tenant_id not in (None, by.tenant_id):
            raise OtherTenant(tenant_id=tenant_id)
        return by.tenant_id
    if tenant_id is None and by.tenant_id == PLATFORM:
        raise TenantRequired()
    return tenant_id or by.tenant_id
