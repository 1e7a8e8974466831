"""Deployments: the billable unit, and its whole life on one screen (SPEC 5).

Owns the states, the transition map, and who may move what. What a move does to the subscription's timeline is
said by `STATUS_OF`; recording it is the use case's work.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from arcadia_domain.errors import DomainError
from arcadia_domain.identity import Principal
from arcadia_domain.pricing.catalog import not_empty
from arcadia_domain.pricing.stretch import Status


class State(StrEnum):
    TRIAL = "trial"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    PAUSED = "paused"
    SUSPENDED = "suspended"
    CANCELLED = "cancelled"
    ARCHIVED = "archived"


TRANSITIONS: Mapping[State, frozenset[State]] = MappingProxyType(
    {
        State.TRIAL: frozenset({State.ACTIVE, State.SUSPENDED, State.CANCELLED}),
        State.ACTIVE: frozenset({State.PAST_DUE, State.PAUSED, State.SUSPENDED, State.CANCELLED}),
        State.PAST_DUE: frozenset({State.ACTIVE, State.SUSPENDED, State.CANCELLED}),
        State.PAUSED: frozenset({State.ACTIVE, State.SUSPENDED, State.CANCELLED}),
        State.SUSPENDED: frozenset({State.ACTIVE, State.CANCELLED}),
        State.CANCELLED: frozenset({State.ARCHIVED}),
        State.ARCHIVED: frozenset(),
    }
)

TENANT_MOVES: frozenset[tuple[State, State]] = frozenset(
    {
        (State.ACTIVE, State.PAUSED),
        (State.PAUSED, State.ACTIVE),
        (State.TRIAL, State.CANCELLED),
        (State.ACTIVE, State.CANCELLED),
        (State.PAUSED, State.CANCELLED),
    }
)
"""What a tenant may do alone.
Every other move is an operator's, so that nobody lifts their own suspension.
"""

STATUS_OF: Mapping[State, Status] = MappingProxyType(
    {
        State.TRIAL: Status.TRIAL,
        State.ACTIVE: Status.ACTIVE,
        State.PAST_DUE: Status.ACTIVE,
        State.PAUSED: Status.PAUSED,
        State.SUSPENDED: Status.PAUSED,
        State.CANCELLED: Status.CANCELLED,
        State.ARCHIVED: Status.CANCELLED,
    }
)
"""How a subscription stands while its deployment is in a state."""


class LlmMode(StrEnum):
    """Who pays for tokens: the gateway's charges, the plan's allowance, the tenant's own key, or nobody."""

    GATEWAY = "gateway"
    PLAN = "plan"
    BYOK = "byok"
    OFF = "off"


def mode_from(asked: datetime, last: datetime) -> datetime:
    """The instant from which a change of mode holds: the one asked for, but after the last change.

    Who asks reads the clock before it waits for whoever changes the mode at the same time.
    """
    return max(asked, last + timedelta(microseconds=1))


class InvalidTransition(DomainError):
    code = "invalid_transition"
    sentence = (
        "A deployment that is {from_state} cannot become {to_state}; from there it may become: {allowed}."
    )
    field = "to"


class TransitionForbidden(DomainError):
    code = "transition_forbidden"
    sentence = "Only a platform admin may move a deployment from {from_state} to {to_state}."


class InvoiceOverdue(DomainError):
    code = "invoice_overdue"
    sentence = (
        "A paused deployment cannot become active while an invoice of its tenant is overdue: pay it first."
    )


class InvalidSlug(DomainError):
    code = "invalid_slug"
    sentence = (
        "{slug!r} is not a slug: 1 to 63 lower-case letters, digits and hyphens are expected, "
        "with a letter or digit at both ends."
    )
    field = "slug"


_SLUG = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Deployment:
    """One app instance of a tenant: what is subscribed, metered and invoiced."""

    id: UUID
    tenant_id: str
    slug: str
    display_name: str
    region: str
    created_at: datetime
    state: State = State.ACTIVE
    llm_mode: LlmMode = LlmMode.GATEWAY
    billing_action_suspended: bool = False
    provisioning_state: str = "none"
    template_code: str | None = None
    template_version: int | None = None
    revision: int = 1

    def __post_init__(self) -> None:
        not_empty(self.tenant_id, "A deployment's tenant")
        not_empty(self.display_name, "A deployment's display name")
        not_empty(self.region, "A deployment's region")
        if not _SLUG.fullmatch(self.slug):
            raise InvalidSlug(slug=self.slug)

    def edited(
        self,
        *,
        display_name: str | None = None,
        llm_mode: LlmMode | None = None,
        billing_action_suspended: bool | None = None,
    ) -> Deployment:
        """The deployment with what is given; itself where nothing differs. Raises EmptyName, HoldsNul."""
        edited = replace(
            self,
            display_name=self.display_name if display_name is None else display_name,
            llm_mode=self.llm_mode if llm_mode is None else llm_mode,
            billing_action_suspended=(
                self.billing_action_suspended
                if billing_action_suspended is None
                else billing_action_suspended
            ),
        )
        return self if edited == self else edited.touched()

    def touched(self) -> Deployment:
        """The deployment in its next revision: something that is read with it has changed."""
        return replace(self, revision=self.revision + 1)

    def moved_to(self, to: State, by: Principal, *, invoice_overdue: bool) -> Deployment:
        """The deployment in its new state.

        The map comes first: a move outside it is refused for anybody.
        Raises InvalidTransition, TransitionForbidden, InvoiceOverdue.
        """
        if to not in TRANSITIONS[self.state]:
            allowed = ", ".join(sorted(TRANSITIONS[self.state])) or "nothing"
            raise InvalidTransition(from_state=self.state.value, to_state=to.value, allowed=allowed)
        if not by.is_operator and (self.state, to) not in TENANT_MOVES:
            raise TransitionForbidden(from_state=self.state.value, to_state=to.value)
        if self.state is State.PAUSED and to is State.ACTIVE and invoice_overdue:
            raise InvoiceOverdue()
        return replace(self.touched(), state=to)


class EventKind(StrEnum):
    """What a deployment's event tells of."""

    STATE = "state"
    PLAN_CHANGE = "plan_change"
    ADDON = "addon"
    EDITED = "edited"


@dataclass(frozen=True, slots=True)
class DeploymentEvent:
    """One entry of a deployment's history: who did what, when. Never changed, never removed."""

    id: UUID
    deployment_id: UUID
    tenant_id: str
    kind: EventKind
    from_state: State | None
    to_state: State | None
    actor: str
    reason: str | None
    at: datetime
    details: Mapping[str, object] | None = None

    @classmethod
    def of(
        cls,
        kind: EventKind,
        deployment: Deployment,
        by: Principal,
        at: datetime,
        *,
        id: UUID,
        before: Deployment | None,
        reason: str | None = None,
        details: Mapping[str, object] | None = None,
    ) -> DeploymentEvent:
        """What became of a deployment: as it is now, and as it was `before` (None: it was not there)."""
        return cls(
            id=id,
            deployment_id=deployment.id,
            tenant_id=deployment.tenant_id,
            kind=kind,
            from_state=None if before is None else before.state,
            to_state=deployment.state,
            actor=by.subject,
            reason=reason,
            at=at,
            details=details,
        )
