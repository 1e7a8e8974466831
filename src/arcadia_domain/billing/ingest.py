"""Usage that other services tell us, event by event: whose it is, and what became of each (SPEC 7, 8).

Owns what both ways in share: idempotency by an event's id and payload, and the verdicts. What the LLM gateway
tells is `llm_usage`'s, what pushed usage tells is `usage_events`'.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol
from uuid import UUID

from arcadia_domain.billing.deployments import LlmMode
from arcadia_domain.billing.usage import DayOfKind, Source, SourceConflict
from arcadia_domain.errors import DomainError
from arcadia_domain.identity import Principal, Role
from arcadia_domain.period import check_day, check_instant

CLOCKS_DIFFER: Final = timedelta(minutes=5)
"""How far ahead of ours another service's clock may be."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class GatewayOnly(DomainError):
    code = "gateway_only"
    sentence = "Only the LLM gateway or a platform admin may record usage."


class EventConflict(DomainError):
    code = "event_conflict"
    sentence = "Event {event_id!r} is recorded with another payload, which stays: a new event needs a new id."


class OccurredInFuture(DomainError):
    code = "occurred_in_future"
    sentence = "The event occurred at {occurred_at}, but it is {now} only."
    field = "occurred_at"


class Stream(StrEnum):
    """A way in. An id is known within its own."""

    LLM = "llm"
    USAGE = "usage"


class Outcome(StrEnum):
    """What became of an event that was not refused."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"


Verdict = Outcome | DomainError
"""What became of an event. EventConflict: its id has another payload. Any other error: it was refused."""


class Event(Protocol):
    """What somebody tells, once: an id that is theirs to choose, and a payload."""

    @property
    def id(self) -> str: ...

    @property
    def payload_sha256(self) -> bytes:
        """The same for the same payload, however it was written."""


@dataclass(frozen=True, slots=True)
class Account:
    """What must be known of a deployment to record its usage."""

    deployment_id: UUID
    tenant_id: str
    currency: str
    llm_mode: LlmMode
    llm_modes: tuple[tuple[datetime, LlmMode], ...] = ()
    """The change points of the mode, in order; none where it has never changed."""

    def llm_mode_at(self, instant: datetime) -> LlmMode:
        """The mode in force at an instant; before the first change point, what held first."""
        if not self.llm_modes:
            return self.llm_mode
        later = bisect_right(self.llm_modes, instant, key=lambda point: point[0])
        return self.llm_modes[max(0, later - 1)][1]


@dataclass(frozen=True, slots=True)
class Met:
    """What a batch met that stood in its way. The rest of it is recorded."""

    recorded: Mapping[str, bytes]
    """By id: the payload's hash of each event that was there before."""
    taken: Mapping[str, tuple[DayOfKind, Source]]
    """By id: the day of each event that was left out, and the source that has it."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Events as they came, and what was thought of them before they were recorded."""

    events: Sequence[Event]
    first: Mapping[str, int]
    """By id: the place of the first event that was good enough to be recorded."""
    refused: Mapping[int, DomainError]
    """By place: why an event before the first was not."""

    def verdicts(self, met: Met, source: Source) -> list[Verdict]:
        """What became of each event, in their order. `source` is what they would have been recorded as.

        What is recorded decides before anything else: an event that was told before is a duplicate, or a
        conflict, whatever is wrong with it today.
        """
        if len(self.first) == len(self.events) and not met.recorded and not met.taken:
            return [Outcome.ACCEPTED] * len(self.events)
        return [self._verdict(place, event, met, source) for place, event in enumerate(self.events)]

    def _verdict(self, place: int, event: Event, met: Met, source: Source) -> Verdict:
        recorded = met.recorded.get(event.id)
        if recorded is not None:
            return _again(event, recorded)
        if place in self.refused:
            return self.refused[place]
        if event.id in met.taken:
            return _taken(*met.taken[event.id], source)
        first = self.first[event.id]
        return Outcome.ACCEPTED if first == place else _again(event, self.events[first].payload_sha256)


def _again(event: Event, recorded: bytes) -> Verdict:
    """Of an event whose id is recorded."""
    if event.payload_sha256 == recorded:
        return Outcome.DUPLICATE
    return EventConflict(event_id=event.id)


def _taken(day: DayOfKind, holder: Source, source: Source) -> SourceConflict:
    return SourceConflict(
        tenant_id=day.tenant_id,
        kind=day.kind,
        deployment_id=day.deployment_id,
        day=day.day,
        first=holder.value,
        second=source.value,
    )


def must_be_gateway(by: Principal) -> None:
    """Raise GatewayOnly unless the principal may record usage (SPEC 16)."""
    if not (by.is_operator or Role.LLM_GATEWAY in by.roles):
        raise GatewayOnly()


def occurred_day(occurred_at: datetime, now: datetime) -> date:
    """The UTC day that an event counts to; any past one does.

    Raises OccurredInFuture, NaiveInstant, DateOutOfRange.
    """
    instant = check_instant(occurred_at, "The instant of an event")
    if instant > now + CLOCKS_DIFFER:
        raise OccurredInFuture(occurred_at=instant.isoformat(), now=now.isoformat())
    return check_day(instant.date(), "The day of an event")


def since_epoch(instant: datetime) -> str:
    """An instant as text that is the same in every time zone."""
    since = instant - _EPOCH
    return f"{since.days}/{since.seconds}/{since.microseconds}"


def payload_sha256(*facts: str) -> bytes:
    """The hash of a payload: its facts in a fixed order, each written in one way, without a NUL."""
    return hashlib.sha256("\0".join(facts).encode()).digest()
