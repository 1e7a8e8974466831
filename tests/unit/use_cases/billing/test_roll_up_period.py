"""roll_up_period: a draft for everybody who is due, and the reason for everybody who cannot have one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from arcadia_adapters.digitalocean.sample.account import sample_resources
from arcadia_app.use_cases.billing import roll_up_period as rollup
from arcadia_app.use_cases.billing.billing_run.check_rollup import MonthNotOver, UnknownTenant
from arcadia_app.use_cases.billing.roll_up_period import RolledUp, roll_up_period
from arcadia_app.use_cases.cloud.assign_resource import assign_resource
from arcadia_app.use_cases.cloud.meter_day import meter_day
from arcadia_app.use_cases.cloud.record_inventory import record_inventory
from arcadia_domain.billing.deployments import Deployment, LlmMode
from arcadia_domain.billing.invoicing import Invoice, InvoiceStatus
from arcadia_domain.billing.tax import TaxProfile, Treatment
from arcadia_domain.billing.usage import Source
from arcadia_domain.identity import OperatorsOnly
from arcadia_domain.period import midnight
from arcadia_domain.pricing.line import LineKind
from tests.april import APRIL, AS_OF, pilots
from tests.fakes.state import LlmEvent
from tests.fakes.transactions import FakeTransactions
from tests.held import april, assigned, recorded, resource
from tests.world import ANN, OLGA


def pushed(shop: FakeTransactions, deployment: Deployment, hours: str) -> None:
    """Droplet hours of 5 April that no metering touches."""
    key = (deployment.tenant_id, deployment.id, "droplet_hours", date(2026, 4, 5))
    shop.state.day_usage[key] = (Source.PUSHED, Decimal(hours))


def rolled_up(shop: FakeTransactions, *, force: bool = False, tenant_id: str | None = None) -> RolledUp:
    return roll_up_period(shop, OLGA, period=APRIL, now=AS_OF, force=force, tenant_id=tenant_id)


def invoice_of(shop: FakeTransactions, tenant_id: str) -> Invoice:
    with shop.begin(OLGA) as work:
        invoice = work.invoices.of_period(tenant_id, APRIL.start)
    assert invoice is not None
    return invoice


def runs_droplets(shop: FakeTransactions, deployment: Deployment, count: int) -> None:
    """The pilot of the sample account, from the first of April."""
    with shop.begin(OLGA) as work:
        seen = sample_resources(work.new_id, AS_OF, count=count)
        record_inventory(work, OLGA, account="digitalocean", seen=seen, now=AS_OF)
        for one in work.inventory.of_account("digitalocean"):
            assign_resource(
                work,
                OLGA,
                resource_id=one.id,
                deployment_id=deployment.id,
                from_at=midnight(APRIL.start),
                now=AS_OF,
            )


def test_golden_3_three_droplets_through_april_come_to_7064(shop: FakeTransactions) -> None:
    [pilot] = pilots(shop, "pilot", addon_codes=["storage_50gb"])
    runs_droplets(shop, pilot, 3)
    assert rolled_up(shop).created == 1
    invoice = invoice_of(shop, "pilot")
    assert [placed.line.amount_cents for placed in invoice.lines] == [5000, 750, 672, 642]
    assert [placed.line.description for placed in invoice.lines][1] == "Addon: storage_50gb"
    assert (invoice.subtotal_cents, invoice.tax_cents, invoice.total_cents) == (6422, 642, 7064)
    assert {used.kind: used.qty for used in invoice.billed} == {"droplet_hours": 2160}
    again = rolled_up(shop)
    assert (again.created, again.rebuilt, again.unchanged, again.failures) == (0, 0, 0, ())


def test_golden_4_five_droplets_through_april_bring_7112(shop: FakeTransactions) -> None:
    [pilot] = pilots(shop, "pilot")
    runs_droplets(shop, pilot, 5)
    rolled_up(shop)
    assert invoice_of(shop, "pilot").subtotal_cents == 7112


def test_the_tax_line_stands_last_and_belongs_to_no_deployment(shop: FakeTransactions) -> None:
    pilots(shop, "acme", slugs=["web", "api"])
    rolled_up(shop)
    *_, last = invoice_of(shop, "acme").lines
    assert (last.line.kind, last.deployment_id, last.line.amount_cents) == (LineKind.TAX, None, 1000)


def test_an_exempt_tenant_pays_no_tax(shop: FakeTransactions) -> None:
    pilots(shop, "acme")
    shop.state.tax_profiles["acme"] = [TaxProfile(date(2020, 1, 1), "AU", Treatment.EXEMPT, "charity")]
    rolled_up(shop)
    invoice = invoice_of(shop, "acme")
    assert (invoice.tax_cents, invoice.total_cents) == (0, 5000)


def test_charges_of_the_gateway_are_one_line_rounded_once(shop: FakeTransactions) -> None:
    [pilot] = pilots(shop, "acme")
    for _ in range(3):
        event = LlmEvent("acme", pilot.id, date(2026, 4, 5), Decimal("0.005"), "AUD", LlmMode.GATEWAY)
        shop.state.llm_events.append(event)
    rolled_up(shop)
    [line] = [p.line for p in invoice_of(shop, "acme").lines if p.line.kind is LineKind.LLM_USAGE]
    assert (line.amount_cents, line.qty) == (2, Decimal("0.015"))


def test_usage_without_a_subscription_is_priced_never_lost(shop: FakeTransactions) -> None:
    [pilot] = pilots(shop, "acme", starts_on=None)
    pushed(shop, pilot, "24")
    assert rolled_up(shop).created == 1
    assert invoice_of(shop, "acme").subtotal_cents == 48  # 24 hours at the seed's fallback price of 2c


def test_a_tenant_with_nothing_to_bill_gets_no_invoice(shop: FakeTransactions) -> None:
    [pilot] = pilots(shop, "acme", starts_on=None)
    with shop.begin(OLGA) as work:
        assert work.deployments.get(pilot.id) is not None
    assert rolled_up(shop).created == 0
    assert shop.state.invoices == {}


def test_a_tenant_that_cannot_be_metered_is_named_and_the_others_are_billed(
    shop: FakeTransactions,
) -> None:
    broken, fine = pilots(shop, "broken", "fine")
    held, other = resource(1, created_at=None), resource(2)
    recorded(shop, held, other)
    assigned(shop, held, broken)
    assigned(shop, other, fine)
    run = rolled_up(shop)
    assert (run.created, [(f.tenant_id, f.code) for f in run.failures]) == (
        1,
        [("broken", "resource_without_created_at")],
    )
    assert {invoice.tenant_id for invoice in shop.state.invoices.values()} == {"fine"}
    assert [f.tenant_id for f in next(iter(shop.state.run_failures.values()))] == ["broken"]


def test_a_tenant_that_was_named_is_billed_once_its_resource_is_mended(shop: FakeTransactions) -> None:
    [pilot] = pilots(shop, "acme")
    held = resource(1, created_at=None)
    recorded(shop, held)
    assigned(shop, held, pilot)
    assert len(rolled_up(shop).failures) == 1
    recorded(shop, replace(held, created_at=april(20)))
    assert (rolled_up(shop).created, rolled_up(shop).failures) == (1, ())
    assert next(iter(shop.state.run_failures.values())) == []


def test_a_tenant_whose_charges_are_in_another_currency_is_named(shop: FakeTransactions) -> None:
    [pilot] = pilots(shop, "acme")
    shop.state.llm_events.append(
        LlmEvent("acme", pilot.id, date(2026, 4, 5), Decimal(1), "USD", LlmMode.GATEWAY)
    )
    assert [(f.tenant_id, f.code) for f in rolled_up(shop).failures] == [("acme", "mixed_currencies")]


@pytest.mark.parametrize("chunk", [1, 2, 3, 500])
def test_all_tenants_are_billed_whatever_the_chunk(
    shop: FakeTransactions, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(rollup, "CHUNK", chunk)
    pilots(shop, "a", "b", "c", "d", "e")
    sizes: list[int] = []
    run = roll_up_period(shop, OLGA, period=APRIL, now=AS_OF, progress=sizes.append)
    assert (run.created, sum(sizes), max(sizes)) == (5, 5, min(chunk, 5))


def test_one_tenant_alone_is_rolled_up_when_asked_for(shop: FakeTransactions) -> None:
    pilots(shop, "a", "b")
    assert rolled_up(shop, tenant_id="b").created == 1
    assert {invoice.tenant_id for invoice in shop.state.invoices.values()} == {"b"}


def test_a_rerun_skips_and_force_rebuilds_what_changed(shop: FakeTransactions) -> None:
    changes, _ = pilots(shop, "changes", "stays")
    rolled_up(shop)
    pushed(shop, changes, "1500")
    assert rolled_up(shop) == RolledUp(APRIL, 0, 0, 0, ())
    assert invoice_of(shop, "changes").subtotal_cents == 5000
    assert rolled_up(shop, force=True) == RolledUp(APRIL, 0, 1, 1, ())
    assert invoice_of(shop, "changes").subtotal_cents == 5012


def test_force_removes_the_draft_of_one_who_owes_nothing_any_more(shop: FakeTransactions) -> None:
    [pilot] = pilots(shop, "acme", starts_on=None)
    pushed(shop, pilot, "24")
    rolled_up(shop)
    pushed(shop, pilot, "0")
    assert rolled_up(shop, force=True) == RolledUp(APRIL, 0, 0, 0, ())
    assert shop.state.invoices == {}


@pytest.mark.parametrize("status", [InvoiceStatus.ISSUED, InvoiceStatus.PAID, InvoiceStatus.VOID])
def test_force_never_touches_what_is_no_draft(shop: FakeTransactions, status: InvoiceStatus) -> None:
    [pilot] = pilots(shop, "acme")
    rolled_up(shop)
    stands = replace(invoice_of(shop, "acme"), status=status)
    shop.state.invoices[stands.id] = stands
    pushed(shop, pilot, "1500")
    assert rolled_up(shop, force=True) == RolledUp(APRIL, 0, 0, 0, ())
    assert shop.state.invoices == {stands.id: stands}


def test_a_run_that_comes_later_makes_the_same_invoices(shop: FakeTransactions) -> None:
    pilots(shop, "acme")
    rolled_up(shop)
    first = invoice_of(shop, "acme")
    shop.state.invoices.clear()
    roll_up_period(shop, OLGA, period=APRIL, now=AS_OF + timedelta(days=9))
    assert invoice_of(shop, "acme") == first


def test_a_month_that_is_not_over_is_refused(shop: FakeTransactions) -> None:
    before = shop.state.copy()
    with pytest.raises(MonthNotOver):
        roll_up_period(shop, OLGA, period=APRIL, now=datetime(2026, 4, 30, 23, 59, 59, tzinfo=UTC))
    with pytest.raises(OperatorsOnly):
        roll_up_period(shop, ANN, period=APRIL, now=AS_OF)
    assert shop.state == before


def test_what_is_learnt_of_a_day_after_it_was_metered_is_billed(shop: FakeTransactions) -> None:
    [pilot] = pilots(shop, "acme")
    first, second, third = resource(1), resource(2), resource(3)
    recorded(shop, first, second, third)
    assigned(shop, first, pilot)
    rolled_up(shop)
    assigned(shop, second, pilot)  # back to the first of the month
    assigned(shop, third, pilot)
    assert rolled_up(shop, force=True) == RolledUp(APRIL, 0, 1, 0, ())
    assert invoice_of(shop, "acme").subtotal_cents == 5000 + 3 * 720 - 1488


def test_a_resource_that_cannot_be_metered_stops_its_tenant_also_beside_one_that_was(
    shop: FakeTransactions,
) -> None:
    [pilot] = pilots(shop, "acme")
    fine, broken = resource(1), resource(2, created_at=None)
    recorded(shop, fine, broken)
    assigned(shop, fine, pilot)
    with shop.begin(OLGA) as work:
        for day in APRIL:
            meter_day(work, OLGA, day=day, now=AS_OF)
    assigned(shop, broken, pilot)
    run = rolled_up(shop)
    assert (run.created, [failure.tenant_id for failure in run.failures]) == (0, ["acme"])


def test_what_was_pushed_and_metered_is_billed_as_pushed_and_told(shop: FakeTransactions) -> None:
    made = pilots(shop, "acme", "zoo")
    for n, pilot in enumerate(reversed(made), 1):
        held = resource(n)
        recorded(shop, held)
        assigned(shop, held, pilot)
        pushed(shop, pilot, "1500")
    run = rolled_up(shop)
    assert (run.created, run.failures) == (2, ())
    assert [(one.tenant_id, one.facts["day"]) for one in run.conflicts] == [
        ("acme", date(2026, 4, 5)),
        ("zoo", date(2026, 4, 5)),
    ]
    assert invoice_of(shop, "acme").subtotal_cents == 5000 + 29 * 24 + 1500 - 1488
    assert [one.tenant_id for one in rolled_up(shop, tenant_id="zoo").conflicts] == ["zoo"]


def test_a_tenant_that_is_not_there_is_named(shop: FakeTransactions) -> None:
    with pytest.raises(UnknownTenant, match="'nobody'"):
        roll_up_period(shop, OLGA, period=APRIL, now=AS_OF, tenant_id="nobody")
