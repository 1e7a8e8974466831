"""What the acts leave in the tables, and how many statements reading and writing takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from arcadia_adapters.postgres.billing.tenants import SHARDS, shard_of
from arcadia_adapters.postgres.pools import Pools, begin
from arcadia_adapters.postgres.tables.deployments import cloud_deployment_events
from arcadia_adapters.postgres.tables.subscriptions import subscription_changes, subscriptions
from arcadia_adapters.postgres.tables.tenants import tenants
from arcadia_adapters.postgres.unit_of_work import PostgresTransactions
from arcadia_app.use_cases.billing.attach_addon import attach_addon
from arcadia_app.use_cases.billing.change_plan_version import change_plan_version
from arcadia_app.use_cases.billing.transition import transition
from arcadia_domain.billing.deployments import State
from arcadia_domain.billing.subscriptions import Timeline
from tests.world import ANN, GATEWAY, NOW, OLGA, TODAY, active, at, deployed, seeded, subscribed

JUNE = date(2026, 6, 1)


@pytest.fixture
def transactions(pools: Pools) -> PostgresTransactions:
    return seeded(PostgresTransactions(pools))


def rows(pools: Pools, table: sa.Table, *columns: Any) -> list[tuple[Any, ...]]:
    with begin(pools.operator) as connection:
        found = connection.execute(sa.select(*columns).select_from(table).order_by(*columns))
        return [tuple(row) for row in found]


@contextmanager
def counted(connection: sa.Connection) -> Iterator[list[str]]:
    """The statements that go to the database within the block."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    sa.event.listen(connection, "before_cursor_execute", note)
    yield seen
    sa.event.remove(connection, "before_cursor_execute", note)


def test_each_principal_comes_by_its_own_role(transactions: PostgresTransactions) -> None:
    roles = {}
    for principal in (ANN, OLGA, GATEWAY):
        with transactions.begin(principal) as work:
            roles[principal.subject] = work.connection.scalar(sa.text("SELECT session_user::text"))
    assert roles == {"ann": "arcadia_tenant", "olga": "arcadia_operator", "gateway": "arcadia_gateway"}


def test_a_subscriptions_row_shows_how_it_stands_on_the_day_of_the_act(
    transactions: PostgresTransactions, pools: Pools
) -> None:
    shown = subscriptions.c.status, subscriptions.c.plan_version_id
    studio, pro = active(transactions, "studio"), active(transactions, "pro")
    deployment = deployed(transactions)
    subscribed(transactions, deployment)
    with transactions.begin(ANN) as work:
        change_plan_version(work, ANN, deployment_id=deployment.id, plan_code="pro", now=NOW, from_day=JUNE)
    assert rows(pools, subscriptions, *shown) == [("active", studio)]
    for to, day in ((State.PAUSED, JUNE), (State.CANCELLED, JUNE + timedelta(days=1))):
        with transactions.begin(ANN) as work:
            transition(work, ANN, deployment_id=deployment.id, to=to, now=at(day))
        assert rows(pools, subscriptions, *shown) == [(to.value, pro)]


def test_a_trial_is_shown_as_active(transactions: PostgresTransactions, pools: Pools) -> None:
    deployment = deployed(transactions, OLGA, tenant_id="acme", state=State.TRIAL)
    subscribed(transactions, deployment)
    assert rows(pools, subscriptions, subscriptions.c.status) == [("active",)]
    assert rows(pools, subscription_changes, subscription_changes.c.status) == [("trial",)]


def test_a_point_that_stays_is_not_written_again(transactions: PostgresTransactions, pools: Pools) -> None:
    def versions_of_rows() -> dict[date, Any]:
        day = subscription_changes.c.from_day
        return dict(rows(pools, subscription_changes, day, sa.text("xmin::text")))

    subscription = subscribed(transactions, deployed(transactions))
    before = versions_of_rows()
    pro = active(transactions, "pro")
    longer = replace(subscription, timeline=subscription.timeline.with_version(JUNE, pro))
    with transactions.begin(ANN) as work:
        work.subscriptions.save(longer, TODAY)
    after = versions_of_rows()
    assert set(after) == {TODAY, JUNE}
    assert after[TODAY] == before[TODAY]


def test_events_are_numbered_per_deployment_without_a_gap(
    transactions: PostgresTransactions, pools: Pools
) -> None:
    deployment, other = deployed(transactions), deployed(transactions, slug="other")
    for to in (State.PAUSED, State.ACTIVE):
        with transactions.begin(ANN) as work:
            transition(work, ANN, deployment_id=deployment.id, to=to, now=NOW)
    columns = cloud_deployment_events.c.deployment_id, cloud_deployment_events.c.seq
    assert rows(pools, cloud_deployment_events, *columns) == sorted(
        [(deployment.id, 1), (deployment.id, 2), (deployment.id, 3), (other.id, 1)]
    )


def test_an_event_without_details_stores_none_rather_than_a_json_null(
    transactions: PostgresTransactions, pools: Pools
) -> None:
    deployed(transactions)
    is_null = cloud_deployment_events.c.details.is_(None)
    assert rows(pools, cloud_deployment_events, is_null) == [(True,)]


def test_a_tenant_is_in_a_shard_that_its_name_decides(
    transactions: PostgresTransactions, pools: Pools
) -> None:
    deployed(transactions)
    assert rows(pools, tenants, tenants.c.shard) == [(shard_of("acme"),)] == [(62,)]
    assert {shard_of(f"tenant-{number}") for number in range(10_000)} == set(range(SHARDS))


def test_reading_takes_as_many_statements_however_much_there_is(transactions: PostgresTransactions) -> None:
    deployment = deployed(transactions)
    bare = deployed(transactions, slug="bare")
    subscribed(transactions, bare)
    subscription = subscribed(transactions, deployment, addon_codes=("storage_50gb",) * 9)
    timeline: Timeline = subscription.timeline
    versions = [active(transactions, code) for code in ("pro", "studio")]
    for day in range(10):
        timeline = timeline.with_version(JUNE + timedelta(days=day), versions[day % 2])
    with transactions.begin(ANN) as work:
        with counted(work.connection) as saving:
            work.subscriptions.save(replace(subscription, timeline=timeline), TODAY)
        with counted(work.connection) as much:
            read = work.subscriptions.of_deployment(deployment.id)
        with counted(work.connection) as little:
            work.subscriptions.of_deployment(bare.id)
        with counted(work.connection) as catalogue:
            assert len(work.catalog.versions(versions)) == 2
    assert read is not None
    assert (len(read.timeline.points), len(read.addons)) == (11, 9)
    assert (len(little), len(much), len(saving), len(catalogue)) == (3, 3, 3, 1)


def test_an_act_takes_a_bounded_number_of_statements(transactions: PostgresTransactions) -> None:
    deployment = deployed(transactions)
    subscribed(transactions, deployment)
    with transactions.begin(ANN) as work, counted(work.connection) as statements:
        attach_addon(work, ANN, deployment_id=deployment.id, code="storage_50gb", now=NOW)
    assert len(statements) <= 10
