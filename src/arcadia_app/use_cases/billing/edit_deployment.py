"""Edit a deployment: its name, who pays for its tokens, and whether automation skips it (SPEC 5)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from arcadia_app.use_cases.billing.scope import locked_deployment
from arcadia_domain.billing.deployments import Deployment, DeploymentEvent, EventKind, LlmMode
from arcadia_domain.identity import Principal
from arcadia_domain.ports.unit_of_work import Work

_FIELDS = ("display_name", "llm_mode", "billing_action_suspended")


def edit_deployment(
    work: Work,
    by: Principal,
    *,
    deployment_id: UUID,
    now: datetime,
    display_name: str | None = None,
    llm_mode: LlmMode | None = None,
    billing_action_suspended: bool | None = None,
    before: Callable[[Deployment], None] = lambda found: None,
) -> Deployment:
    """The deployment with what is given, recorded; what is None stays. `before` may refuse what it finds.

    The mode in force when an event occurred decides who pays: a change holds from now on, and what held
    before is kept. Raises OperatorsOnly, DeploymentNotFound, EmptyName, HoldsNul.
    """
    by.must_be_operator("edit a deployment")
    found = locked_deployment(work, by, deployment_id)
    before(found)
    edited = found.edited(
        display_name=display_name, llm_mode=llm_mode, billing_action_suspended=billing_action_suspended
    )
    if edited is found:
        return found
    work.deployments.edit(edited)
    if edited.llm_mode is not found.llm_mode:
        work.deployments.change_llm_mode(found, edited.llm_mode, now)
    details = {
        name: getattr(edited, name) for name in _FIELDS if getattr(edited, name) != getattr(found, name)
    }
    work.deployments.record(
        DeploymentEvent.of(EventKind.EDITED, edited, by, now, id=work.new_id(), before=found, details=details)
    )
    return edited
