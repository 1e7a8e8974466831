"""Moves of a deployment: from which day on its subscription stands as it does (SPEC 5; ADR 0008, 0019)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from arcadia_domain.billing.deployments import STATUS_OF, DeploymentEvent, EventKind, State
from arcadia_domain.period import midnight
from arcadia_domain.pricing.stretch import Status

_ONE_DAY = timedelta(days=1)


def state_after(day: date, history: Sequence[DeploymentEvent]) -> State | None:
    """The state in which a deployment left a UTC day; None: it was not there yet."""
    end = midnight(day + _ONE_DAY)
    moves = (event for event in reversed(history) if event.kind is EventKind.STATE and event.at < end)
    return next((event.to_state for event in moves), None)


def holds_from(to: State, at: datetime, history: Sequence[DeploymentEvent]) -> date:
    """The UTC day from which on the subscription stands as a deployment that moves to another status.

    The day of the move; but a day that began out of service and was resumed is a day in service, and a pause
    holds from the next.
    """
    day = at.astimezone(UTC).date()
    if STATUS_OF[to] is not Status.PAUSED:
        return day
    began_as = state_after(day - _ONE_DAY, history)
    return day if began_as is None or STATUS_OF[began_as].in_service else day + _ONE_DAY
