"""Subscriptions in memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date
from uuid import UUID

from arcadia_domain.billing.subscriptions import Subscription, SubscriptionAddon
from arcadia_domain.identity import Principal
from arcadia_domain.pricing.stretch import Status
from tests.fakes.state import State, must_own, sees


class FakeSubscriptions:
    def __init__(self, state: State, principal: Principal) -> None:
        self._state = state
        self._principal = principal

    def add(self, subscription: Subscription) -> bool:
        must_own(self._principal, subscription.tenant_id)
        status = subscription.status_on(subscription.created_at.astimezone(UTC).date())
        there = self.of_deployment(subscription.deployment_id)
        if status is not Status.CANCELLED and there is not None and not self._is_cancelled(there):
            return False
        self._state.subscriptions[subscription.id] = subscription
        self._state.standing[subscription.id] = status
        return True

    def of_deployment(self, deployment_id: UUID) -> Subscription | None:
        own = [
            subscription
            for subscription in self._state.subscriptions.values()
            if subscription.deployment_id == deployment_id and sees(self._principal, subscription.tenant_id)
        ]
        return max(own, key=lambda s: (not self._is_cancelled(s), s.created_at, s.id), default=None)

    def save(self, subscription: Subscription, today: date) -> None:
        must_own(self._principal, subscription.tenant_id)
        self._state.subscriptions[subscription.id] = replace(
            self._state.subscriptions[subscription.id],
            timeline=subscription.timeline,
            current_period=subscription.current_period,
            revision=subscription.revision,
        )
        self._state.standing[subscription.id] = subscription.status_on(today)

    def attach(self, subscription: Subscription, addon: SubscriptionAddon) -> None:
        must_own(self._principal, subscription.tenant_id)
        stored = self._state.subscriptions[subscription.id]
        addons = sorted((*stored.addons, addon), key=lambda one: (one.attached_at, one.id))
        self._state.subscriptions[subscription.id] = replace(stored, addons=tuple(addons))

    def of_deployments(self, deployment_ids: Collection[UUID]) -> Mapping[UUID, Subscription]:
        found = {one: self.of_deployment(one) for one in deployment_ids}
        return {one: subscription for one, subscription in found.items() if subscription is not None}

    def every_of(self, deployment_ids: Collection[UUID]) -> Mapping[UUID, Sequence[Subscription]]:
        every = self._state.subscriptions.values()
        held: dict[UUID, list[Subscription]] = defaultdict(list)
        for one in sorted(every, key=lambda s: (s.timeline.start, s.created_at, s.id)):
            if one.deployment_id in deployment_ids and sees(self._principal, one.tenant_id):
                held[one.deployment_id].append(one)
        return dict(held)

    def detach(self, subscription: Subscription, addon: SubscriptionAddon) -> None:
        stored = self._state.subscriptions[subscription.id]
        if not sees(self._principal, stored.tenant_id):
            return
        must_own(self._principal, stored.tenant_id)
        addons = tuple(replace(a, to_day=addon.to_day) if a.id == addon.id else a for a in stored.addons)
        self._state.subscriptions[subscription.id] = replace(stored, addons=addons)

    def _is_cancelled(self, subscription: Subscription) -> bool:
        return self._state.standing[subscription.id] is Status.CANCELLED
