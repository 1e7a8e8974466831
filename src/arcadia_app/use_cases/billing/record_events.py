"""Record a batch of usage events, and say of each what became of it (SPEC 7, 8). Both ways in are this."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol, TypeVar
from uuid import UUID

from arcadia_app.use_cases.billing.scope import DeploymentNotFound
from arcadia_domain.billing.ingest import Account, Batch, Event, Met, Stream, Verdict, must_be_gateway
from arcadia_domain.billing.usage import Source
from arcadia_domain.errors import DomainError
from arcadia_domain.identity import Principal
from arcadia_domain.ports.unit_of_work import Work


class DeploymentEvent(Event, Protocol):
    """An event of one deployment."""

    @property
    def deployment_id(self) -> UUID: ...


E = TypeVar("E", bound=DeploymentEvent)
U = TypeVar("U")


def record_events(
    work: Work,
    by: Principal,
    events: Sequence[E],
    *,
    stream: Stream,
    source: Source,
    judge: Callable[[E, Account, datetime], U],
    record: Callable[[Sequence[U], UUID, datetime], Met],
    now: datetime,
) -> list[Verdict]:
    """What became of each event, in their order. One that is refused never fails its neighbours.

    `judge` makes an event ready to be recorded, or raises the reason why it is refused. Of an id that comes
    twice, the first that may be recorded is. Raises GatewayOnly.
    """
    must_be_gateway(by)
    accounts = work.ingest.accounts({event.deployment_id for event in events})
    first: dict[str, int] = {}
    refused: dict[int, DomainError] = {}
    ready: list[U] = []
    for place, event in enumerate(events):
        if event.id in first:
            continue
        try:
            ready.append(judge(event, _account(accounts, event), now))
            first[event.id] = place
        except DomainError as error:
            refused[place] = error
    before = work.ingest.recorded(stream, {events[place].id for place in refused}) if refused else {}
    met = record(ready, work.new_id(), now) if ready else Met({}, {})
    left_out = work.ingest.recorded(stream, met.taken) if met.taken else {}
    met = replace(met, recorded={**before, **left_out, **met.recorded})
    return Batch(events, first, refused).verdicts(met, source)


def _account(accounts: Mapping[UUID, Account], event: DeploymentEvent) -> Account:
    try:
        return accounts[event.deployment_id]
    except KeyError:
        raise DeploymentNotFound(deployment_id=event.deployment_id) from None
