"""A server that says that it stops is one that cannot be reached: another try may get past it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from arcadia_adapters.postgres.pools import Pools
from arcadia_adapters.postgres.unit_of_work import PostgresTransactions
from arcadia_domain.ports.unit_of_work import DatabaseUnreachable
from tests.world import OLGA


def cut_off(transactions: PostgresTransactions, session: sa.Connection) -> None:
    """End a session as a server that shuts down does."""
    pid = session.execute(sa.text("SELECT pg_backend_pid()")).scalar_one()
    with transactions.begin(OLGA) as work:
        assert work.connection.execute(
            sa.text("SELECT pg_terminate_backend(:pid, 10000)"), {"pid": pid}
        ).scalar_one()


def asked_after(transactions: PostgresTransactions) -> None:
    with transactions.begin(OLGA) as work:
        cut_off(transactions, work.connection)
        work.connection.execute(sa.text("SELECT 1"))


def copied_after(transactions: PostgresTransactions) -> None:
    with transactions.begin(OLGA) as work:
        raw = work.connection.connection.driver_connection
        assert raw is not None
        cut_off(transactions, work.connection)
        with raw.cursor() as cursor, cursor.copy("COPY (SELECT 1) TO STDOUT") as copy:
            copy.read()


def test_a_statement_after_the_server_has_said_that_it_stops_finds_the_database_unreachable(
    pools: Pools,
) -> None:
    transactions = PostgresTransactions(pools)
    with pytest.raises(DatabaseUnreachable, match="terminating connection"):
        asked_after(transactions)
    with transactions.begin(OLGA) as work:
        assert work.connection.execute(sa.text("SELECT 1")).scalar_one() == 1


def test_so_does_a_copy(pools: Pools) -> None:
    with pytest.raises(DatabaseUnreachable):
        copied_after(PostgresTransactions(pools))
