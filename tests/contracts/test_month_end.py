"""What every MonthEnd must say of who is due, and write of their drafts (ports.month_end)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from arcadia_domain.billing.deployments import LlmMode
from arcadia_domain.billing.invoicing import Invoice, InvoiceStatus, LlmCharges
from arcadia_domain.billing.subscriptions import Timeline
from arcadia_domain.billing.tax import TaxProfile, Treatment
from arcadia_domain.identity import Principal
from arcadia_domain.period import month_of
from arcadia_domain.ports.month_end import (
    DeploymentMonth,
    Existing,
    Written,
)
from arcadia_domain.ports.unit_of_work import Transactions
from arcadia_domain.pricing.stretch import Status
from tests.april import APRIL, AS_OF, dearer, drafts_of, due, due_ids, metered, pilots, written
from tests.contracts.facts import charged, moved, pushed, taxed
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


def test_a_tenant_runs_no_month_end(store: Transactions) -> None:
    with refused(), store.begin(ANN) as work:
        work.month_end.open_run(APRIL, AS_OF, work.new_id())
