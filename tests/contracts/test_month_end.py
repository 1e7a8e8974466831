"""What every MonthEnd must do (ports.month_end), in memory and on Postgres."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from arcadia_domain.billing.deployments import Deployment, LlmMode
from arcadia_domain.billing.invoicing import Invoice, InvoiceStatus, LlmCharges
from arcadia_domain.billing.subscriptions import Timeline
from arcadia_domain.billing.tax import TaxProfile, Treatment
from arcadia_domain.billing.usage import SourceConflict
from arcadia_domain.identity import Principal
from arcadia_domain.period import month_of
from arcadia_domain.ports.jobs import NewJob
from arcadia_domain.ports.month_end import (
    Asking,
    BillingRun,
    Cut,
    DeploymentMonth,
    Existing,
    Failure,
    RunStanding,
    RunState,
    Shard,
    ShardsDone,
    ShardState,
    Written,
)
from arcadia_domain.ports.unit_of_work import Transactions
from arcadia_domain.pricing.stretch import Status
from tests.april import (
    APRIL,
    AS_OF,
    dearer,
    drafts_of,
    due,
    due_ids,
    metered,
    pilots,
    written,
)
from tests.contracts.facts import charged, failures_of, moved, pushed, taxed
from tests.contracts.refusals import refused
from tests.world import ANN, BOB, NOBODYS, OLGA, seeded

MARCH, MAY = month_of(date(2026, 3, 1)), month_of(date(2026, 5, 1))


@pytest.fixture
def store(transactions: Transactions) -> Transactions:
    return seeded(transactions)


@pytest.mark.parametrize(
    ("days", "is_due"),
    [
        ([("2026-05-01", "active")], False),
        ([("2026-04-30", "active")], True),
        ([("2026-01-05", "active")], True),
        ([("2026-01-05", "trial")], True),
        ([("2026-01-05", "active"), ("2026-03-31", "paused")], False),
        ([("2026-01-05", "active"), ("2026-04-01", "cancelled")], False),
        ([("2026-01-05", "active"), ("2026-04-02", "cancelled")], True),
        ([("2026-01-05", "paused"), ("2026-04-30", "active")], True),
        ([("2026-01-05", "paused"), ("2026-05-01", "active")], False),
        ([("2026-04-10", "trial"), ("2026-04-11", "paused"), ("2026-06-01", "active")], True),
    ],
)
def test_a_tenant_with_a_day_in_service_is_due(
    store: Transactions, days: list[tuple[str, str]], is_due: bool
) -> None:
    [pilot] = pilots(store, "acme")
    with store.begin(OLGA) as work:
        subscription = work.subscriptions.of_deployment(pilot.id)
        assert subscription is not None
        version = subscription.timeline.points[0].version_id
        (first, status), *changes = [(date.fromisoformat(day), Status(word)) for day, word in days]
        timeline = Timeline.starting(first, version, status)
        for day, status in changes:
            timeline = timeline.with_status(day, status)
        work.subscriptions.save(replace(subscription, timeline=timeline), date(2026, 5, 1))
    assert due_ids(store) == (["acme"] if is_due else [])


def test_a_tenant_is_due_for_usage_that_is_not_zero_and_for_charges_of_the_gateway(
    store: Transactions,
) -> None:
    ids = ["byok", "idle", "metered", "pushed", "talks", "zero"]
    byok, _, meters, pushes, talks, zero = pilots(store, *ids, starts_on=None)
    metered(store, (zero, "droplet_hours", 5, "0"), (meters, "droplet_hours", 5, "0.000001"))
    pushed(store, pushes, "bandwidth_gb", date(2026, 4, 30), "1")
    pushed(store, pushes, "bandwidth_gb", date(2026, 5, 1), "5")
    charged(store, talks, date(2026, 4, 1), "0.00000001")
    charged(store, byok, date(2026, 4, 1), "3", mode=LlmMode.BYOK)
    charged(store, byok, date(2026, 5, 1), "3")
    assert due_ids(store) == ["metered", "pushed", "talks"]


def test_usage_that_was_taken_back_to_zero_makes_nobody_due(store: Transactions) -> None:
    [pilot] = pilots(store, "acme", starts_on=None)
    metered(store, (pilot, "droplet_hours", 5, "24"))
    assert due_ids(store) == ["acme"]
    metered(store, (pilot, "droplet_hours", 5, "0"))
    assert due_ids(store) == []


def test_tenants_come_in_chunks_by_id_and_none_is_left_out(store: Transactions) -> None:
    ids = [f"t{n}" for n in range(7)]
    pilots(store, *reversed(ids))
    for limit in (1, 3, 7, 50):
        assert [month.tenant.tenant_id for month in due(store, limit=limit)] == ids
    with store.begin(OLGA) as work:
        one = work.month_end.due(APRIL, Existing.IGNORE, after="", limit=9, tenant_id="t4")
        assert [month.tenant.tenant_id for month in one] == ["t4"]
        assert work.month_end.due(APRIL, Existing.IGNORE, after="t4", limit=9, tenant_id="t4") == []


def test_a_due_tenant_comes_with_everything_it_is_priced_from(store: Transactions) -> None:
    web, api, old = pilots(store, "acme", slugs=["web", "api", "old"], addon_codes=["storage_50gb"])
    pilots(store, "other")
    metered(
        store,
        (web, "droplet_hours", 1, "24"),
        (web, "droplet_hours", 30, "12.5"),
        (api, "dns_zones", 3, "0"),
    )
    pushed(store, web, "bandwidth_gb", date(2026, 4, 9), "7")
    charged(store, web, date(2026, 4, 2), "1.00000001")
    charged(store, web, date(2026, 4, 30), "0.5")
    profiles = [
        TaxProfile(date(2020, 1, 1)),
        TaxProfile(date(2026, 1, 1), "AU", Treatment.EXEMPT, "charity"),
    ]
    for profile in reversed(profiles):
        taxed(store, "acme", profile)
    with store.begin(OLGA) as work:
        held = {one.id: work.subscriptions.of_deployment(one.id) for one in (web, api, old)}
        ended = held[old.id]
        assert ended is not None
        cancelled = ended.timeline.with_status(date(2026, 4, 1), Status.CANCELLED)
        work.subscriptions.save(replace(ended, timeline=cancelled), date(2026, 4, 1))
        tenant = work.tenants.get("acme")
    acme, other = due(store)
    assert (acme.tenant, acme.tax_profiles) == (tenant, tuple(profiles))
    assert [one.slug for one in acme.deployments] == ["api", "web"]  # the cancelled one has nothing to bill
    assert [one.subscriptions for one in acme.deployments] == [(held[api.id],), (held[web.id],)]
    assert [one.usage for one in acme.deployments] == [
        {},
        {
            "droplet_hours": {date(2026, 4, 1): Decimal(24), date(2026, 4, 30): Decimal("12.5")},
            "bandwidth_gb": {date(2026, 4, 9): Decimal(7)},
        },
    ]
    assert [one.llm for one in acme.deployments] == [None, LlmCharges(Decimal("1.50000001"), "AUD", 2)]
    assert other.tax_profiles == ()


def test_the_subscriptions_of_a_deployment_come_in_the_order_of_their_start(store: Transactions) -> None:
    [pilot] = pilots(store, "acme", starts_on=date(2026, 1, 1))
    with store.begin(OLGA) as work:
        first = work.subscriptions.of_deployment(pilot.id)
        assert first is not None
        cancelled = first.timeline.with_status(date(2026, 4, 10), Status.CANCELLED)
        work.subscriptions.save(replace(first, timeline=cancelled), date(2026, 4, 10))
        version = first.timeline.points[0].version_id
        again = replace(
            first,
            id=work.new_id(),
            timeline=Timeline.starting(date(2026, 4, 15), version),
            created_at=first.created_at - timedelta(days=1),
        )
        assert work.subscriptions.add(again)
    [month] = due(store)
    assert [one.id for one in month.deployments[0].subscriptions] == [first.id, again.id]


@pytest.mark.parametrize("by", [ANN, OLGA])
def test_the_month_of_one_deployment_is_what_is_due_of_it(store: Transactions, by: Principal) -> None:
    web, api = pilots(store, "acme", slugs=["web", "api"], addon_codes=["storage_50gb"])
    metered(store, (web, "droplet_hours", 1, "24"), (api, "droplet_hours", 2, "12.5"))
    pushed(store, web, "bandwidth_gb", date(2026, 4, 30), "7")
    pushed(store, web, "bandwidth_gb", date(2026, 5, 1), "9")
    charged(store, web, date(2026, 4, 2), "1.00000001")
    charged(store, api, date(2026, 4, 2), "3")
    taxed(store, "acme", TaxProfile(date(2026, 1, 1), "AU", Treatment.EXEMPT, "charity"))
    [acme] = due(store)
    with store.begin(by) as work:
        for deployment, month in zip([api, web], acme.deployments, strict=True):
            alone = work.month_end.of_deployment(deployment.id, APRIL)
            assert alone == replace(acme, deployments=(month,))


def test_a_deployment_with_nothing_to_bill_has_a_month_all_the_same(store: Transactions) -> None:
    never, ended = pilots(store, "acme", slugs=["never"], starts_on=None) + pilots(store, "acme", slugs=["x"])
    with store.begin(OLGA) as work:
        held = work.subscriptions.of_deployment(ended.id)
        assert held is not None
        held = held.with_timeline(held.timeline.with_status(date(2026, 4, 1), Status.CANCELLED))
        work.subscriptions.save(held, date(2026, 4, 1))
    assert due(store) == []
    with store.begin(ANN) as work:
        for deployment, subscriptions in ((never, ()), (ended, (held,))):
            month = work.month_end.of_deployment(deployment.id, APRIL)
            assert month is not None
            assert month.deployments == (
                DeploymentMonth(deployment.id, deployment.slug, subscriptions, {}, None),
            )


def test_a_deployment_that_one_cannot_see_has_no_month(store: Transactions) -> None:
    [pilot] = pilots(store, "acme")
    with store.begin(BOB) as work:
        assert work.month_end.of_deployment(pilot.id, APRIL) is None
    with store.begin(OLGA) as work:
        assert work.month_end.of_deployment(NOBODYS, APRIL) is None


def test_charges_in_a_foreign_currency_are_told_as_such(store: Transactions) -> None:
    [pilot] = pilots(store, "acme")
    charged(store, pilot, date(2026, 4, 2), "1")
    charged(store, pilot, date(2026, 4, 3), "1", currency="USD")
    [month] = due(store)
    assert month.deployments[0].llm == LlmCharges(Decimal(2), "USD", 2)


def stands(store: Transactions, invoice: Invoice, status: InvoiceStatus) -> None:
    if status is not InvoiceStatus.DRAFT:
        moved(store, invoice, status)


@pytest.mark.parametrize("status", list(InvoiceStatus))
def test_what_is_due_depends_on_the_invoice_that_is_there(store: Transactions, status: InvoiceStatus) -> None:
    pilots(store, "acme", "new")
    acme, _ = written(store)
    with store.begin(OLGA) as work:
        work.month_end.write([], ["new"], period=APRIL, force=True)
    stands(store, acme, status)
    assert due_ids(store, Existing.SKIP) == ["new"]
    rebuilt = ["acme"] if status is InvoiceStatus.DRAFT else []
    assert due_ids(store, Existing.REBUILD_DRAFTS) == [*rebuilt, "new"]
    assert due_ids(store, Existing.IGNORE) == ["acme", "new"]


def test_an_invoice_of_another_month_keeps_nobody_from_being_due(store: Transactions) -> None:
    pilots(store, "acme", starts_on=MARCH.start)
    written(store)
    with store.begin(OLGA) as work:
        for month in (MARCH, MAY):
            assert len(work.month_end.due(month, Existing.SKIP, after="", limit=9)) == 1


def test_a_draft_of_one_who_owes_nothing_any_more_is_looked_at_when_drafts_are_rebuilt(
    store: Transactions,
) -> None:
    [pilot] = pilots(store, "acme", starts_on=None)
    metered(store, (pilot, "droplet_hours", 5, "24"))
    [invoice] = written(store)
    metered(store, (pilot, "droplet_hours", 5, "0"))
    assert due_ids(store, Existing.SKIP) == due_ids(store, Existing.IGNORE) == []
    [month] = due(store, Existing.REBUILD_DRAFTS)
    assert (month.tenant.tenant_id, month.deployments) == ("acme", ())
    with store.begin(OLGA) as work:
        work.month_end.write([], ["acme"], period=APRIL, force=True)
        assert work.invoices.get(invoice.id) is None
    assert due(store, Existing.REBUILD_DRAFTS) == []


def full_draft(store: Transactions) -> Invoice:
    """A draft of two deployments with addon, overage, charges, inputs and billed usage."""
    web, api = pilots(store, "acme", slugs=["web", "api"], addon_codes=["storage_50gb"])
    metered(store, *((web, "droplet_hours", day, "72") for day in range(1, 31)))
    metered(store, (api, "dns_zones", 30, "9"))
    charged(store, web, date(2026, 4, 2), "1.23456789")
    with store.begin(OLGA) as work:
        [made] = drafts_of(work)
    return made


def test_a_draft_is_stored_whole(store: Transactions) -> None:
    made = full_draft(store)
    with store.begin(OLGA) as work:
        assert work.month_end.write([made], [], period=APRIL, force=False) == Written(created=1)
        assert work.invoices.get(made.id) == made
    assert len(made.lines) == 8
    assert len(made.inputs) == 2
    assert len(made.billed) == 3


@pytest.mark.parametrize("force", [False, True])
def test_the_same_drafts_again_change_nothing(store: Transactions, force: bool) -> None:
    pilots(store, "a", "b", "c")
    made = written(store)
    later = [replace(invoice, as_of=AS_OF + timedelta(days=3)) for invoice in made]
    with store.begin(OLGA) as work:
        assert work.month_end.write(later, [], period=APRIL, force=force) == Written(unchanged=3)
        assert [work.invoices.get(one.id) for one in made] == made


def test_without_force_a_draft_that_is_there_stays(store: Transactions) -> None:
    pilots(store, "a", "b")
    first, second = written(store)
    with store.begin(OLGA) as work:
        assert work.month_end.write([dearer(first)], ["b"], period=APRIL, force=False) == Written(unchanged=1)
        assert work.invoices.get(first.id) == first
        assert work.invoices.get(second.id) == second


def test_force_rebuilds_the_drafts_that_differ_and_removes_those_with_nothing_to_bill(
    store: Transactions,
) -> None:
    pilots(store, "a", "b", "c", "d")
    a, b, c, d = written(store)
    with store.begin(OLGA) as work:
        work.month_end.write([], ["d"], period=APRIL, force=True)
        other = replace(dearer(b), as_of=AS_OF + timedelta(days=1))
        done = work.month_end.write([a, other, d], ["c"], period=APRIL, force=True)
        assert done == Written(created=1, rebuilt=1, unchanged=1)
        assert [work.invoices.get(one.id) for one in (a, b, c, d)] == [a, other, None, d]


@pytest.mark.parametrize("what", ["text", "fewer", "more", "meta", "tax"])
def test_a_draft_that_differs_in_any_line_is_rebuilt(store: Transactions, what: str) -> None:
    made = full_draft(store)
    first, second, *rest = made.lines
    match what:
        case "text":
            other = replace(
                made, lines=(replace(first, line=replace(first.line, description="x")), second, *rest)
            )
        case "meta":
            meta = {**second.line.meta, "x": 1}
            other = replace(made, lines=(first, replace(second, line=replace(second.line, meta=meta)), *rest))
        case "fewer":
            other = replace(made, lines=made.lines[:-1])
        case "more":
            more = replace(first, id=NOBODYS, line_no=len(made.lines) + 1)
            other = replace(made, lines=(*made.lines, more))
        case _:
            other = replace(made, tax_cents=made.tax_cents + 1)
    with store.begin(OLGA) as work:
        work.month_end.write([made], [], period=APRIL, force=True)
        assert work.month_end.write([other], [], period=APRIL, force=True) == Written(rebuilt=1)
        assert work.invoices.get(made.id) == other


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("status", [InvoiceStatus.ISSUED, InvoiceStatus.PAID, InvoiceStatus.VOID])
def test_an_invoice_that_is_no_draft_stays_as_it_is(
    store: Transactions, status: InvoiceStatus, force: bool
) -> None:
    pilots(store, "acme")
    [made] = written(store)
    moved(store, made, status)
    with store.begin(OLGA) as work:
        before = work.invoices.get(made.id)
        assert work.month_end.write([dearer(made)], [], period=APRIL, force=force) == Written(unchanged=1)
        assert work.month_end.write([], ["acme"], period=APRIL, force=force) == Written()
        after = work.invoices.get(made.id)
    assert before is not None
    assert (after, before.status) == (before, status)


def test_nothing_written_is_nothing(store: Transactions) -> None:
    with store.begin(OLGA) as work:
        assert work.month_end.write([], [], period=APRIL, force=True) == Written()


def test_a_run_is_opened_once_and_keeps_its_as_of(store: Transactions) -> None:
    with store.begin(OLGA) as work:
        first = work.month_end.open_run(APRIL, AS_OF, work.new_id())
        again = work.month_end.open_run(APRIL, AS_OF + timedelta(days=2), work.new_id())
        other = work.month_end.open_run(MAY, AS_OF + timedelta(days=31), work.new_id())
    assert first == again == BillingRun(first.id, APRIL, AS_OF)
    assert other.id != first.id


def asking_for(store: Transactions, *, force: bool = False, tenant_id: str | None = None) -> Asking:
    with store.begin(OLGA) as work:
        run = work.month_end.open_run(APRIL, AS_OF, work.new_id())
        return Asking(work.new_id(), run, force, tenant_id)


def begun(store: Transactions, asking: Asking, *failures: Failure) -> None:
    with store.begin(OLGA) as work:
        work.month_end.begin(asking, failures, [], AS_OF)


def test_an_asking_keeps_its_failures_in_place_of_the_earlier_ones(store: Transactions) -> None:
    pilots(store, "a", "b", "c")
    all_of_it = asking_for(store)
    run = all_of_it.run
    begun(store, all_of_it, Failure("a", "no_size", "…"), Failure("b", "not_metered", "…"))
    assert failures_of(store, run) == [("a", "no_size"), ("b", "not_metered")]
    begun(store, asking_for(store, tenant_id="c"), Failure("c", "no_size", "…"))
    begun(store, asking_for(store, tenant_id="a"))
    begun(store, asking_for(store, tenant_id="b"), Failure("b", "held_twice", "…"))
    assert failures_of(store, run) == [("b", "held_twice"), ("c", "no_size")]
    begun(store, asking_for(store))
    assert failures_of(store, run) == []


def test_a_failure_is_named_beside_the_others_and_anew_in_place_of_its_own(store: Transactions) -> None:
    pilots(store, "a", "b", "c")
    asking = asking_for(store)
    begun(store, asking, Failure("b", "no_size", "…"))
    with store.begin(OLGA) as work:
        work.month_end.name_failures(asking.run, [Failure("a", "x", "1"), Failure("b", "y", "2")], AS_OF)
        work.month_end.name_failures(asking.run, [], AS_OF)
        both = [Failure("a", "x", "1"), Failure("b", "y", "2")]
        assert work.month_end.failures(asking.run) == both
        assert work.month_end.failures(asking.run, "b") == both[1:]
        assert work.month_end.failed_among(asking.run, ["b", "c"]) == {"b"}


def test_conflicts_of_an_asking_come_back_as_they_were_found(store: Transactions) -> None:
    web, api = pilots(store, "acme", slugs=["web"]) + pilots(store, "b")
    asking = asking_for(store)

    def conflict(deployment: Deployment, day: int) -> SourceConflict:
        return SourceConflict(
            tenant_id=deployment.tenant_id,
            deployment_id=deployment.id,
            kind="droplet_hours",
            day=date(2026, 4, day),
            first="pushed",
            second="metered",
        )

    found = [conflict(web, 3), conflict(web, 5), conflict(api, 1)]
    for _ in range(2):
        with store.begin(OLGA) as work:
            work.month_end.begin(asking, [], found[::-1], AS_OF)
    with store.begin(OLGA) as work:
        told = work.month_end.conflicts(asking.run)
        assert [(type(one), one.facts) for one in told] == [(SourceConflict, one.facts) for one in found]
        assert [one.facts for one in work.month_end.conflicts(asking.run, "b")] == [found[2].facts]
        one_tenant = replace(asking, tenant_id="b")
        work.month_end.begin(one_tenant, [], [], AS_OF)
        assert [one.tenant_id for one in work.month_end.conflicts(asking.run)] == ["acme", "acme"]


def test_who_is_due_is_cut_into_shards_that_leave_nobody_out(store: Transactions) -> None:
    ids = [f"t{n}" for n in range(7)]
    pilots(store, *reversed(ids))
    with store.begin(OLGA) as work:
        run = work.month_end.open_run(APRIL, AS_OF, work.new_id())
        asking = Asking(work.new_id(), run)
        assert work.month_end.cut(asking, 3) == [Cut("t2", 3), Cut("t5", 3), Cut("t6", 1)]
        assert work.month_end.cut(asking, 7) == [Cut("t6", 7)]
        assert work.month_end.cut(replace(asking, tenant_id="t4"), 3) == [Cut("t4", 1)]
        between = work.month_end.due(APRIL, Existing.IGNORE, after="t2", limit=9, up_to="t5")
        assert [month.tenant.tenant_id for month in between] == ["t3", "t4", "t5"]
    written(store)
    with store.begin(OLGA) as work:
        assert work.month_end.cut(asking, 3) == []
        assert work.month_end.cut(replace(asking, force=True), 4) == [Cut("t3", 4), Cut("t6", 3)]


def shards_of(*tenants: int) -> list[Shard]:
    return [Shard(n, f"t{n}", f"t{n + 1}", count, job_id=UUID(int=n)) for n, count in enumerate(tenants)]


def test_a_shard_is_finished_once_and_the_last_one_knows_that_it_is(store: Transactions) -> None:
    asking, planned = asking_for(store), shards_of(5, 5, 2)
    planned[2] = replace(planned[2], up_to=None)
    with store.begin(OLGA) as work:
        work.month_end.add_shards(asking, planned, AS_OF)
        work.month_end.add_shards(asking, [], AS_OF)
        assert work.month_end.shards(asking) == planned
        assert work.month_end.shards(replace(asking, id=NOBODYS)) == []
    done = [replace(one, state=ShardState.DONE, written=Written(1, 2, one.number)) for one in planned]
    done[0] = replace(done[0], state=ShardState.DISCARDED)
    far = []
    for one in (done[2], done[0], done[2], done[1]):
        with store.begin(OLGA) as work:
            far.append(work.month_end.finish_shard(asking, one, AS_OF))
    assert far == [ShardsDone(12, 2, 2), ShardsDone(12, 7, 1), None, ShardsDone(12, 12, 0)]
    with store.begin(OLGA) as work:
        assert work.month_end.shards(asking) == done


def test_a_run_stands_as_its_last_asking_left_it(store: Transactions) -> None:
    pilots(store, "a")
    first = asking_for(store)
    with store.begin(OLGA) as work:
        work.month_end.add_shards(first, shards_of(9), AS_OF)
        assert work.month_end.run_of(MAY) is None
        work.month_end.close_run(first.run, AS_OF)
        closed = work.month_end.run_of(APRIL)
        assert closed is not None
        assert (closed.run, closed.state, closed.finished_at) == (first.run, RunState.FINISHED, AS_OF)
    last = asking_for(store)
    begun(store, last, Failure("a", "no_size", "…"))
    with store.begin(OLGA) as work:
        parked = work.jobs.add(NewJob(work.new_id(), "n", "cloud_billing", {}, "c", "olga"), AS_OF)
        claimed = work.jobs.claim(parked, AS_OF, AS_OF, names=["n"], worker="one")
        assert claimed is not None
        work.jobs.fail(claimed, "internal_error", "…", AS_OF, parked=True)
        planned = [replace(one, job_id=parked if one.number == 1 else None) for one in shards_of(4, 3, 2, 1)]
        work.month_end.add_shards(last, planned, AS_OF)
        came_to = replace(planned[0], state=ShardState.DONE, written=Written(2, 1, 1))
        work.month_end.finish_shard(last, came_to, AS_OF)
        work.month_end.finish_shard(last, replace(planned[2], state=ShardState.DISCARDED), AS_OF)
    with store.begin(OLGA) as work:
        assert work.month_end.run_of(APRIL) == RunStanding(
            run=first.run,
            state=RunState.RUNNING,
            started_at=AS_OF,
            finished_at=None,
            tenants=10,
            done=6,
            written=Written(2, 1, 1),
            shards_waiting=1,
            shards_stopped=1,
            shards_done=1,
            shards_discarded=1,
            failed=1,
        )


def test_an_asking_for_one_tenant_leaves_the_run_as_it_is(store: Transactions) -> None:
    pilots(store, "a")
    whole, alone = asking_for(store), asking_for(store, tenant_id="a")

    def state() -> tuple[RunState, bool]:
        with store.begin(OLGA) as work:
            standing = work.month_end.run_of(APRIL)
        assert standing is not None
        return standing.state, standing.finished_at is not None

    begun(store, alone)
    assert state() == (RunState.OPEN, False)
    begun(store, whole)
    begun(store, alone)
    assert state() == (RunState.RUNNING, False)
    with store.begin(OLGA) as work:
        work.month_end.close_run(whole.run, AS_OF)
    begun(store, alone)
    assert state() == (RunState.FINISHED, True)
    begun(store, whole)
    assert state() == (RunState.RUNNING, False)


def test_a_shard_is_taken_as_it_stands_and_may_be_done_in_part(store: Transactions) -> None:
    asking, planned = asking_for(store), shards_of(5, 5)
    with store.begin(OLGA) as work:
        work.month_end.add_shards(asking, planned, AS_OF)
        assert work.month_end.shards_waiting(asking.id) == 2
        assert work.month_end.shards_waiting(NOBODYS) == 0
    with store.begin(OLGA) as work:
        assert work.month_end.take_shard(asking, 1) == planned[1]
        assert work.month_end.take_shard(asking, 2) is None
        part = replace(planned[1], after="t11", written=Written(created=4))
        assert work.month_end.finish_shard(asking, part, AS_OF) == ShardsDone(10, 0, 2)
    with store.begin(OLGA) as work:
        work.month_end.take_run(asking)
        assert work.month_end.take_shard(asking, 1) == part
        done = replace(part, state=ShardState.DONE, written=Written(created=6))
        assert work.month_end.finish_shard(asking, done, AS_OF) == ShardsDone(10, 5, 1)
        assert work.month_end.shards(asking) == [planned[0], done]
        assert work.month_end.shards_waiting(asking.id) == 1


def test_runs_come_the_latest_month_first_in_pages(store: Transactions) -> None:
    with store.begin(OLGA) as work:
        for month in (APRIL, MARCH, MAY):
            work.month_end.open_run(month, AS_OF, work.new_id())
        assert [one.run.period for one in work.month_end.runs(after=None, limit=2)] == [MAY, APRIL]
        assert [one.run.period for one in work.month_end.runs(after=APRIL.start, limit=2)] == [MARCH]


def test_a_tenant_runs_no_month_end(store: Transactions) -> None:
    with refused(), store.begin(ANN) as work:
        work.month_end.open_run(APRIL, AS_OF, work.new_id())
