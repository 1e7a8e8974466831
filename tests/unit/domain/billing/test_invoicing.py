"""Invoicing: the order of the lines, repeatable ids, tax, charges rounded once, and the proof kept."""

from __future__ import annotations

import hashlib
from dataclasses import FrozenInstanceError, replace
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arcadia_domain.billing.invoicing import (
    LARGEST_TOTAL_CENTS,
    LLM_CHARGE,
    BilledUsage,
    DeploymentBill,
    InvalidCharge,
    Invoice,
    InvoiceInput,
    InvoiceStatus,
    InvoiceTooLarge,
    LlmCharges,
    NegativeInvoice,
    draft,
    hash_of_hashes,
    invoice_id,
    llm_line,
)
from arcadia_domain.billing.tax import Tax, Treatment
from arcadia_domain.money import MixedCurrencies
from arcadia_domain.period import month_of
from arcadia_domain.pricing.line import Line, LineKind
from arcadia_domain.pricing.quoting import Pricing, price, replay
from arcadia_domain.pricing.stretch import Stretch
from tests.unit.domain.catalogue import APRIL, STARTER, STUDIO, in_month, on, pilot_april
from tests.unit.domain.examples import examples

GST = Tax("AU", "GST", Decimal("0.1"), Treatment.STANDARD)
EXEMPT = Tax("AU", "GST", Decimal(0), Treatment.EXEMPT)
AS_OF = datetime(2026, 5, 1, 3, tzinfo=UTC)
ONE, OTHER, THIRD = UUID(int=1), UUID(int=2), UUID(int=3)


def charges(total: str, events: int = 1, currency: str = "AUD") -> LlmCharges:
    return LlmCharges(Decimal(total), currency, events)


def drafted(*bills: DeploymentBill, tax: Tax = GST) -> Invoice:
    invoice = draft("acme", APRIL, bills, tax=tax, currency="AUD", as_of=AS_OF)
    assert invoice is not None
    return invoice


def starter() -> Pricing:
    return in_month(APRIL, [Stretch(APRIL, STARTER)], on(date(2026, 4, 3), dns_zones=1))


def costing(cents: int) -> Pricing:
    """A pricing whose one line is what it says, as a credit or an adjustment would be."""
    line = Line(LineKind.CREDIT, None, "Credit", Decimal(1), "month", cents, cents, {})
    return replace(in_month(APRIL, []), recurring=(line,))


def test_golden_3_is_7064_with_gst() -> None:
    invoice = drafted(DeploymentBill(ONE, pilot_april()))

    assert (invoice.subtotal_cents, invoice.tax_cents, invoice.total_cents) == (6422, 642, 7064)
    assert [line.line.amount_cents for line in invoice.lines] == [5000, 750, 672, 642]
    assert [line.deployment_id for line in invoice.lines] == [ONE, ONE, ONE, None]


def test_lines_stand_by_deployment_charges_after_them_and_tax_last() -> None:
    invoice = drafted(
        DeploymentBill(OTHER, starter(), charges("1.50")),
        DeploymentBill(ONE, pilot_april(), charges("0.004", 3)),
        DeploymentBill(THIRD, starter()),
    )

    assert [(line.line_no, line.deployment_id, line.line.kind.value) for line in invoice.lines] == [
        (1, OTHER, "plan_base"),
        (2, OTHER, "llm_usage"),
        (3, ONE, "plan_base"),
        (4, ONE, "addon"),
        (5, ONE, "overage"),
        (6, ONE, "llm_usage"),
        (7, THIRD, "plan_base"),
        (8, None, "tax"),
    ]
    assert invoice.subtotal_cents == 2000 + 150 + 6422 + 0 + 2000
    assert invoice.tax_cents == 1057
    assert [bill.deployment_id for bill in invoice.inputs] == [OTHER, ONE, THIRD]


def test_an_invoice_says_whose_it_is_and_starts_as_a_draft() -> None:
    invoice = drafted(DeploymentBill(ONE, starter()))

    assert (invoice.tenant_id, invoice.period, invoice.currency) == ("acme", APRIL, "AUD")
    assert (invoice.as_of, invoice.status, invoice.number) == (AS_OF, InvoiceStatus.DRAFT, None)
    assert (invoice.generation, invoice.rules_version) == (0, 1)
    with pytest.raises(FrozenInstanceError):
        invoice.tax_cents = 0  # type: ignore[misc]


def test_a_run_repeated_gives_the_same_ids_and_the_same_everything() -> None:
    one = drafted(DeploymentBill(ONE, pilot_april(), charges("1")))
    again = drafted(DeploymentBill(ONE, pilot_april(), charges("1")))

    assert again == one
    assert one.id == invoice_id("acme", APRIL)
    assert [line.id for line in one.lines] == [uuid5(one.id, str(n)) for n in range(1, len(one.lines) + 1)]
    assert len({line.id for line in one.lines}) == len(one.lines)


def test_the_id_is_made_of_tenant_period_and_generation() -> None:
    may = month_of(date(2026, 5, 1))
    ids = [
        invoice_id("acme", APRIL),
        invoice_id("acme", APRIL, 1),
        invoice_id("acme", may),
        invoice_id("other", APRIL),
    ]

    assert len(set(ids)) == 4
    assert {one.version for one in ids} == {5}
    # Kept ids must never move: this one is written down.
    assert ids[0] == uuid5(UUID("5b7c2f0a-3f0e-5d0c-9a51-6d1c9b1f4a10"), "2026-04-01/0/acme")
    assert invoice_id("acme", APRIL, 0) == ids[0]


def test_the_hash_is_over_the_hashes_of_the_pricings_in_their_order() -> None:
    first, second = pilot_april(), starter()
    invoice = drafted(DeploymentBill(ONE, first), DeploymentBill(OTHER, second))
    expected = hashlib.sha256(f"{first.hash()}\n{second.hash()}\n".encode()).hexdigest()

    assert invoice.quote_hash == expected == hash_of_hashes([first.hash(), second.hash()])
    turned = drafted(DeploymentBill(OTHER, second), DeploymentBill(ONE, first))
    assert turned.quote_hash != expected


def test_the_inputs_are_kept_and_replay_to_the_lines_that_were_billed() -> None:
    invoice = drafted(DeploymentBill(ONE, pilot_april()))

    (kept,) = invoice.inputs
    assert kept == InvoiceInput(ONE, pilot_april().inputs(), pilot_april().hash())
    assert replay(kept.inputs).lines == tuple(line.line for line in invoice.lines[:-1])
    assert replay(kept.inputs).hash() == kept.hash


def test_what_was_billed_is_kept_by_deployment_month_and_kind() -> None:
    invoice = drafted(
        DeploymentBill(ONE, pilot_april(), charges("1.005", 2)),
        DeploymentBill(OTHER, starter(), charges("0", 0)),
    )

    assert invoice.billed == (
        BilledUsage(ONE, date(2026, 4, 1), "droplet_hours", Decimal(2160)),
        BilledUsage(ONE, date(2026, 4, 1), LLM_CHARGE, Decimal("1.005")),
        BilledUsage(OTHER, date(2026, 4, 1), "dns_zones", Decimal(1)),
    )


def test_nothing_to_bill_is_no_invoice() -> None:
    nothing = in_month(APRIL, [])

    assert draft("acme", APRIL, [], tax=GST, currency="AUD", as_of=AS_OF) is None
    for llm in (None, charges("0", 0)):
        bill = DeploymentBill(ONE, nothing, llm)
        assert draft("acme", APRIL, [bill], tax=GST, currency="AUD", as_of=AS_OF) is None


def test_charges_alone_are_something_to_bill() -> None:
    invoice = drafted(DeploymentBill(ONE, in_month(APRIL, []), charges("0.015", 3)))

    assert [line.line.kind for line in invoice.lines] == [LineKind.LLM_USAGE, LineKind.TAX]
    assert (invoice.subtotal_cents, invoice.tax_cents) == (2, 0)


def test_who_is_not_taxed_gets_no_tax_line() -> None:
    invoice = drafted(DeploymentBill(ONE, starter()), tax=EXEMPT)

    assert [line.line.kind for line in invoice.lines] == [LineKind.PLAN_BASE]
    assert (invoice.subtotal_cents, invoice.tax_cents, invoice.total_cents) == (2000, 0, 2000)


def test_an_invoice_below_zero_is_refused_with_tenant_month_and_total() -> None:
    with pytest.raises(NegativeInvoice) as refused:
        draft("acme", APRIL, [DeploymentBill(ONE, costing(-100))], tax=GST, currency="AUD", as_of=AS_OF)

    assert refused.value.facts == {
        "tenant_id": "acme", "period_start": date(2026, 4, 1), "total_cents": -110,
    }  # fmt: skip
    assert str(refused.value) == "The invoice of tenant 'acme' for 2026-04-01 would come to -110 cents."
    assert refused.value.code == "negative_invoice"


def test_the_total_decides_whether_an_invoice_is_below_zero_also_at_a_rate_of_all() -> None:
    all_of_it = Tax("AU", "GST", Decimal(1), Treatment.STANDARD)
    with pytest.raises(NegativeInvoice) as refused:
        draft("acme", APRIL, [DeploymentBill(ONE, costing(-100))], tax=all_of_it, currency="AUD", as_of=AS_OF)

    assert refused.value.facts["total_cents"] == -200


def test_an_invoice_larger_than_anybody_pays_is_refused_with_its_total() -> None:
    assert LARGEST_TOTAL_CENTS == 2**53 - 1, "more would not be read exactly by every reader of JSON"
    largest = drafted(DeploymentBill(ONE, costing(2**53 - 1)), tax=EXEMPT)
    assert largest.total_cents == 9_007_199_254_740_991
    all_of_it = Tax("AU", "GST", Decimal(1), Treatment.STANDARD)
    for cents, tax, total in (
        (2**53, EXEMPT, 2**53),
        (9 * 10**15, GST, 99 * 10**14),
        (5 * 10**15, all_of_it, 10**16),
    ):
        with pytest.raises(InvoiceTooLarge) as refused:
            draft("acme", APRIL, [DeploymentBill(ONE, costing(cents))], tax=tax, currency="AUD", as_of=AS_OF)
        assert refused.value.facts == {
            "tenant_id": "acme",
            "period_start": date(2026, 4, 1),
            "total_cents": total,
        }
        assert str(refused.value) == (
            f"The invoice of tenant 'acme' for 2026-04-01 would come to {total} cents."
        )
        assert refused.value.code == "invoice_too_large"


def test_a_draft_is_asked_for_by_keyword() -> None:
    bills = [DeploymentBill(deployment_id=ONE, pricing=starter())]
    made = draft(tenant_id="acme", month=APRIL, bills=bills, tax=GST, currency="AUD", as_of=AS_OF)

    assert made == drafted(*bills)


def test_one_cent_below_zero_is_below_zero_and_zero_is_not() -> None:
    with pytest.raises(NegativeInvoice):
        draft("acme", APRIL, [DeploymentBill(ONE, costing(-1))], tax=EXEMPT, currency="AUD", as_of=AS_OF)
    assert drafted(DeploymentBill(ONE, costing(0))).total_cents == 0
    balanced = drafted(DeploymentBill(ONE, costing(-2000)), DeploymentBill(OTHER, starter()))
    assert (balanced.subtotal_cents, balanced.total_cents) == (0, 0)


def test_a_deployment_in_another_currency_is_refused_by_id() -> None:
    foreign = price([Stretch(APRIL, replace(STUDIO, currency="USD"))], {}, month=APRIL, currency="USD")
    with pytest.raises(MixedCurrencies) as refused:
        draft("acme", APRIL, [DeploymentBill(ONE, foreign)], tax=GST, currency="AUD", as_of=AS_OF)

    assert refused.value.facts == {"what": f"Deployment {ONE}", "found": "USD", "expected": "AUD"}


def test_a_charge_in_another_currency_is_refused() -> None:
    bill = DeploymentBill(ONE, starter(), charges("1", currency="USD"))
    with pytest.raises(MixedCurrencies) as refused:
        draft("acme", APRIL, [bill], tax=GST, currency="AUD", as_of=AS_OF)

    assert refused.value.facts == {
        "what": "The LLM gateway's charge", "found": "USD", "expected": "AUD",
    }  # fmt: skip


def test_a_line_of_charges_explains_itself() -> None:
    assert llm_line(charges("12.34567890", 17), "AUD") == Line(
        kind=LineKind.LLM_USAGE,
        resource_kind=None,
        description="LLM usage",
        qty=Decimal("12.34567890"),
        unit="AUD",
        unit_price_cents=None,
        amount_cents=1235,
        meta={"events": 17},
    )


@pytest.mark.parametrize(
    ("total", "cents"),
    [
        ("0", 0),
        ("0.00499999", 0),
        ("0.005", 1),
        ("0.015", 2),  # three events of half a cent: 1.5, and not 1 + 1 + 1
        ("0.01499999", 1),
        ("1", 100),
        ("1E+3", 100_000),
        ("0.010000000000", 1),
        ("99999999.99500000", 10_000_000_000),
    ],
)
def test_the_exact_sum_is_rounded_to_cents_once(total: str, cents: int) -> None:
    assert llm_line(charges(total), "AUD").amount_cents == cents


@examples(200)
@given(st.decimals(0, 10**9, places=8))
def test_charges_are_rounded_half_up(total: Decimal) -> None:
    by_decimal = (total * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP)

    assert llm_line(LlmCharges(total, "AUD", 1), "AUD").amount_cents == int(by_decimal)


@pytest.mark.parametrize(
    "total",
    [
        Decimal("-0.00000001"),
        Decimal(-1),
        Decimal("0.000000001"),
        Decimal("1." + "0" * 60 + "1"),
        Decimal("1." + "1" * 70),
        Decimal("1E-2000"),
        Decimal("1E+2000"),
        Decimal("NaN"),
        Decimal("sNaN"),
        Decimal("Infinity"),
        Decimal("-Infinity"),
        0.015,
        True,
        "1",
        None,
    ],
)
def test_what_is_no_charge_is_refused(total: Decimal) -> None:
    with pytest.raises(InvalidCharge) as refused:
        llm_line(LlmCharges(total, "AUD", 1), "AUD")

    assert repr(refused.value.facts) == repr({"charge": total})
    assert str(refused.value) == (
        f"An LLM charge must be zero or more with at most eight decimals, but is {total!r}."
    )
    assert (refused.value.code, refused.value.field) == ("invalid_charge", "charge")


@examples(200)
@given(
    amounts=st.lists(st.integers(0, 10**7), min_size=1, max_size=5),
    rate=st.sampled_from([Decimal("0.1"), Decimal("0.15"), Decimal(0), Decimal("0.333333")]),
    llm=st.decimals(0, 1000, places=8),
)
def test_subtotal_and_tax_are_the_total_and_the_lines_are_both(
    amounts: list[int], rate: Decimal, llm: Decimal
) -> None:
    bills = [DeploymentBill(UUID(int=n), costing(cents)) for n, cents in enumerate(amounts, start=1)]
    bills.append(DeploymentBill(UUID(int=99), in_month(APRIL, []), LlmCharges(llm, "AUD", 1)))
    invoice = drafted(*bills, tax=Tax("AU", "GST", rate, Treatment.STANDARD))
    untaxed = [line.line.amount_cents for line in invoice.lines if line.line.kind is not LineKind.TAX]
    tax = [line.line.amount_cents for line in invoice.lines if line.line.kind is LineKind.TAX]
    llm_cents = int((llm * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    gst = int((Decimal(sum(amounts) + llm_cents) * rate).quantize(Decimal(1), rounding=ROUND_HALF_UP))

    assert untaxed == [*amounts, llm_cents]
    assert invoice.subtotal_cents == sum(untaxed)
    assert invoice.tax_cents == sum(tax) == gst
    assert invoice.subtotal_cents + invoice.tax_cents == invoice.total_cents
    assert [line.line_no for line in invoice.lines] == list(range(1, len(invoice.lines) + 1))
