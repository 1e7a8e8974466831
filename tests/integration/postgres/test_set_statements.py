"""A set port's work is a constant number of statements, however much it is (data_model rule 10)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from arcadia_adapters.postgres.pools import Pools
from arcadia_adapters.postgres.unit_of_work import PostgresTransactions
from arcadia_app.use_cases.billing.quote_plan import quote_plan
from arcadia_app.use_cases.catalog.read_plans import list_plans
from arcadia_domain.billing.deployments import Deployment
from arcadia_domain.billing.usage import DayUsage, SourceConflict
from arcadia_domain.cloud.matching import How, Match
from arcadia_domain.cloud.metering import MeteredDay
from arcadia_domain.cloud.provider_invoices import CloudInvoice, InvoiceSource
from arcadia_domain.ports.charges import ChargesAsked
from arcadia_domain.ports.cloud import ResourcesAsked
from arcadia_domain.ports.jobs import NewJob
from arcadia_domain.ports.month_end import Asking, Existing, Failure, Shard, ShardState
from arcadia_domain.ports.unit_of_work import Transactions, Work
from tests.april import APRIL, AS_OF, dearer, drafts_of, metered, pilots, written
from tests.contracts.facts import charged
from tests.contracts.test_costs import line, listed, stored
from tests.contracts.test_statements import entry
from tests.held import ACCOUNT, assigned, recorded, resource
from tests.world import NOW, OLGA, seeded

FEW, MANY = 5, 50


@pytest.fixture
def store(pools: Pools) -> Transactions:
    return seeded(PostgresTransactions(pools))


@contextmanager
def counted(pools: Pools) -> Iterator[list[str]]:
    """The statements that operators run in the block; one that is run for each of many rows, as often."""
    statements: list[str] = []

    def count(
        _connection: Any, _cursor: Any, statement: str, told: Any, _context: Any, for_each: bool
    ) -> None:
        # Many rows in one statement come as one mapping.
        statements.extend([statement] * (len(told) if for_each and isinstance(told, list) else 1))

    sa.event.listen(pools.operator, "before_cursor_execute", count)
    try:
        yield statements
    finally:
        sa.event.remove(pools.operator, "before_cursor_execute", count)


def number_of(pools: Pools, store: Transactions, act: Callable[[Work], object]) -> int:
    with store.begin(OLGA) as work, counted(pools) as statements:
        act(work)
    return len(statements)


def test_a_chunk_of_due_tenants_is_read_and_written_in_as_many_statements_as_one_of_five(
    pools: Pools, store: Transactions
) -> None:
    made = pilots(store, *(f"t{n:02}" for n in range(MANY)), addon_codes=["storage_50gb"])
    metered(store, *((one, "droplet_hours", day, "72") for one in made for day in (1, 2)))
    for one in made[::7]:
        charged(store, one, date(2026, 4, 3), "1.5")
    with store.begin(OLGA) as work:
        drafts = drafts_of(work)
    others = [dearer(invoice) for invoice in drafts]
    for acts in (
        [lambda work, n=n: work.month_end.due(APRIL, Existing.SKIP, after="", limit=n) for n in (FEW, MANY)],
        [
            lambda work, some=some: work.month_end.write(some, [], period=APRIL, force=False)
            for some in (drafts[:FEW], drafts)
        ],
        [
            lambda work, some=some: work.month_end.write(some, ["t49"], period=APRIL, force=True)
            for some in (others[:FEW], others[FEW:-1])
        ],
    ):
        few, many = (number_of(pools, store, act) for act in acts)
        assert few == many
        assert few <= 25


def test_a_page_of_invoices_comes_with_its_lines_in_one_statement(pools: Pools, store: Transactions) -> None:
    pilots(store, *(f"t{n:02}" for n in range(MANY)), addon_codes=["storage_50gb"])
    assert len(written(store)) == MANY

    def page(limit: int) -> Callable[[Work], object]:
        return lambda work: work.invoices.page(after=None, limit=limit)

    assert number_of(pools, store, page(FEW)) == number_of(pools, store, page(MANY)) == 1


def test_the_month_of_one_deployment_is_read_in_as_many_statements_whatever_its_tenant_has(
    pools: Pools, store: Transactions
) -> None:
    [alone] = pilots(store, "alone", starts_on=None)
    first, *others = pilots(store, "acme", slugs=[f"d{n}" for n in range(FEW)], addon_codes=["storage_50gb"])
    metered(store, *((one, "droplet_hours", day, "72") for one in (first, *others) for day in (1, 2)))

    def month(one: Deployment) -> Callable[[Work], object]:
        return lambda work: work.month_end.of_deployment(one.id, APRIL)

    assert number_of(pools, store, month(alone)) == number_of(pools, store, month(first)) <= 8


def test_a_run_is_planned_begun_and_looked_at_in_as_many_statements_however_many_are_due(
    pools: Pools, store: Transactions
) -> None:
    made = pilots(store, *(f"t{n:02}" for n in range(MANY)))
    with store.begin(OLGA) as work:
        run = work.month_end.open_run(APRIL, AS_OF, work.new_id())
        few, many = Asking(work.new_id(), run), Asking(work.new_id(), run)
    ids = [one.tenant_id for one in made]
    failures = [Failure(one, "no_size", "…") for one in ids]
    conflicts = [
        SourceConflict(
            tenant_id=one.tenant_id,
            deployment_id=one.id,
            kind="droplet_hours",
            day=APRIL.start,
            first="pushed",
            second="metered",
        )
        for one in made
    ]
    shards = [Shard(n, f"t{n:02}", f"t{n + 1:02}", 1) for n in range(MANY)]
    for acts in (
        [lambda work, n=n: work.month_end.cut(few, MANY // n) for n in (FEW, MANY)],
        [lambda work, n=n: work.month_end.begin(many, failures[:n], conflicts[:n], NOW) for n in (FEW, MANY)],
        [lambda work, n=n: work.month_end.name_failures(run, failures[:n], NOW) for n in (FEW, MANY)],
        [lambda work, n=n: work.month_end.failed_among(run, ids[:n]) for n in (FEW, MANY)],
        [
            lambda work, a=asking, n=n: work.month_end.add_shards(a, shards[:n], NOW)
            for asking, n in ((few, FEW), (many, MANY))
        ],
        [lambda work, a=asking: work.month_end.take_shard(a, 3) for asking in (few, many)],
        [lambda work, a=asking: work.month_end.shards(a) for asking in (few, many)],
        [
            lambda work, a=asking: work.month_end.finish_shard(
                a, replace(shards[3], state=ShardState.DONE), NOW
            )
            for asking in (few, many)
        ],
        [lambda work, a=asking: work.month_end.shards_waiting(a.id) for asking in (few, many)],
    ):
        of_few, of_many = (number_of(pools, store, act) for act in acts)
        assert of_few == of_many <= 5
    with store.begin(OLGA) as work:
        assert work.month_end.failed_among(run, ids) == set(ids)
        assert len(work.month_end.conflicts(run)) == MANY


def test_a_day_is_metered_in_as_many_statements_whatever_is_held(pools: Pools, store: Transactions) -> None:
    made = pilots(store, *(f"t{n:02}" for n in range(MANY)), starts_on=None)
    day = date(2026, 4, 10)

    def meter(some: int) -> Callable[[Work], object]:
        usage = tuple(
            DayUsage(one.tenant_id, one.id, "droplet_hours", day, Decimal(24)) for one in made[:some]
        )
        return lambda work: work.usage.record_metered(MeteredDay(day, usage, ()), work.new_id(), NOW)

    assert number_of(pools, store, meter(FEW)) == number_of(pools, store, meter(MANY)) <= 8
    assert number_of(pools, store, lambda work: work.usage.unmetered_days(APRIL)) == 1
    assert number_of(pools, store, lambda work: work.usage.for_period(made[0].id, APRIL)) == 1


def test_a_look_an_ingest_and_the_facts_of_the_margin_take_as_many_statements_whatever_there_is(
    pools: Pools, store: Transactions
) -> None:
    [pilot] = pilots(store, "acme")
    resources = [resource(number) for number in range(MANY)]
    for acts in (
        [
            lambda work, some=some: work.inventory.record(some, [], NOW)
            for some in (resources[:FEW], resources)
        ],
        [
            lambda work, some=some: work.inventory.named(ACCOUNT, {(r.kind, r.name) for r in some})
            for some in (resources[:FEW], resources)
        ],
        [
            lambda work, some=some: work.costs.store(
                CloudInvoice(ACCOUNT, APRIL, 0, "USD", InvoiceSource.FILE),
                [Match(line(n), one.id, How.NAME) for n, one in enumerate(some)],
                work.new_id(),
                NOW,
            )
            for some in (resources[:FEW], resources)
        ],
    ):
        few, many = (number_of(pools, store, act) for act in acts)
        assert few == many
    recorded(store, *resources)
    for one in resources:
        assigned(store, one, pilot)
    in_april = ChargesAsked(period=APRIL)
    assert number_of(pools, store, lambda work: list(work.charges.each(in_april))) == 3
    assert number_of(pools, store, lambda work: work.margin.revenue(APRIL)) == 1
    assert number_of(pools, store, lambda work: work.inventory.holdings(APRIL)) == 3


def test_pages_of_the_inventory_and_of_cost_lines_are_read_in_as_many_statements_whatever_their_size(
    pools: Pools, store: Transactions
) -> None:
    [pilot] = pilots(store, "acme")
    resources = [resource(number) for number in range(MANY)]
    recorded(store, *resources)
    for one in resources:
        assigned(store, one, pilot)
    stored(store, [Match(line(n), one.id, How.NAME) for n, one in enumerate(resources)])

    def inventory(limit: int) -> Callable[[Work], object]:
        return lambda work: work.inventory.page(ResourcesAsked(), after=None, limit=limit)

    def lines(limit: int, **asked: Any) -> Callable[[Work], object]:
        return lambda work: work.charges.page(ChargesAsked(**asked), after=None, limit=limit)

    for n in (FEW, MANY):
        assert number_of(pools, store, inventory(n)) == 1
        assert number_of(pools, store, lines(n, period=APRIL)) == 3
        assert number_of(pools, store, lines(n, tenant_id=pilot.tenant_id)) == 3
        assert number_of(pools, store, lambda work: work.charges.invoices(after=None, limit=MANY)) == 1


def test_plans_are_listed_and_quoted_in_as_many_statements_whatever_is_asked_for(
    pools: Pools, store: Transactions
) -> None:
    def listed(limit: int) -> Callable[[Work], object]:
        return lambda work: list_plans(work, OLGA, after=None, limit=limit)

    def quoted(*codes: str) -> Callable[[Work], object]:
        return lambda work: quote_plan(work, plan_code="studio", addon_codes=codes, usage={}, now=NOW)

    everything = ("storage_50gb", "storage_250gb", "llm_1m_tokens", "storage_50gb")
    for few, many in ((listed(1), listed(FEW)), (quoted("storage_50gb"), quoted(*everything))):
        assert number_of(pools, store, few) == number_of(pools, store, many) <= 4


def test_a_discovery_takes_as_many_statements_whatever_the_provider_has_billed(
    pools: Pools, store: Transactions
) -> None:
    bills = [listed(f"u-{n:02}") for n in range(MANY)]
    rows = [entry(ordinal=n) for n in range(MANY)]
    waiting = {UUID(int=n): Match(line(n)) for n in range(MANY)}
    ids = [("droplet", f"{n:05}") for n in range(MANY)]
    jobs = [
        NewJob(UUID(int=n), "ingest", "cloud_billing", {}, "tick", "olga", dedupe_key=f"{n}")
        for n in range(FEW + MANY)
    ]
    for acts in (
        [
            lambda work, some=some: work.costs.discover(ACCOUNT, some, [work.new_id() for _ in some], NOW)
            for some in (bills[:FEW], bills)
        ],
        [
            lambda work, some=some: work.statements.put_entries(ACCOUNT, some, NOW)
            for some in (rows[:FEW], rows)
        ],
        [
            lambda work, some=some: work.costs.rematch(some)
            for some in (dict(list(waiting.items())[:FEW]), waiting)
        ],
        [lambda work, some=some: work.inventory.identified(ACCOUNT, some) for some in (ids[:FEW], ids)],
        [lambda work, some=some: work.jobs.add_all(some, NOW) for some in (jobs[:FEW], jobs[FEW:])],
    ):
        few, many = (number_of(pools, store, act) for act in acts)
        assert few == many <= 6
    assert number_of(pools, store, lambda work: work.costs.rematchable(ACCOUNT)) == 2
    assert number_of(pools, store, lambda work: work.costs.headers(ACCOUNT)) == 1
