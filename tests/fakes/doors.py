"""Kept answers and rate limits in memory. One transaction runs at a time: a claim is always granted."""

from __future__ import annotations

from datetime import datetime, timedelta

from arcadia_domain.identity import Principal
from arcadia_domain.ports.doors import AnswerKey, KeptAnswer, Rate
from tests.fakes.state import State, sees


class FakeAnswers:
    def __init__(self, state: State, principal: Principal) -> None:
        self._state = state
        self._principal = principal

    def claim(self, key: AnswerKey) -> bool:
        return True

    def find(self, key: AnswerKey, now: datetime) -> KeptAnswer | None:
        answer, expires_at = self._state.answers.get(key, (None, now))
        return answer if sees(self._principal, key.tenant_id) and expires_at > now else None

    def keep(self, key: AnswerKey, answer: KeptAnswer, expires_at: datetime) -> None:
        if not sees(self._principal, key.tenant_id):
            raise PermissionError(f"{self._principal.subject} may not keep answers of {key.tenant_id}")
        self._state.answers[key] = (answer, expires_at)


class FakeRateLimits:
    def __init__(self, state: State, principal: Principal) -> None:
        self._state = state

    def take(self, tenant_id: str, rate: Rate, now: datetime) -> timedelta | None:
        free_at = max(self._state.free_at.get(tenant_id, now), now) + rate.interval
        if free_at > now + rate.window:
            return free_at - rate.window - now
        self._state.free_at[tenant_id] = free_at
        return None
