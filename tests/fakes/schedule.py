"""The schedule in memory. One transaction runs at a time, so no row is ever locked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from arcadia_domain.identity import Principal
from arcadia_domain.ports.schedule import Scheduled
from tests.fakes.state import State, must_be_operator


class FakeSchedule:
    def __init__(self, state: State, principal: Principal) -> None:
        self._state = state
        self._principal = principal

    def rows(self) -> Sequence[Scheduled]:
        must_be_operator(self._principal)
        return [self._state.schedule[name] for name in sorted(self._state.schedule)]

    def put(self, rows: Mapping[str, tuple[str, datetime]], now: datetime) -> None:
        must_be_operator(self._principal)
        for name, (cron, next_at) in rows.items():
            row = self._state.schedule.get(name)
            if row is None:
                self._state.schedule[name] = Scheduled(name, cron, next_at)
            elif row.cron != cron:
                due = row.next_at if row.next_at <= now else next_at
                self._state.schedule[name] = replace(row, cron=cron, next_at=due)

    def take_due(self, now: datetime, names: Collection[str]) -> Sequence[Scheduled]:
        return [row for row in self.rows() if row.next_at <= now and not row.paused and row.name in names]

    def fired(self, name: str, *, next_at: datetime, last_at: datetime, job_id: UUID | None) -> None:
        row = self._state.schedule[name]
        moved = replace(row, next_at=next_at, last_at=last_at, last_job_id=job_id or row.last_job_id)
        self._state.schedule[name] = moved

    def pause(self, name: str, *, paused: bool) -> bool:
        must_be_operator(self._principal)
        row = self._state.schedule.get(name)
        if row is not None:
            self._state.schedule[name] = replace(row, paused=paused)
        return row is not None
