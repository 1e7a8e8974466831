"""Who acts and when in the tests of acts and stores, and the short way to a catalogue and a deployment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TypeVar
from uuid import UUID

from arcadia_app.use_cases.billing.create_deployment import create_deployment
from arcadia_app.use_cases.billing.subscribe import subscribe
from arcadia_app.use_cases.catalog.seed_catalog import seed_catalog
from arcadia_domain.billing.deployments import Deployment, State
from arcadia_domain.billing.subscriptions import Subscription
from arcadia_domain.identity import Principal, Role, operator, tenant
from arcadia_domain.ports.unit_of_work import Transactions

_Store = TypeVar("_Store", bound=Transactions)

OLGA = operator("olga")
ANN = tenant("ann", "acme")
BOB = tenant("bob", "bobs-burgers")
GATEWAY = Principal("gateway", "gateway", frozenset({Role.LLM_GATEWAY}))

TODAY = date(2026, 5, 20)
NOW = datetime(2026, 5, 20, 9, 30, tzinfo=UTC)
NOBODYS = UUID(int=0xDEAD)
"""An id that nothing has."""


@dataclass
class SetClock:
    """Stands until a test sets it."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at


def at(day: date, hour: int = 9) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def seeded(transactions: _Store) -> _Store:
    """The store with the seed's catalogue in it."""
    with transactions.begin(OLGA) as work:
        seed_catalog(work, OLGA, NOW)
    return transactions


def active(transactions: Transactions, plan_code: str) -> UUID:
    """The id of a plan's active version."""
    with transactions.begin(OLGA) as work:
        version = work.catalog.active_version(plan_code)
    assert version is not None
    assert version.id is not None
    return version.id


def deployed(
    transactions: Transactions,
    by: Principal = ANN,
    *,
    slug: str = "pilot",
    now: datetime = NOW,
    state: State = State.ACTIVE,
    tenant_id: str | None = None,
) -> Deployment:
    """A new deployment."""
    with transactions.begin(by) as work:
        return create_deployment(
            work,
            by,
            slug=slug,
            display_name=slug.title(),
            region="syd1",
            now=now,
            state=state,
            tenant_id=tenant_id,
        )


def subscribed(
    transactions: Transactions,
    deployment: Deployment,
    by: Principal = ANN,
    *,
    plan_code: str = "studio",
    addon_codes: tuple[str, ...] = (),
    now: datetime = NOW,
    starts_on: date | None = None,
) -> Subscription:
    """A new subscription of a deployment."""
    with transactions.begin(by) as work:
        return subscribe(
            work,
            by,
            deployment_id=deployment.id,
            plan_code=plan_code,
            addon_codes=addon_codes,
            now=now,
            starts_on=starts_on,
        )
