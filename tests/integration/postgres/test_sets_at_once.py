"""Two at once are one: meterings, month ends, ingests, looks and assignments (SPEC 7, 9, 10)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
import sqlalchemy as sa

from arcadia_adapters.postgres.pools import Pools, begin
from arcadia_adapters.postgres.tables import metadata
from arcadia_adapters.postgres.unit_of_work import PostgresTransactions
from arcadia_app.use_cases.billing import roll_up_period as rollup
from arcadia_app.use_cases.billing.roll_up_period import RolledUp, roll_up_period
from arcadia_app.use_cases.cloud.meter_day import meter_day
from arcadia_domain.billing.invoicing import InvoiceStatus
from arcadia_domain.billing.usage import DayUsage, Recorded
from arcadia_domain.cloud.assignments import Assignment
from arcadia_domain.cloud.changes import EventKind, ResourceEvent
from arcadia_domain.cloud.metering import MeteredDay
from arcadia_domain.cloud.provider_invoices import CloudInvoice, InvoiceSource
from arcadia_domain.ports.cloud import AssignedBy
from arcadia_domain.ports.costs import StoredInvoice
from arcadia_domain.ports.month_end import (
    Asking,
    BillingRun,
    Existing,
    Failure,
    Shard,
    ShardState,
    Written,
)
from arcadia_domain.ports.unit_of_work import Transactions, Work
from tests.april import APRIL, AS_OF, dearer, drafts_of, metered, pilots, written
from tests.contracts.facts import failures_of, moved
from tests.contracts.test_costs import charges, line, unmatched
from tests.held import ACCOUNT, april, assigned, recorded, resource
from tests.integration.postgres.races import at_once, one_after_the_other
from tests.world import NOBODYS, NOW, OLGA, deployed, seeded

DAY = date(2026, 4, 10)


@pytest.fixture
def store(pools: Pools) -> Transactions:
    return seeded(PostgresTransactions(pools))


def count_of(pools: Pools, table: str) -> int:
    with begin(pools.operator) as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(metadata.tables[table])) or 0


def a_metering(*usage: DayUsage) -> Callable[[Work], Recorded]:
    return lambda work: work.usage.record_metered(MeteredDay(DAY, usage, ()), work.new_id(), NOW)


@pytest.mark.parametrize("earlier", [None, "24"])
def test_a_day_metered_twice_at_once_is_metered_once(
    pools: Pools, store: Transactions, earlier: str | None
) -> None:
    pilot = deployed(store)
    if earlier is not None:
        metered(store, (pilot, "droplet_hours", DAY.day, earlier))
    deltas = count_of(pools, "usage_deltas")
    twice = a_metering(
        DayUsage(pilot.tenant_id, pilot.id, "droplet_hours", DAY, Decimal(72)),
        DayUsage(pilot.tenant_id, pilot.id, "dns_zones", DAY, Decimal(2)),
    )
    assert one_after_the_other(pools, twice, twice) == (Recorded(2, ()), Recorded(0, ()))
    assert count_of(pools, "usage_deltas") == deltas + 2
    with store.begin(OLGA) as work:
        used = work.usage.for_period(pilot.id, APRIL)
    assert used == {"droplet_hours": {DAY: Decimal(72)}, "dns_zones": {DAY: Decimal(2)}}


def test_the_later_of_two_meterings_that_differ_is_what_counts(pools: Pools, store: Transactions) -> None:
    pilot = deployed(store)
    first, second = (
        a_metering(DayUsage(pilot.tenant_id, pilot.id, "droplet_hours", DAY, Decimal(qty)))
        for qty in (72, 48)
    )
    one_after_the_other(pools, first, second)
    with store.begin(OLGA) as work:
        assert work.usage.for_period(pilot.id, APRIL) == {"droplet_hours": {DAY: Decimal(48)}}


@pytest.mark.parametrize("force", [False, True])
def test_drafts_written_twice_at_once_are_written_once(
    pools: Pools, store: Transactions, force: bool
) -> None:
    pilots(store, "a", "b", "c")
    with store.begin(OLGA) as work:
        made = drafts_of(work)

    def write(work: Work) -> Written:
        return work.month_end.write(made, [], period=APRIL, force=force)

    assert one_after_the_other(pools, write, write) == (Written(created=3), Written(unchanged=3))
    with store.begin(OLGA) as work:
        assert [work.invoices.get(invoice.id) for invoice in made] == made


def test_drafts_rebuilt_twice_at_once_are_rebuilt_once(pools: Pools, store: Transactions) -> None:
    pilots(store, "a", "b")
    a, b = written(store)

    def write(work: Work) -> Written:
        return work.month_end.write([dearer(a)], ["b"], period=APRIL, force=True)

    assert one_after_the_other(pools, write, write) == (Written(rebuilt=1), Written(unchanged=1))
    with store.begin(OLGA) as work:
        assert work.invoices.get(a.id) == dearer(a)
        assert work.invoices.get(b.id) is None
    assert count_of(pools, "invoice_inputs") == 1


def test_an_invoice_that_is_issued_beside_a_rebuild_stays_as_it_was_issued(
    pools: Pools, store: Transactions
) -> None:
    pilots(store, "a")
    [a] = written(store)
    table = metadata.tables["tenant_invoices"]
    issuer = sa.select(metadata.tables["issuers"].c.id).scalar_subquery()
    issued = {
        "status": "issued",
        "number": "INV-000001",
        "issuer_id": issuer,
        "issued_at": NOW,
        "due_on": DAY,
    }

    def issue(work: Work) -> None:
        connection: sa.Connection = work.connection  # type: ignore[attr-defined]
        connection.execute(sa.select(table.c.id).with_for_update())
        connection.execute(sa.update(table).values(issued))

    def rebuild(work: Work) -> Written:
        return work.month_end.write([dearer(a)], [], period=APRIL, force=True)

    assert one_after_the_other(pools, issue, rebuild) == (None, Written(unchanged=1))
    with store.begin(OLGA) as work:
        stands = work.invoices.get(a.id)
    assert stands == replace(a, status=InvoiceStatus.ISSUED, number="INV-000001", issued_at=NOW, due_on=DAY)


def test_a_run_opened_twice_at_once_is_one_and_begun_twice_has_one_set_of_failures(
    pools: Pools, store: Transactions
) -> None:
    pilots(store, "a", starts_on=None)

    def open_run(work: Work) -> BillingRun:
        return work.month_end.open_run(APRIL, AS_OF, work.new_id())

    run, same = one_after_the_other(pools, open_run, open_run)
    assert run == same

    def begin(work: Work) -> None:
        asking = Asking(work.new_id(), run)
        work.month_end.begin(asking, [Failure("a", "no_size", "…")], [], AS_OF)

    one_after_the_other(pools, begin, begin)
    assert failures_of(store, run) == [("a", "no_size")]


@pytest.mark.parametrize("uuids", [(None, None), (None, "u-1"), ("u-1", None), ("u-1", "u-1")])
def test_an_invoice_ingested_twice_at_once_is_one(
    pools: Pools, store: Transactions, uuids: Sequence[str | None]
) -> None:
    def an_ingest(uuid: str | None) -> Callable[[Work], StoredInvoice]:
        invoice = CloudInvoice(ACCOUNT, APRIL, 1200, "USD", InvoiceSource.FILE, uuid)
        lines = unmatched(line(1), line(2))
        return lambda work: work.costs.store(invoice, lines, work.new_id(), NOW)

    first, second = one_after_the_other(pools, *(an_ingest(uuid) for uuid in uuids))
    assert first.invoice_id == second.invoice_id
    assert [one for one, _ in charges(store)] == [line(1), line(2)]


def test_a_look_taken_twice_at_once_finds_one_resource(pools: Pools, store: Transactions) -> None:
    def a_look(number: int) -> Callable[[Work], None]:
        seen = resource(id=UUID(int=number))
        appeared = ResourceEvent(EventKind.APPEARED, seen.id, seen.key)
        return lambda work: work.inventory.record([seen], [appeared], NOW)

    one_after_the_other(pools, a_look(1), a_look(2))
    with store.begin(OLGA) as work:
        assert [one.id for one in work.inventory.of_account(ACCOUNT)] == [UUID(int=1)]


def test_the_latest_of_two_assignments_made_at_once_shows(pools: Pools, store: Transactions) -> None:
    held = resource()
    recorded(store, held)
    pilot, other = deployed(store), deployed(store, slug="other")

    def assign(to: UUID, day: int) -> Callable[[Work], int]:
        told = Assignment(
            resource_id=held.id, from_at=april(day), tenant_id=pilot.tenant_id, deployment_id=to
        )
        return lambda work: work.inventory.assign(told, AssignedBy.OPERATOR, "olga")

    one_after_the_other(pools, assign(pilot.id, 20), assign(other.id, 10))
    with store.begin(OLGA) as work:
        now = work.inventory.get(held.id)
    assert now is not None
    assert now.deployment_id == pilot.id


def rolled_up(store: Transactions, *, force: bool = False) -> RolledUp:
    return roll_up_period(store, OLGA, period=APRIL, now=AS_OF, force=force)


@pytest.fixture
def month(store: Transactions, monkeypatch: pytest.MonkeyPatch) -> Transactions:
    """An April of eleven tenants, of whom two run a droplet, in chunks of three."""
    monkeypatch.setattr(rollup, "CHUNK", 3)
    made = pilots(store, *(f"t{n:02}" for n in range(11)), addon_codes=["storage_50gb"])
    for number, deployment in enumerate(made[:2]):
        held = resource(number, created_at=april(20))
        recorded(store, held)
        assigned(store, held, deployment)
    return store


TABLES = ("tenant_invoices", "tenant_invoice_lines", "invoice_inputs", "billed_usage")


def bytes_of(pools: Pools) -> list[str]:
    """Every row that a month end writes, as text."""
    with begin(pools.operator) as connection:
        return [
            row
            for table in TABLES
            for row in connection.scalars(sa.text(f"SELECT t::text FROM {table} AS t ORDER BY 1"))
        ]


def forgotten(store: Transactions) -> None:
    """All drafts removed."""
    with store.begin(OLGA) as work:
        work.month_end.write([], [f"t{n:02}" for n in range(11)], period=APRIL, force=True)


@pytest.mark.parametrize("force", [False, True])
def test_two_month_ends_at_once_come_to_the_result_of_one_byte_for_byte(
    pools: Pools, month: Transactions, force: bool
) -> None:
    rolled_up(month)
    once = bytes_of(pools)
    assert len(once) > 11 * 4
    forgotten(month)
    assert bytes_of(pools) == []
    runs = at_once(*[lambda: rolled_up(month, force=force)] * 3)
    assert sum(run.created for run in runs) == 11
    assert sum(run.rebuilt for run in runs) == 0
    assert bytes_of(pools) == once


def test_two_forced_month_ends_at_once_rebuild_what_changed_once(pools: Pools, month: Transactions) -> None:
    rolled_up(month)
    once = bytes_of(pools)
    with month.begin(OLGA) as work:
        changed = [dearer(invoice) for invoice in drafts_of(work)[::2]]
        work.month_end.write(changed, [], period=APRIL, force=True)
    assert bytes_of(pools) != once
    runs = at_once(*[lambda: rolled_up(month, force=True)] * 3)
    assert sum(run.rebuilt for run in runs) == 6
    assert bytes_of(pools) == once


class Killed(Exception):
    pass


@pytest.mark.parametrize("after", [1, 2, 3])
@pytest.mark.parametrize("force", [False, True])
def test_a_month_end_that_was_killed_and_run_again_comes_to_the_same(
    pools: Pools, month: Transactions, force: bool, after: int
) -> None:
    rolled_up(month)
    once = bytes_of(pools)
    forgotten(month)
    done: list[int] = []

    def kill(tenants: int) -> None:
        done.append(tenants)
        if len(done) == after:
            raise Killed

    with pytest.raises(Killed):
        roll_up_period(month, OLGA, period=APRIL, now=AS_OF, force=force, progress=kill)
    assert 0 < len(bytes_of(pools)) < len(once)
    later = roll_up_period(month, OLGA, period=APRIL, now=AS_OF + timedelta(hours=5), force=force)
    assert later.created == 11 - 3 * after
    assert bytes_of(pools) == once


def test_a_forced_month_end_leaves_issued_paid_and_void_invoices_alone(
    pools: Pools, month: Transactions
) -> None:
    rolled_up(month)
    with month.begin(OLGA) as work:
        first, second, third, *_ = drafts_of(work)
    moved(month, first, InvoiceStatus.ISSUED)
    moved(month, second, InvoiceStatus.PAID)
    moved(month, third, InvoiceStatus.VOID)
    before = bytes_of(pools)
    run = rolled_up(month, force=True)
    assert (run.created, run.rebuilt, run.unchanged, run.failures) == (0, 0, 8, ())
    assert bytes_of(pools) == before
    again = rolled_up(month)
    assert (again.created, again.unchanged) == (0, 0)


def test_who_meters_second_looks_at_the_inventory_only_when_the_first_is_done(
    pools: Pools, store: Transactions
) -> None:
    [pilot] = pilots(store, "acme")
    early, late = resource(1), resource(2)
    recorded(store, early, late)
    assigned(store, early, pilot)

    def learn_and_meter(work: Work) -> None:
        work.usage.lock_day(DAY)
        later = Assignment(
            resource_id=late.id, from_at=april(1), tenant_id=pilot.tenant_id, deployment_id=pilot.id
        )
        work.inventory.assign(later, AssignedBy.OPERATOR, "olga")
        meter_day(work, OLGA, day=DAY, now=NOW)

    one_after_the_other(pools, learn_and_meter, lambda work: meter_day(work, OLGA, day=DAY, now=NOW))
    with store.begin(OLGA) as work:
        assert work.usage.for_period(pilot.id, APRIL) == {"droplet_hours:s-1vcpu-1gb": {DAY: Decimal(48)}}


def test_drafts_are_made_anew_by_one_at_a_time(pools: Pools, store: Transactions) -> None:
    pilots(store, "acme")
    with store.begin(OLGA) as work:
        asking = Asking(NOBODYS, work.month_end.open_run(APRIL, AS_OF, work.new_id()), force=True)

    def look(work: Work) -> list[str]:
        work.month_end.take_run(asking)
        months = work.month_end.due(APRIL, Existing.REBUILD_DRAFTS, after="", limit=10)
        return [month.tenant.tenant_id for month in months]

    assert one_after_the_other(pools, look, look) == (["acme"], ["acme"])


def test_shards_are_done_beside_each_other_but_not_beside_who_has_the_run_alone(
    pools: Pools, store: Transactions
) -> None:
    with store.begin(OLGA) as work:
        run = work.month_end.open_run(APRIL, AS_OF, work.new_id())
        asking = Asking(work.new_id(), run, force=True)
        planned = [Shard(0, "", "m", 5, job_id=NOBODYS), Shard(1, "m", "z", 5, job_id=NOBODYS)]
        work.month_end.add_shards(asking, planned, AS_OF)

    def done(number: int) -> Callable[[Work], ShardState | None]:
        def finish(work: Work) -> ShardState | None:
            shard = work.month_end.take_shard(asking, number)
            assert shard is not None
            work.month_end.finish_shard(asking, replace(shard, state=ShardState.DONE), AS_OF)
            return shard.state

        return finish

    with store.begin(OLGA) as first, store.begin(OLGA) as second:  # neither waits for the other
        assert [work.month_end.take_shard(asking, n) for n, work in enumerate((first, second))] == planned
    whole = Asking(NOBODYS, run)
    alone = [
        lambda work: work.month_end.take_run(asking),
        lambda work: work.month_end.begin(whole, [], [], AS_OF),
        lambda work: work.month_end.begin(replace(whole, tenant_id="a"), [], [], AS_OF),
        lambda work: work.month_end.close_run(run, AS_OF),
    ]
    for act in alone:
        one_after_the_other(pools, lambda work: work.month_end.take_shard(asking, 1), act)
        one_after_the_other(pools, act, lambda work: work.month_end.take_shard(asking, 1))
    assert one_after_the_other(pools, done(0), done(0)) == (ShardState.WAITING, ShardState.DONE)
