"""The floor of the month end against the month end, on the embedded Postgres and the oldest one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Final, NoReturn

import psycopg
import pytest

from arcadia_app.arcadia import Arcadia, FreshDatabases
from arcadia_app.bootstrap import LocalWiring, wire_application
from arcadia_app.settings import DatabaseUrls, Settings
from arcadia_app.use_cases.billing.roll_up_period import roll_up_period
from arcadia_domain.period import Period
from bench.results import NotEqualWork
from bench.rollup import floor, measure
from bench.rollup.floor import NotForTheFloor, roll_up_floor
from bench.rollup.measure import measure_rollup
from bench.rollup.proof import Facts, facts_of, prove_equal
from bench.rollup.seed import APRIL, BY, MAY_FIRST, seed
from bench.run import run_benches
from tests.integration.servers import Database, Server

SIZE = 45


def _filled(server: Server) -> Iterator[tuple[Arcadia, Database]]:
    with server.database() as database:
        urls = DatabaseUrls(
            tenant=database.tenant_url,
            operator=database.operator_url,
            gateway=database.gateway_url,
            owner=database.owner_url,
        )
        with wire_application(urls) as app:
            seed(app, urls, SIZE)
            yield app, database


@pytest.fixture(scope="module")
def month(server: Server) -> Iterator[tuple[Arcadia, Database]]:
    """A month to roll up, which the tests of this module leave without invoices."""
    yield from _filled(server)


@pytest.fixture
def own_month(server: Server) -> Iterator[tuple[Arcadia, Database]]:
    """A month of this test's own."""
    yield from _filled(server)


_WRITTEN: Final = (
    *("billed_usage", "invoice_inputs", "tenant_invoice_lines", "tenant_invoices"),
    *("billing_run_shards", "billing_run_conflicts", "billing_run_failures", "billing_runs"),
)


@contextmanager
def undone(database: Database) -> Iterator[None]:
    """What the block writes is away when it ends."""
    try:
        yield
    finally:
        with psycopg.connect(database.operator_url) as connection:
            for table in _WRITTEN:
                connection.execute(f"DELETE FROM {table}")


def by_ours(app: Arcadia, database: Database) -> Facts:
    with undone(database):
        rolled_up = roll_up_period(app.transactions, BY, period=APRIL, now=MAY_FIRST)
        assert (rolled_up.created, rolled_up.failures) == (SIZE * 4 // 5, ())
        return facts_of(database.operator_url)


def by_floor(database: Database) -> Facts:
    with undone(database):
        with psycopg.connect(database.operator_url, autocommit=True) as connection:
            roll_up_floor(connection, APRIL, MAY_FIRST)
        return facts_of(database.operator_url)


def test_the_floor_writes_what_the_month_end_writes(month: tuple[Arcadia, Database]) -> None:
    ours, floor = by_ours(*month), by_floor(month[1])
    prove_equal(ours, floor)
    assert ours["invoices, subtotal, tax, total"][0] == SIZE * 4 // 5


def test_the_floor_does_the_same_in_many_chunks(
    month: tuple[Arcadia, Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = by_floor(month[1])
    monkeypatch.setattr(floor, "CHUNK", 7)
    assert by_floor(month[1]) == whole


def test_every_fact_is_held_against_the_other_side(month: tuple[Arcadia, Database]) -> None:
    facts = by_floor(month[1])
    prove_equal(facts, facts)
    for what, fact in facts.items():
        other = 2 * fact + 1 if isinstance(fact, int) else "something else"
        with pytest.raises(NotEqualWork, match=what):
            prove_equal(facts, {**facts, what: other})


def test_months_with_nothing_in_them_prove_nothing(database: Database) -> None:
    nothing = facts_of(database.operator_url)
    with pytest.raises(NotEqualWork):
        prove_equal(nothing, nothing)


def test_a_month_that_differs_a_little_is_seen_and_both_sides_follow_it(
    own_month: tuple[Arcadia, Database],
) -> None:
    app, database = own_month
    before = by_floor(database)
    for statement in (
        "UPDATE usage_daily SET qty = qty + 0.000001 WHERE qty > 0 AND kind = 'spaces_gb_month'",
        "UPDATE usage_deltas SET qty = qty + 500 WHERE kind = 'droplet_hours'",
        "UPDATE subscription_addons SET price_cents = price_cents + 1",
        "UPDATE llm_usage_events SET charge = charge + 0.00000001",
        "UPDATE cloud_deployments SET slug = 'z' || slug WHERE slug LIKE '%3'",
        "DELETE FROM llm_usage_events WHERE gateway_request_id LIKE '%-5'",
    ):
        with psycopg.connect(database.operator_url) as connection:
            assert connection.execute(statement.encode()).rowcount > 0
        after = by_floor(database)
        with pytest.raises(NotEqualWork):
            prove_equal(before, after)
        before = after
    prove_equal(by_ours(app, database), before)


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("UPDATE subscription_changes SET status = 'paused'", "a subscription that changed"),
        ("UPDATE subscription_addons SET to_day = '2026-04-20', from_day = '2026-04-01'", "not held all"),
        ("UPDATE llm_usage_events SET currency = 'USD'", "a charge in another currency"),
        (
            """INSERT INTO tenant_tax_profiles (tenant_id, from_day, country, treatment)
               SELECT tenant_id, '2026-01-01', 'NZ', 'standard' FROM tenants""",
            "tax profile",
        ),
    ],
)
def test_what_the_floor_does_not_know_it_refuses(
    month: tuple[Arcadia, Database], statement: str, reason: str
) -> None:
    with (
        psycopg.connect(month[1].operator_url, autocommit=True) as connection,
        connection.transaction(force_rollback=True),
    ):
        connection.execute(statement.encode())
        with pytest.raises(NotForTheFloor, match=reason):
            roll_up_floor(connection, APRIL, MAY_FIRST)


class OnServer:
    """The wiring of a bench whose server runs already, and does not wait for the disk: nobody times it."""

    def __init__(self, server: FreshDatabases) -> None:
        self._server = server
        self.durable: list[bool] = []

    @contextmanager
    def throwaway(self, *, durable: bool = False) -> Iterator[FreshDatabases]:
        self.durable.append(durable)
        yield self._server

    def open(self, *_: object, **__: object) -> NoReturn:
        raise AssertionError("a bench leaves the database of the settings alone")

    migrate = api = serve = worker = scheduler = back_up = restore = sandbox = mint = open


@pytest.fixture(scope="module")
def wiring() -> Iterator[OnServer]:
    with LocalWiring(Settings()).throwaway() as server:
        yield OnServer(server)


@pytest.fixture(autouse=True)
def one_pair(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure, "PAIRS", 1)


def test_the_bench_measures_on_a_server_that_waits_for_the_disk(wiring: OnServer) -> None:
    said = list[str]()
    result = measure_rollup(wiring, 20, said.append)
    assert wiring.durable == [True]
    assert (result.name, result.unit, str(result.goal)) == ("rollup", "subscriptions/s", ">= 0.6")
    assert result.ours > 0
    assert said[0] == "making a month of 20 subscriptions"


def test_a_floor_that_leaves_rows_out_gives_no_ratio(
    wiring: OnServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def forgetful(connection: floor.Connection, period: Period, as_of: datetime) -> None:
        roll_up_floor(connection, period, as_of)
        connection.execute("DELETE FROM billed_usage WHERE kind = 'llm_charge'")

    monkeypatch.setattr(measure, "roll_up_floor", forgetful)
    assert run_benches(wiring, ["rollup"], json_=True, size=20) == 1
    shown = capsys.readouterr()
    assert json.loads(shown.out) == {"results": []}
    assert "no ratio: the two sides did not do equal work: hash of the billed usage" in shown.err


def test_the_seed_holds_what_the_bench_promises(month: tuple[Arcadia, Database]) -> None:
    with psycopg.connect(month[1].operator_url) as connection:

        def one(query: str) -> object:
            row = connection.execute(query.encode()).fetchone()
            return row and row[0]

        assert one("SELECT count(*) FROM subscriptions") == SIZE
        assert one("SELECT count(*) FROM tenants") == SIZE * 4 // 5
        assert one("SELECT count(DISTINCT kind) FROM usage_daily") == 4
        assert (
            one("SELECT max(n) FROM (SELECT count(*) n FROM usage_daily GROUP BY deployment_id, kind) x")
            == 30
        )
        assert one("SELECT min(day) FROM usage_deltas") == date(2026, 4, 29)
        assert one("SELECT count(DISTINCT deployment_id) FROM llm_usage_events") == SIZE // 3
        assert one("SELECT count(*) FROM subscription_addons") == SIZE
        assert one("SELECT max(from_day) > min(from_day) FROM subscription_changes") is True
