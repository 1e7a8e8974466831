"""Two acts at once: one after the other, whoever they are, and never both.

In each test the first act is done and its transaction still open when the second begins; the first one
commits once the second waits for it, or is done without having waited.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

import pytest
import sqlalchemy as sa

from arcadia_adapters.postgres.pools import Pools, begin
from arcadia_adapters.postgres.unit_of_work import PostgresTransactions, PostgresWork
from arcadia_app.use_cases.billing.create_deployment import SlugTaken, TooManyDeployments, create_deployment
from arcadia_app.use_cases.billing.create_tenant import TenantExists, create_tenant
from arcadia_app.use_cases.billing.edit_tenant import edit_tenant
from arcadia_app.use_cases.billing.subscribe import AlreadySubscribed, subscribe
from arcadia_app.use_cases.billing.transition import transition
from arcadia_app.use_cases.catalog.create_plan import PlanCodeTaken, create_plan
from arcadia_app.use_cases.catalog.draft_version import draft_version
from arcadia_app.use_cases.catalog.publish_version import publish_version
from arcadia_app.use_cases.catalog.seed_catalog import Seeded, seed_catalog
from arcadia_domain.billing.deployments import InvalidTransition, State
from arcadia_domain.billing.subscriptions import Subscription, Timeline
from arcadia_domain.billing.tenants import Issuer, Tenant
from arcadia_domain.identity import Principal
from arcadia_domain.period import month_of
from arcadia_domain.pricing.catalog import PlanItem, PlanVersion, VersionFrozen, VersionStatus
from tests.world import ANN, NOW, OLGA, TODAY, active, deployed, seeded

_T = TypeVar("_T")
_PATIENCE_SECONDS = 30

_IS_WAITED_FOR = sa.text(
    "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid)))"
)
_USAGE = sa.text(
    "INSERT INTO usage_daily (tenant_id, deployment_id, kind, day, source)"
    " VALUES (:tenant, :deployment, 'droplet_hours', :day, 'metered')"
)


@dataclass(frozen=True)
class Outcome:
    """What became of the second act, and whether it had to wait for the first."""

    act: Future[Any]
    waited: bool


@pytest.fixture
def transactions(pools: Pools) -> PostgresTransactions:
    return seeded(PostgresTransactions(pools))


def at_once(
    transactions: PostgresTransactions,
    first: Callable[[PostgresWork], _T],
    second: Callable[[PostgresWork], object],
    *,
    by: Principal = ANN,
) -> tuple[_T, Outcome]:
    """Both acts, in transactions that are open at the same time."""

    def act() -> object:
        with transactions.begin(by) as work:
            return second(work)

    with ThreadPoolExecutor(max_workers=1) as thread:
        with transactions.begin(by) as work:
            result = first(work)
            later = thread.submit(act)
            waited = _is_waited_for(work.connection, later)
        later.exception()  # which waits for its end
    return result, Outcome(later, waited)


def _is_waited_for(connection: sa.Connection, later: Future[Any]) -> bool:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not later.done():
        if connection.scalar(_IS_WAITED_FOR):
            return True
        assert time.monotonic() < deadline, "the second act neither waits nor ends"
    return False


def _give_up(work: PostgresWork) -> None:
    transaction = work.connection.get_transaction()
    assert transaction is not None
    transaction.rollback()


def drafted(transactions: PostgresTransactions, cents: int) -> UUID:
    with transactions.begin(OLGA) as work:
        version = _draft(work, cents)
    assert version.id is not None
    return version.id


def _draft(work: PostgresWork, cents: int) -> PlanVersion:
    items = [PlanItem("droplet_hours", Decimal(1), "hour", cents)]
    return draft_version(
        work, OLGA, plan_code="studio", base_price_cents=cents, currency="AUD", items=items, now=NOW
    )


def test_two_drafts_published_at_once_leave_the_later_one_active(transactions: PostgresTransactions) -> None:
    first, second = drafted(transactions, 6000), drafted(transactions, 7000)
    _, outcome = at_once(
        transactions,
        lambda work: publish_version(work, OLGA, version_id=first, now=NOW),
        lambda work: publish_version(work, OLGA, version_id=second, now=NOW),
        by=OLGA,
    )
    assert outcome.act.result().id == second
    with transactions.begin(OLGA) as work:
        statuses = [version.status for version in work.catalog.versions_of("studio")]
    assert statuses == [VersionStatus.RETIRED, VersionStatus.RETIRED, VersionStatus.ACTIVE]


def test_of_two_deployments_made_at_once_the_later_is_counted_after_the_earlier(
    transactions: PostgresTransactions, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployed(transactions)
    monkeypatch.setattr("arcadia_app.use_cases.billing.create_deployment.MOST_DEPLOYMENTS", 2)

    def create(work: PostgresWork, slug: str) -> None:
        create_deployment(work, ANN, slug=slug, display_name="Next", region="syd1", now=NOW)

    _, outcome = at_once(
        transactions, lambda work: create(work, "second"), lambda work: create(work, "third")
    )
    assert outcome.waited
    assert isinstance(outcome.act.exception(), TooManyDeployments)


def test_of_two_edits_of_a_tenant_the_later_finds_what_the_earlier_left(
    transactions: PostgresTransactions,
) -> None:
    deployed(transactions)
    _, outcome = at_once(
        transactions,
        lambda work: edit_tenant(work, OLGA, tenant_id="acme", changes={"terms_days": 30}),
        lambda work: edit_tenant(work, OLGA, tenant_id="acme", changes={"legal_name": "Acme"}),
        by=OLGA,
    )
    assert outcome.waited
    assert outcome.act.result() == Tenant("acme", terms_days=30, legal_name="Acme", revision=3)


def test_a_tenant_is_created_once(transactions: PostgresTransactions) -> None:
    _, outcome = at_once(
        transactions,
        lambda work: create_tenant(work, OLGA, tenant=Tenant("acme", terms_days=30), now=NOW),
        lambda work: create_tenant(work, OLGA, tenant=Tenant("acme"), now=NOW),
        by=OLGA,
    )
    assert isinstance(outcome.act.exception(), TenantExists)


def test_one_draft_is_published_once(transactions: PostgresTransactions) -> None:
    draft = drafted(transactions, 6000)
    _, outcome = at_once(
        transactions,
        lambda work: publish_version(work, OLGA, version_id=draft, now=NOW),
        lambda work: publish_version(work, OLGA, version_id=draft, now=NOW),
        by=OLGA,
    )
    assert isinstance(outcome.act.exception(), VersionFrozen)


def test_two_drafts_at_once_get_two_numbers(transactions: PostgresTransactions) -> None:
    first, outcome = at_once(
        transactions, lambda work: _draft(work, 1), lambda work: _draft(work, 2), by=OLGA
    )
    assert [first.version, outcome.act.result().version] == [2, 3]


def test_a_draft_that_is_rolled_back_leaves_its_number_free(transactions: PostgresTransactions) -> None:
    with transactions.begin(OLGA) as work:
        _draft(work, 1)
        _give_up(work)
    with transactions.begin(OLGA) as work:
        assert _draft(work, 2).version == 2


def test_a_plan_code_is_given_once(transactions: PostgresTransactions) -> None:
    _, outcome = at_once(
        transactions,
        lambda work: create_plan(work, OLGA, code="mini", name="Mini", now=NOW),
        lambda work: create_plan(work, OLGA, code="mini", name="Mini too", now=NOW),
        by=OLGA,
    )
    assert isinstance(outcome.act.exception(), PlanCodeTaken)


def test_a_first_issuer_is_made_once(pools: Pools) -> None:
    transactions = PostgresTransactions(pools)

    def make(work: PostgresWork) -> bool:
        return work.tenants.add_issuer(Issuer(work.new_id(), "Arcadia", "AU", "Australia/Sydney", "AUD"))

    made, outcome = at_once(transactions, make, make, by=OLGA)
    assert [made, outcome.act.result()] == [True, False]


def test_of_two_seeds_at_once_one_makes_the_catalogue_and_the_other_finds_it(pools: Pools) -> None:
    transactions = PostgresTransactions(pools)

    def seed(work: PostgresWork) -> Seeded:
        return seed_catalog(work, OLGA, NOW)

    made, outcome = at_once(transactions, seed, seed, by=OLGA)
    assert [made, outcome.act.result()] == [Seeded(3, 3, 6), Seeded(0, 0, 0)]


def _create(work: PostgresWork) -> object:
    return create_deployment(work, ANN, slug="pilot", display_name="Pilot", region="syd1", now=NOW)


@pytest.mark.parametrize("tenants_first", [True, False])
def test_one_of_two_equal_slugs_is_taken(transactions: PostgresTransactions, tenants_first: bool) -> None:
    if not tenants_first:
        deployed(transactions, slug="earlier")
    _, outcome = at_once(transactions, _create, _create)
    assert isinstance(outcome.act.exception(), SlugTaken)
    with transactions.begin(ANN) as work:
        kept = work.deployments.by_slug("acme", "pilot")
        assert kept is not None
        assert len(work.deployments.events(kept.id)) == 1


def test_a_slug_whose_first_taker_gave_up_is_free(transactions: PostgresTransactions) -> None:
    with ThreadPoolExecutor(max_workers=1) as thread, transactions.begin(ANN) as work:
        _create(work)
        later = thread.submit(lambda: deployed(transactions))
        assert _is_waited_for(work.connection, later)
        _give_up(work)
        assert later.result().slug == "pilot"


def test_one_of_two_subscribes_is_told_of_the_other(transactions: PostgresTransactions) -> None:
    deployment = deployed(transactions)

    def act(work: PostgresWork) -> Subscription:
        return subscribe(work, ANN, deployment_id=deployment.id, plan_code="studio", now=NOW)

    first, outcome = at_once(transactions, act, act)
    assert isinstance(outcome.act.exception(), AlreadySubscribed)
    with transactions.begin(ANN) as work:
        assert work.subscriptions.of_deployment(deployment.id) == first


def test_the_database_alone_keeps_a_second_subscription_out(transactions: PostgresTransactions) -> None:
    deployment, studio = deployed(transactions), active(transactions, "studio")

    def add(work: PostgresWork) -> bool:
        return work.subscriptions.add(
            Subscription(
                id=work.new_id(),
                tenant_id="acme",
                deployment_id=deployment.id,
                timeline=Timeline.starting(TODAY, studio),
                current_period=month_of(TODAY),
                created_at=NOW,
            )
        )

    first, outcome = at_once(transactions, add, add)
    assert [first, outcome.act.result(), outcome.waited] == [True, False, True]


def test_the_second_of_two_equal_moves_finds_the_deployment_moved(transactions: PostgresTransactions) -> None:
    deployment = deployed(transactions)

    def pause(work: PostgresWork) -> object:
        return transition(work, ANN, deployment_id=deployment.id, to=State.PAUSED, now=NOW)

    _, outcome = at_once(transactions, pause, pause)
    assert isinstance(outcome.act.exception(), InvalidTransition)
    with transactions.begin(ANN) as work:
        assert [event.to_state for event in work.deployments.events(deployment.id)] == [
            State.ACTIVE,
            State.PAUSED,
        ]


def test_a_tenant_and_an_operator_move_one_after_the_other(transactions: PostgresTransactions) -> None:
    deployment = deployed(transactions)

    def suspend() -> object:
        with transactions.begin(OLGA) as work:
            return transition(work, OLGA, deployment_id=deployment.id, to=State.SUSPENDED, now=NOW)

    with ThreadPoolExecutor(max_workers=1) as thread:
        with transactions.begin(ANN) as work:
            transition(work, ANN, deployment_id=deployment.id, to=State.PAUSED, now=NOW)
            later = thread.submit(suspend)
            assert _is_waited_for(work.connection, later)
        later.result()
    with transactions.begin(ANN) as work:
        events = work.deployments.events(deployment.id)
        moved = work.deployments.get(deployment.id)
    assert [event.to_state for event in events] == [State.ACTIVE, State.PAUSED, State.SUSPENDED]
    assert moved == replace(deployment, state=State.SUSPENDED, revision=3)


def test_usage_is_recorded_beside_an_act_without_waiting(
    transactions: PostgresTransactions, pools: Pools
) -> None:
    deployment = deployed(transactions)

    def record() -> None:
        with begin(pools.operator) as connection:
            row = {"tenant": "acme", "deployment": deployment.id, "day": date(2026, 5, 19)}
            connection.execute(_USAGE, row)

    with ThreadPoolExecutor(max_workers=1) as thread, transactions.begin(ANN) as work:
        transition(work, ANN, deployment_id=deployment.id, to=State.PAUSED, now=NOW)
        assert not _is_waited_for(work.connection, thread.submit(record))
