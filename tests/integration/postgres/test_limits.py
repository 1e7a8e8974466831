"""No request waits for ever: the server gives up, and says so in a way that a door can answer (SPEC 15)."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
import sqlalchemy as sa

from arcadia_adapters.postgres.pools import Pools, begin
from arcadia_adapters.postgres.staging import stage
from arcadia_adapters.postgres.unit_of_work import PostgresTransactions
from arcadia_domain.identity import Principal
from arcadia_domain.ports.unit_of_work import DatabaseBusy
from tests.integration.servers import Database
from tests.world import ANN, GATEWAY, OLGA

SETTINGS = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout", "TimeZone")


def said(database: Database, *options: str) -> Pools:
    """Pools whose addresses have options of their own."""
    words = "%20".join(f"-c%20{option}" for option in options)
    urls = (database.tenant_url, database.operator_url, database.gateway_url)
    return Pools(*(f"{url}&options={words.replace('=', '%3D')}" for url in urls))


def settings(engine: sa.Engine) -> list[object]:
    with begin(engine) as connection:
        return [connection.scalar(sa.text(f"SELECT current_setting('{name}')")) for name in SETTINGS]


def test_each_role_has_its_limits(pools: Pools) -> None:
    served = ["10s", "15s", "1min", "UTC"]
    assert settings(pools.tenant) == served
    assert settings(pools.gateway) == served
    assert settings(pools.operator) == ["10s", "0", "1min", "UTC"]


def test_an_address_may_say_otherwise_but_for_the_time_zone(database: Database) -> None:
    with said(database, "statement_timeout=2s", "TimeZone=Asia/Tokyo") as pools:
        assert settings(pools.tenant) == ["10s", "2s", "1min", "UTC"]


def test_nor_does_the_environment_say_otherwise_of_the_time_zone(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGTZ", "Asia/Tokyo")  # libpq sends it after the options
    with said(database) as pools:
        for each in (pools.tenant, pools.operator, pools.gateway):
            assert settings(each)[-1] == "UTC"


@pytest.mark.parametrize("by", [ANN, OLGA, GATEWAY], ids=["tenant", "operator", "gateway"])
def test_who_waits_for_a_lock_for_too_long_is_told_that_the_database_is_busy(
    database: Database, by: Principal
) -> None:
    with psycopg.connect(database.owner_url) as holder, said(database, "lock_timeout=1ms") as pools:
        holder.execute("LOCK TABLE cloud_deployments IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(DatabaseBusy), PostgresTransactions(pools).begin(by) as work:
            work.connection.execute(sa.text("SELECT count(*) FROM cloud_deployments"))


def test_a_statement_that_takes_too_long_is_given_up(database: Database) -> None:
    with (
        said(database, "statement_timeout=1ms") as pools,
        pytest.raises(DatabaseBusy),
        PostgresTransactions(pools).begin(ANN) as work,
    ):
        work.connection.execute(sa.text("SELECT pg_sleep(60)"))


def test_a_copy_that_takes_too_long_is_given_up_too(database: Database) -> None:
    def rows() -> Iterator[list[str]]:
        yield ["a"]
        sleeper.execute("SELECT pg_sleep(0.2)")
        yield ["b" * 100_000]

    with (
        psycopg.connect(database.owner_url) as sleeper,
        said(database, "statement_timeout=50ms") as pools,
        pytest.raises(DatabaseBusy),
        PostgresTransactions(pools).begin(OLGA) as work,
    ):
        stage(work.connection, "temp_slow", {"name": sa.Text()}, rows())
