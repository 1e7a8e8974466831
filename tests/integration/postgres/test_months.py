"""Months made and given up on Postgres, by an operators' role that owns no table (`owner_acts`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from threading import Event
from typing import Any
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa

from arcadia_adapters.postgres import migrate, owner_acts
from arcadia_adapters.postgres.partitions import partition_names
from arcadia_adapters.postgres.pools import Pools, begin, engine
from arcadia_adapters.postgres.tables import metadata, usage
from arcadia_adapters.postgres.unit_of_work import PostgresTransactions, PostgresWork
from arcadia_app.use_cases.billing.roll_up_period import roll_up_period
from arcadia_app.use_cases.platform.keep_partitions import keep_partitions
from arcadia_app.use_cases.platform.retain import retain
from arcadia_domain.billing.deployments import Deployment, LlmMode
from arcadia_domain.billing.invoicing import InvoiceStatus
from arcadia_domain.period import month_of
from arcadia_domain.ports.unit_of_work import DatabaseBusy, Work
from arcadia_domain.ports.upkeep import ByMonth, Dropped, MonthOf, Retention
from tests.contracts.facts import charged, moved, told
from tests.integration.postgres.races import at_once, one_after_the_other
from tests.integration.postgres.rows import insert_rows, row_of
from tests.integration.servers import Database
from tests.world import NOW, OLGA, deployed, seeded, subscribed

APRIL = month_of(date(2026, 4, 1))
TABLES = sorted(table.value for table in ByMonth)
AFTERWARDS = datetime(2028, 6, 5, 4, 20, tzinfo=UTC)
"""April 2026 is 26 months old."""


@pytest.fixture
def database(own_database: Database) -> Database:
    """These tests change more than rows."""
    return own_database


@pytest.fixture
def store(pools: Pools) -> PostgresTransactions:
    return seeded(PostgresTransactions(pools))


@pytest.fixture
def owner(database: Database) -> Iterator[sa.Engine]:
    made = engine(database.owner_url, poolclass=sa.NullPool)
    yield made
    made.dispose()


def places(owner: sa.Engine) -> set[str]:
    with owner.begin() as connection:
        return {
            name for name in partition_names(connection) if name[-1].isdigit() or name.endswith("default")
        }


def event(day: date, number: int = 1) -> dict[str, Any]:
    return {**row_of("usage_events", "pilot", number), "occurred_day": day}


def put_events(pools: Pools, *days: date) -> None:
    with begin(pools.operator) as connection:
        insert_rows(connection, "pilot", "tenants", "cloud_deployments")
        connection.execute(usage.usage_events.insert(), [event(day, n) for n, day in enumerate(days, 1)])


def places_of_rows(pools: Pools) -> dict[date, str]:
    place = sa.text("SELECT occurred_day, tableoid::regclass::text FROM usage_events")
    with begin(pools.operator) as connection:
        found: dict[date, str] = dict(connection.execute(place).all())
        return found


def test_what_is_cut_into_months_is_what_the_port_names() -> None:
    assert sorted(owner_acts.partitioned_tables()) == TABLES


def test_this_month_and_two_ahead_are_made_once_however_many_make_them(
    store: PostgresTransactions, owner: sa.Engine
) -> None:
    new_year = datetime(2030, 12, 31, 23, 59, tzinfo=UTC)
    before = places(owner)
    made = at_once(*[lambda: keep_partitions(store, OLGA, now=new_year)] * 3)
    wanted = {MonthOf(what, day) for what in ByMonth for day in (
        date(2030, 12, 1), date(2031, 1, 1), date(2031, 2, 1))}  # fmt: skip
    assert sorted(month for each in made for month in each) == sorted(wanted)
    assert places(owner) - before == {f"{one.what}_{one.start:%Y_%m}" for one in wanted}
    assert keep_partitions(store, OLGA, now=new_year) == []


def test_rows_that_waited_move_to_their_month(store: PostgresTransactions, pools: Pools) -> None:
    late, later = date(2025, 12, 31), date(2031, 2, 28)
    put_events(pools, late, later)
    assert set(places_of_rows(pools).values()) == {"usage_events_default"}
    made = keep_partitions(store, OLGA, now=NOW)
    assert MonthOf(ByMonth.USAGE_EVENTS, date(2025, 12, 1)) in made
    assert places_of_rows(pools) == {late: "usage_events_2025_12", later: "usage_events_2031_02"}


def test_a_month_that_was_made_is_as_the_others_are(
    store: PostgresTransactions, database: Database, owner: sa.Engine
) -> None:
    keep_partitions(store, OLGA, now=datetime(2030, 1, 1, tzinfo=UTC))
    facts = sa.text("""
        SELECT pg_get_userbyid(relowner), relacl::text, relrowsecurity,
               (SELECT array_agg(pg_get_constraintdef(oid) ORDER BY pg_get_constraintdef(oid))
                FROM pg_constraint WHERE conrelid = c.oid),
               (SELECT count(*) FROM pg_index WHERE indrelid = c.oid)
        FROM pg_class AS c WHERE relname = :name""")
    with owner.begin() as connection:
        for table in TABLES:
            old, new = (connection.execute(facts, {"name": f"{table}_{m}"}).one()
                        for m in ("2026_04", "2030_02"))  # fmt: skip
            assert old == new
    assert migrate.check(database.owner_url) == []


def test_nobody_waits_long_for_a_month_and_it_is_made_at_the_next_try(
    store: PostgresTransactions, owner: sa.Engine, pools: Pools
) -> None:
    then = datetime(2030, 1, 1, tzinfo=UTC)
    put_events(pools, date(2029, 1, 1))  # in the DEFAULT partition
    with begin(pools.operator) as reader:
        reader.execute(sa.text("SELECT count(*) FROM usage_events")).one()
        with pytest.raises(DatabaseBusy):
            keep_partitions(store, OLGA, now=then)
    keep_partitions(store, OLGA, now=then)
    assert "usage_events_2030_01" in places(owner)


_ADD = "add_month(:parent, CAST(:month AS date))"
_DROP = "drop_month(:parent, CAST(:month AS date))"
_FROM = "months_without_place(:parent, CAST(:month AS date), '2026-04-01')"
_TO = "months_without_place(:parent, '2026-04-01', CAST(:month AS date))"
_APRIL = {"parent": "usage_events", "month": "2026-04-01"}

WRONG = [
    ("tenants", "2026-04-01"),
    ("usage_events_2026_04", "2026-04-01"),
    ("usage_events; DROP TABLE tenants", "2026-04-01"),
    ("usage_events", "2026-04-02"),
    ("usage_events", "1999-12-01"),
    ("usage_events", "2100-01-01"),
    ("usage_events", "infinity"),
    ("usage_events", None),
    (None, "2026-04-01"),
]


@pytest.mark.parametrize("act", [_ADD, _DROP, _FROM, _TO])
def test_another_table_or_what_is_no_month_is_refused(pools: Pools, owner: sa.Engine, act: str) -> None:
    before = places(owner)
    for parent, month in WRONG:
        with pytest.raises(sa.exc.DBAPIError) as refused, begin(pools.operator) as connection:
            connection.execute(sa.text(f"SELECT {act}"), {"parent": parent, "month": month})
        assert isinstance(refused.value.orig, psycopg.errors.InvalidParameterValue), (parent, month)
    assert places(owner) == before


@pytest.mark.parametrize("role", ["tenant", "gateway"])
@pytest.mark.parametrize("act", [_ADD, _DROP, _FROM, _TO])
def test_nobody_but_operators_may(pools: Pools, role: str, act: str) -> None:
    with pytest.raises(sa.exc.DBAPIError) as refused, begin(getattr(pools, role)) as connection:
        connection.execute(sa.text(f"SELECT {act}"), _APRIL)
    assert isinstance(refused.value.orig, psycopg.errors.InsufficientPrivilege)


_FORGED = """
CREATE TEMP TABLE tenant_invoices AS
SELECT 'pilot' AS tenant_id, date '2026-04-01' AS period_start, 'issued' AS status
"""


def test_what_a_caller_names_like_ours_does_not_answer_in_its_place(
    store: PostgresTransactions, pools: Pools
) -> None:
    put_events(pools, APRIL.start)
    with pools.operator.connect() as connection:
        connection.execute(sa.text(_FORGED))
        connection.execute(sa.text("SET search_path = pg_temp, public"))
        became = connection.scalar(sa.text("SELECT public.drop_month('usage_events', '2026-04-01')"))
        connection.rollback()
    assert became == Dropped.NOT_SETTLED


def test_an_act_that_somebody_changed_or_opened_is_brought_back_at_an_upgrade(
    database: Database, owner: sa.Engine
) -> None:
    with owner.begin() as connection:
        for statement in (
            "GRANT EXECUTE ON FUNCTION drop_month(text, date) TO PUBLIC",
            "ALTER FUNCTION add_month(text, date) RESET search_path",
            "CREATE FUNCTION anything() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
        ):
            connection.execute(sa.text(statement))
    assert migrate.check(database.owner_url) != []
    migrate.upgrade(database.owner_url)
    assert migrate.check(database.owner_url) == []


def invoiced(store: PostgresTransactions) -> Deployment:
    """A deployment with an event and a charge in April, and its invoice as a draft."""
    start = datetime(2026, 4, 1, tzinfo=UTC)
    pilot = deployed(store, now=start)
    subscribed(store, pilot, now=start)
    told(store, pilot, "bandwidth_gb", start + timedelta(days=3), "5")
    charged(store, pilot, APRIL.start, "1.50")
    charged(store, pilot, APRIL.start, "7", mode=LlmMode.BYOK)
    assert roll_up_period(store, OLGA, period=APRIL, now=NOW).failures == ()
    return pilot


def issued(store: PostgresTransactions, pilot: Deployment, status: InvoiceStatus) -> None:
    with store.begin(OLGA) as work:
        invoice = work.invoices.of_period(pilot.tenant_id, APRIL.start)
    assert invoice is not None
    moved(store, invoice, status)


def dropped(store: PostgresTransactions, what: ByMonth) -> Dropped:
    with store.begin(OLGA) as work:
        return work.upkeep.drop_month(MonthOf(what, APRIL.start))


RAW = (ByMonth.USAGE_EVENTS, ByMonth.LLM_USAGE_EVENTS)


@pytest.mark.parametrize("status", [None, InvoiceStatus.VOID])
def test_a_month_that_is_not_invoiced_stays(
    store: PostgresTransactions, status: InvoiceStatus | None
) -> None:
    pilot = invoiced(store)
    if status is not None:
        issued(store, pilot, status)
    assert [dropped(store, what) for what in RAW] == [Dropped.NOT_SETTLED] * 2


@pytest.mark.parametrize("status", [InvoiceStatus.ISSUED, InvoiceStatus.PAID])
def test_a_month_that_is_invoiced_and_billed_goes(store: PostgresTransactions, status: InvoiceStatus) -> None:
    issued(store, invoiced(store), status)
    assert [dropped(store, what) for what in RAW] == [Dropped.DROPPED] * 2
    assert [dropped(store, what) for what in RAW] == [Dropped.NOT_THERE] * 2


def test_a_charge_that_no_invoice_bills_keeps_its_month(store: PostgresTransactions) -> None:
    pilot = invoiced(store)
    issued(store, pilot, InvoiceStatus.ISSUED)
    charged(store, pilot, APRIL.start, "0.00000001")
    assert dropped(store, ByMonth.LLM_USAGE_EVENTS) is Dropped.NOT_SETTLED


def test_another_tenants_invoice_settles_nothing(store: PostgresTransactions) -> None:
    issued(store, invoiced(store), InvoiceStatus.ISSUED)
    other = deployed(store, slug="other", tenant_id="other", by=OLGA)
    told(store, other, "bandwidth_gb", datetime(2026, 4, 3, tzinfo=UTC), "5")
    assert dropped(store, ByMonth.USAGE_EVENTS) is Dropped.NOT_SETTLED


ALLOWED = {"usage_events", "llm_usage_events", "job_history", "jobs", "idempotency_keys", "rate_limits",
           "sync_runs", "sync_scopes"}  # fmt: skip


def test_retention_touches_nothing_but_raw_events_history_and_what_ran_out(
    store: PostgresTransactions, owner: sa.Engine
) -> None:
    """Never what was billed, its inputs and lines, or the sums of usage."""
    issued(store, invoiced(store), InvoiceStatus.PAID)

    def contents() -> dict[str, object]:
        with owner.begin() as connection:
            return {
                name: connection.scalar(
                    sa.text(f"SELECT md5(string_agg(t::text, '' ORDER BY t::text)) FROM {name} t")
                )
                for name in metadata.tables
            }

    before = contents()
    retained = retain(store, OLGA, policy=Retention(), now=AFTERWARDS, limit=1)
    assert {MonthOf(what, APRIL.start) for what in RAW} <= set(retained.dropped)
    assert retained.not_settled == ()
    after = contents()
    changed = {name for name in before if before[name] != after[name]}
    assert {"usage_events", "llm_usage_events"} <= changed <= ALLOWED
    with store.begin(OLGA) as work:
        [usage_of] = [
            work.usage.for_period(one.id, APRIL) for one in work.deployments.page(after=None, limit=9)
        ]
    assert usage_of["bandwidth_gb"] == {date(2026, 4, 4): Decimal(5)}


def test_a_month_of_raw_events_that_is_not_settled_is_named_and_stays(store: PostgresTransactions) -> None:
    invoiced(store)
    retained = retain(store, OLGA, policy=Retention(), now=AFTERWARDS)
    assert set(retained.not_settled) == {MonthOf(what, APRIL.start) for what in RAW}
    assert MonthOf(ByMonth.JOB_HISTORY, APRIL.start) in retained.dropped


def test_a_month_that_somebody_reads_is_named_and_all_else_goes(
    store: PostgresTransactions, pools: Pools
) -> None:
    """As a backup does, for as long as it takes."""
    issued(store, invoiced(store), InvoiceStatus.PAID)
    with pools.operator.connect() as reader:
        reader.execute(sa.text("SELECT count(*) FROM usage_events WHERE occurred_day = '2026-04-04'")).one()
        retained = retain(store, OLGA, policy=Retention(), now=AFTERWARDS)
    assert MonthOf(ByMonth.USAGE_EVENTS, APRIL.start) in retained.busy
    assert {month.what for month in retained.busy} == {ByMonth.USAGE_EVENTS}
    assert {month.what for month in retained.dropped} == {ByMonth.LLM_USAGE_EVENTS, ByMonth.JOB_HISTORY}
    again = retain(store, OLGA, policy=Retention(), now=AFTERWARDS)
    assert (again.dropped, again.busy) == (retained.busy, ())


Writes = Callable[[Work], None]


def event_comes(deployment: Deployment, day: date) -> Writes:
    row = {**row_of("usage_events", "pilot"), "event_id": uuid4().hex, "occurred_day": day}
    row |= {"tenant_id": deployment.tenant_id, "deployment_id": deployment.id}

    def comes(work: Work) -> None:
        assert isinstance(work, PostgresWork)
        work.connection.execute(usage.usage_events.insert(), [row])

    return comes


def april_goes(work: Work) -> Dropped:
    return work.upkeep.drop_month(MonthOf(ByMonth.USAGE_EVENTS, APRIL.start))


def test_an_event_that_comes_while_its_month_goes_is_kept(store: PostgresTransactions, pools: Pools) -> None:
    pilot = invoiced(store)
    issued(store, pilot, InvoiceStatus.ISSUED)
    became, _ = one_after_the_other(pools, april_goes, event_comes(pilot, APRIL.start))
    assert became is Dropped.DROPPED
    assert places_of_rows(pools) == {APRIL.start: "usage_events_default"}


def test_a_writer_that_was_there_before_a_month_goes_is_waited_for_and_what_it_wrote_is_looked_at(
    store: PostgresTransactions, pools: Pools
) -> None:
    """It holds the table when the month is to go, and asks for the month then."""
    issued(store, invoiced(store), InvoiceStatus.ISSUED)
    other = deployed(store, slug="other", tenant_id="other", by=OLGA)
    _, became = one_after_the_other(
        pools, event_comes(other, APRIL.end), april_goes, then=event_comes(other, APRIL.start)
    )
    assert became is Dropped.NOT_SETTLED
    assert places_of_rows(pools)[APRIL.start] == "usage_events_2026_04"


def test_two_that_give_up_a_month_at_once_give_it_up_once(store: PostgresTransactions, pools: Pools) -> None:
    issued(store, invoiced(store), InvoiceStatus.ISSUED)
    became = at_once(*[lambda: dropped(store, ByMonth.USAGE_EVENTS)] * 3)
    assert sorted(became) == [Dropped.DROPPED, Dropped.NOT_THERE, Dropped.NOT_THERE]


def test_an_event_that_comes_while_its_month_is_made_is_in_it(
    store: PostgresTransactions, pools: Pools
) -> None:
    """Had it been decided before where its row goes, the DEFAULT partition would refuse it now."""
    day = date(2031, 1, 31)
    made, _ = one_after_the_other(
        pools,
        lambda work: work.upkeep.add_month(MonthOf(ByMonth.USAGE_EVENTS, day.replace(day=1))),
        event_comes(deployed(store), day),
    )
    assert made
    assert places_of_rows(pools) == {day: "usage_events_2031_01"}


def test_no_writer_fails_while_month_after_month_is_made(store: PostgresTransactions, pools: Pools) -> None:
    pilot, over = deployed(store), Event()
    days = [date(year, month, 1) for year in (2031, 2032) for month in range(1, 13)]

    def write() -> int:
        """Of each month in turn, and of those that are next to be made."""
        number = 0
        while not over.is_set() or number < len(days):
            with store.begin(OLGA) as work:
                event_comes(pilot, days[number % len(days)])(work)
            number += 1
        return number

    def make() -> int:
        try:
            for day in days:
                with store.begin(OLGA) as work:
                    assert work.upkeep.add_month(MonthOf(ByMonth.USAGE_EVENTS, day))
        finally:
            over.set()
        return 0

    written = sum(at_once(write, write, write, make))
    with begin(pools.operator) as connection:
        places = sa.text("SELECT count(*), bool_or(tableoid::regclass::text ~ 'default') FROM usage_events")
        assert connection.execute(places).one() == (written, False)
