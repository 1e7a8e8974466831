"""Deployments and their history in memory. One transaction runs at a time: a lock is nothing here."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from arcadia_domain.billing.deployments import Deployment, DeploymentEvent, LlmMode, mode_from
from arcadia_domain.billing.deployments import State as DeploymentState
from arcadia_domain.identity import Principal
from arcadia_domain.period import FIRST_DAY, midnight
from tests.fakes.state import State, must_be_operator, must_own, sees


class FakeDeployments:
    def __init__(self, state: State, principal: Principal) -> None:
        self._state = state
        self._principal = principal

    def add(self, deployment: Deployment) -> bool:
        must_own(self._principal, deployment.tenant_id)
        if self.by_slug(deployment.tenant_id, deployment.slug) is not None:
            return False
        self._state.deployments[deployment.id] = deployment
        return True

    def get(self, deployment_id: UUID) -> Deployment | None:
        found = self._state.deployments.get(deployment_id)
        return found if found is not None and sees(self._principal, found.tenant_id) else None

    def get_locked(self, deployment_id: UUID) -> Deployment | None:
        return self.get(deployment_id)

    def by_slug(self, tenant_id: str, slug: str) -> Deployment | None:
        own = (d for d in self._state.deployments.values() if (d.tenant_id, d.slug) == (tenant_id, slug))
        return next((d for d in own if sees(self._principal, d.tenant_id)), None)

    def count_locked(self, tenant_id: str) -> int:
        return sum(
            d.tenant_id == tenant_id
            and d.state is not DeploymentState.ARCHIVED
            and sees(self._principal, d.tenant_id)
            for d in self._state.deployments.values()
        )

    def save(self, deployment: Deployment) -> None:
        stored = self.get(deployment.id)
        if stored is not None:
            self._state.deployments[deployment.id] = replace(
                stored, state=deployment.state, revision=deployment.revision
            )

    def edit(self, deployment: Deployment) -> None:
        must_be_operator(self._principal)
        self._state.deployments[deployment.id] = replace(
            self._state.deployments[deployment.id],
            display_name=deployment.display_name,
            llm_mode=deployment.llm_mode,
            billing_action_suspended=deployment.billing_action_suspended,
            revision=deployment.revision,
        )

    def change_llm_mode(self, before: Deployment, mode: LlmMode, from_at: datetime) -> None:
        must_be_operator(self._principal)
        points = self._state.llm_modes.setdefault(before.id, {midnight(FIRST_DAY): before.llm_mode})
        points[mode_from(from_at, max(points))] = mode

    def record(self, event: DeploymentEvent) -> None:
        must_own(self._principal, event.tenant_id)
        self._state.events.setdefault(event.deployment_id, []).append(event)

    def events(self, deployment_id: UUID) -> Sequence[DeploymentEvent]:
        events = self._state.events.get(deployment_id, [])
        return [event for event in events if sees(self._principal, event.tenant_id)]

    def page(
        self,
        *,
        after: UUID | None,
        limit: int,
        tenant_id: str | None = None,
        state: DeploymentState | None = None,
    ) -> Sequence[Deployment]:
        found = [
            d
            for d in self._state.deployments.values()
            if sees(self._principal, d.tenant_id)
            and (after is None or d.id < after)
            and tenant_id in (None, d.tenant_id)
            and state in (None, d.state)
        ]
        return sorted(found, key=lambda d: d.id, reverse=True)[:limit]

    def events_of(
        self, deployment_ids: Collection[UUID], *, last: int | None = None
    ) -> Mapping[UUID, Sequence[DeploymentEvent]]:
        first = None if last is None else -last
        return {one: events[first:] for one in deployment_ids if (events := self.events(one))}
