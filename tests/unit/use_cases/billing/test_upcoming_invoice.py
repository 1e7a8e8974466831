"""upcoming_invoice: a deployment's month so far, as the month end bills it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arcadia_app.use_cases.billing.attach_addon import attach_addon
from arcadia_app.use_cases.billing.change_plan_version import change_plan_version
from arcadia_app.use_cases.billing.detach_addon import detach_addon
from arcadia_app.use_cases.billing.preview_plan_change import preview_plan_change
from arcadia_app.use_cases.billing.roll_up_period import roll_up_period
from arcadia_app.use_cases.billing.scope import DeploymentNotFound
from arcadia_app.use_cases.billing.upcoming_invoice import upcoming_invoice
from arcadia_domain.billing.deployments import Deployment, LlmMode
from arcadia_domain.billing.invoicing import Invoice
from arcadia_domain.billing.tax import TaxProfile, Treatment
from arcadia_domain.billing.usage import Source
from arcadia_domain.identity import Principal
from arcadia_domain.money import MixedCurrencies
from arcadia_domain.period import Period, month_of
from arcadia_domain.pricing.kinds import KINDS
from tests.april import APRIL, AS_OF, metered, pilots
from tests.fakes.state import LlmEvent
from tests.fakes.transactions import FakeTransactions
from tests.unit.domain.examples import examples
from tests.unit.use_cases.refusing import refusal
from tests.world import ANN, BOB, NOBODYS, OLGA, at, seeded

MID_APRIL = datetime(2026, 4, 15, 12, tzinfo=UTC)


def upcoming(
    shop: FakeTransactions, pilot: Deployment, now: datetime = MID_APRIL, period: Period | None = None
) -> Invoice:
    before = shop.state.copy()
    with shop.begin(ANN) as work:
        found = upcoming_invoice(work, ANN, deployment_id=pilot.id, now=now, period=period)
    assert shop.state == before
    return found.invoice


def charged(shop: FakeTransactions, pilot: Deployment, day: date, charge: str, currency: str = "AUD") -> None:
    event = LlmEvent(pilot.tenant_id, pilot.id, day, Decimal(charge), currency, LlmMode.GATEWAY)
    shop.state.llm_events.append(event)


def test_recurring_stands_whole_and_usage_and_charges_as_recorded_so_far(shop: FakeTransactions) -> None:
    [pilot] = pilots(shop, "acme", addon_codes=["storage_50gb"])
    metered(shop, (pilot, "droplet_hours", 3, "1588"))
    charged(shop, pilot, date(2026, 4, 5), "1.005")
    invoice = upcoming(shop, pilot)
    assert [(placed.line.kind.value, placed.line.amount_cents) for placed in invoice.lines] == [
        ("plan_base", 5000),
        ("addon", 750),
        ("overage", 100),
        ("llm_usage", 101),
        ("tax", 595),
    ]
    assert (invoice.subtotal_cents, invoice.tax_cents, invoice.total_cents) == (5951, 595, 6546)
    assert (invoice.period, invoice.currency, invoice.as_of) == (APRIL, "AUD", MID_APRIL)


def test_it_is_the_deployments_alone(shop: FakeTransactions) -> None:
    web, api = pilots(shop, "acme", slugs=["web", "api"])
    metered(shop, (web, "droplet_hours", 3, "2000"))
    assert {placed.deployment_id for placed in upcoming(shop, api).lines} == {api.id, None}
    assert upcoming(shop, api).subtotal_cents == 5000


def test_a_month_with_nothing_to_bill_has_no_line_and_costs_nothing(shop: FakeTransactions) -> None:
    [pilot] = pilots(shop, "acme", starts_on=None)
    [later] = pilots(shop, "acme", slugs=["later"], starts_on=date(2026, 5, 1))
    for one in (pilot, later):
        invoice = upcoming(shop, one)
        assert (invoice.lines, invoice.subtotal_cents, invoice.tax_cents) == ((), 0, 0)
        assert len(invoice.quote_hash) == 64


def test_the_month_is_the_current_one_of_utc_or_the_one_that_is_asked_for(shop: FakeTransactions) -> None:
    [pilot] = pilots(shop, "acme", starts_on=date(2026, 4, 30))
    sydney_may = datetime.fromisoformat("2026-05-01T08:00:00+10:00")
    may = month_of(date(2026, 5, 1))
    assert upcoming(shop, pilot, sydney_may).subtotal_cents == 167
    assert (upcoming(shop, pilot, sydney_may, may).period, upcoming(shop, pilot).period) == (may, APRIL)
    assert upcoming(shop, pilot, sydney_may, may).subtotal_cents == 5000


def test_tax_is_the_tenants(shop: FakeTransactions) -> None:
    [pilot] = pilots(shop, "acme")
    shop.state.tax_profiles["acme"] = [TaxProfile(date(2026, 1, 1), "AU", Treatment.EXEMPT, "charity")]
    assert upcoming(shop, pilot).tax_cents == 0


def test_charges_in_another_currency_are_refused_as_the_month_end_refuses_them(
    shop: FakeTransactions,
) -> None:
    [pilot] = pilots(shop, "acme")
    charged(shop, pilot, date(2026, 4, 5), "1", "USD")
    with refusal(shop, ANN, MixedCurrencies) as work:
        upcoming_invoice(work, ANN, deployment_id=pilot.id, now=MID_APRIL)


@pytest.mark.parametrize("by", [BOB, OLGA])
def test_a_deployment_that_one_cannot_see_is_not_there(shop: FakeTransactions, by: Principal) -> None:
    [pilot] = pilots(shop, "acme")
    with refusal(shop, by, DeploymentNotFound) as work:
        upcoming_invoice(work, by, deployment_id=pilot.id if by is BOB else NOBODYS, now=MID_APRIL)


@dataclass(frozen=True)
class Life:
    """What happens to one deployment, on days of April."""

    starts_on: int
    usage: list[tuple[str, int, str]]
    charges: list[tuple[int, str]]
    changes: list[tuple[int, str]]
    addons: list[tuple[int, int]]


april_days = st.integers(1, 30)
lives = st.builds(
    Life,
    starts_on=april_days,
    usage=st.lists(
        st.tuples(st.sampled_from(list(KINDS)), april_days, st.integers(0, 9_000_000).map(str)), max_size=4
    ),
    charges=st.lists(st.tuples(april_days, st.sampled_from(["0.005", "1.00000001", "12"])), max_size=2),
    changes=st.lists(st.tuples(april_days, st.sampled_from(["starter", "studio", "pro"])), max_size=2),
    addons=st.lists(st.tuples(april_days, april_days), max_size=2),
)


def lived(shop: FakeTransactions, life: Life) -> Deployment:
    """A deployment that has come through it; what would be before the start is left out."""
    [pilot] = pilots(shop, "acme", starts_on=date(2026, 4, life.starts_on))
    for kind, day, qty in life.usage:  # pushed: the month end meters what is metered again
        shop.state.day_usage["acme", pilot.id, kind, date(2026, 4, day)] = (Source.PUSHED, Decimal(qty))
    for day, charge in life.charges:
        charged(shop, pilot, date(2026, 4, day), charge)
    with shop.begin(OLGA) as work:
        for day, plan_code in life.changes:
            if day >= life.starts_on:
                change_plan_version(
                    work,
                    OLGA,
                    deployment_id=pilot.id,
                    plan_code=plan_code,
                    now=AS_OF,
                    from_day=date(2026, 4, day),
                )
        for start, end in life.addons:
            if life.starts_on <= start <= end:
                addon = attach_addon(
                    work,
                    OLGA,
                    deployment_id=pilot.id,
                    code="storage_50gb",
                    now=AS_OF,
                    from_day=date(2026, 4, start),
                )
                detach_addon(
                    work,
                    OLGA,
                    deployment_id=pilot.id,
                    addon_id=addon.id,
                    now=at(date(2026, 4, 1)),
                    to_day=date(2026, 4, end),
                )
    return pilot


def rolled_up(shop: FakeTransactions) -> Invoice:
    result = roll_up_period(shop, OLGA, period=APRIL, now=AS_OF)
    assert (result.created, result.failures) == (1, ())
    [invoice] = shop.state.invoices.values()
    return invoice


def as_billed(invoice: Invoice) -> object:
    return (
        invoice.tenant_id,
        invoice.period,
        invoice.currency,
        [(placed.deployment_id, placed.line) for placed in invoice.lines],
        invoice.subtotal_cents,
        invoice.tax_cents,
        invoice.quote_hash,
    )


@examples(60)
@given(lives)
def test_of_a_month_that_is_over_it_is_the_month_ends_invoice_to_the_cent_and_by_hash(life: Life) -> None:
    shop = seeded(FakeTransactions())
    pilot = lived(shop, life)
    told = upcoming(shop, pilot, AS_OF + timedelta(days=40), APRIL)
    assert as_billed(told) == as_billed(rolled_up(shop))


@examples(60)
@given(lives, april_days, st.sampled_from(["starter", "studio", "pro"]))
def test_a_change_of_plan_is_billed_as_it_was_previewed(life: Life, day: int, plan_code: str) -> None:
    shop = seeded(FakeTransactions())
    pilot = lived(shop, life)
    asked = {
        "deployment_id": pilot.id,
        "plan_code": plan_code,
        "now": AS_OF,
        "from_day": date(2026, 4, max(day, life.starts_on)),
    }
    with shop.begin(OLGA) as work:
        preview = preview_plan_change(work, OLGA, **asked)  # type: ignore[arg-type]
    assert as_billed(preview.before.invoice) == as_billed(upcoming(shop, pilot))
    with shop.begin(OLGA) as work:
        change_plan_version(work, OLGA, **asked)  # type: ignore[arg-type]
    invoice = rolled_up(shop)
    assert as_billed(preview.after.invoice) == as_billed(invoice)
    assert preview.difference_cents == invoice.total_cents - preview.before.invoice.total_cents
