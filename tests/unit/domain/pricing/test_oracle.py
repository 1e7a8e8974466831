"""price() and quote() against the oracle: every line's amount and quantity, on random months."""

# mypy: disable-error-code="comparison-overlap"
# A Decimal equals the whole number of its value; mypy takes the two for strangers.

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from arcadia_domain.pricing.catalog import PlanVersion
from arcadia_domain.pricing.kinds import resource_kind
from arcadia_domain.pricing.line import Line, LineKind
from arcadia_domain.pricing.quoting import Pricing, price, quote
from arcadia_domain.pricing.stretch import AttachedAddon, Stretch
from arcadia_domain.quantity import plain
from tests.unit.domain import oracle
from tests.unit.domain.examples import examples
from tests.unit.domain.strategies import Month, any_month, attachments, quantities, versions
from tests.unit.domain.strategies import kinds as any_kind


def priced(given_month: Month) -> Pricing:
    return price(
        given_month.stretches,
        given_month.usage,
        given_month.prices,
        month=given_month.month,
        currency="AUD",
    )


def as_base(line: Line) -> oracle.Base:
    assert (line.kind, line.qty, line.unit) == (LineKind.PLAN_BASE, 1, "month")
    assert line.unit_price_cents is not None
    days = line.meta["days_billed"]
    assert isinstance(days, int)
    return oracle.Base(str(line.meta["plan"]), line.unit_price_cents, days, line.amount_cents)


def as_addon(line: Line) -> oracle.AddonCharge:
    assert (line.kind, line.qty, line.unit) == (LineKind.ADDON, 1, "month")
    assert line.unit_price_cents is not None
    slot = int(str(line.meta["addon"]).removeprefix("addon_"))
    days = line.meta["days_billed"]
    assert isinstance(days, int)
    return oracle.AddonCharge(slot, line.unit_price_cents, days, line.amount_cents)


def as_overage(line: Line) -> oracle.Overage:
    assert line.kind is LineKind.OVERAGE
    assert line.resource_kind is not None
    assert line.unit_price_cents is not None
    unit, factor = oracle.UNITS[oracle.unsized(line.resource_kind)]
    if line.unit != unit:  # which unit a line without a price counts in is test_overage's question
        assert line.meta["unpriced"] is True
        assert line.unit == resource_kind(line.resource_kind).base_unit
    else:
        factor = 1
    return oracle.Overage(
        kind=line.resource_kind,
        unit=unit,
        price=line.unit_price_cents,
        quantity=Fraction(line.qty) / factor,
        amount=line.amount_cents,
        above_cap=Fraction(str(line.meta.get("above_cap", 0))),
        priced="unpriced" not in line.meta,
    )


def as_expected(recurring: tuple[Line, ...], overage: tuple[Line, ...]) -> oracle.Expected:
    return oracle.Expected(
        base=tuple(as_base(line) for line in recurring if line.kind is LineKind.PLAN_BASE),
        addons=tuple(as_addon(line) for line in recurring if line.kind is LineKind.ADDON),
        overage=tuple(as_overage(line) for line in overage),
    )


@examples(900)
@given(any_month())
def test_every_line_of_any_month_is_what_the_oracle_says(drawn: Month) -> None:
    found = priced(drawn)
    wanted = oracle.expected(drawn.stretches, drawn.usage, drawn.prices, drawn.month.start)

    assert as_expected(found.recurring, found.overage) == wanted
    assert found.total_cents == wanted.total


@examples(300)
@given(any_month())
def test_what_a_month_includes_of_each_kind_is_what_the_oracle_says(drawn: Month) -> None:
    found = priced(drawn).usage()
    wanted = oracle.included(drawn.stretches, drawn.usage, drawn.prices, drawn.month.start)

    assert [(one.kind.code, Fraction(one.used), Fraction(one.allowance)) for one in found] == wanted


@examples(300)
@given(any_month())
def test_overage_lines_and_the_usage_of_a_month_never_disagree(drawn: Month) -> None:
    found = priced(drawn)
    beyond = {one.kind.code: one for one in found.usage() if one.overage}

    assert {line.resource_kind for line in found.overage} == beyond.keys()
    for code, one in beyond.items():
        lines = [line for line in found.overage if line.resource_kind == code]
        assert {line.meta["allowance"] for line in lines} == {plain(one.allowance)}
        assert {line.meta["used"] for line in lines} == {plain(one.used)}
        assert sum(Decimal(str(line.meta["overage"])) for line in lines) == one.overage


@examples(300)
@given(
    plan_version=versions(),
    addons=attachments(),
    usage=st.dictionaries(any_kind, quantities, max_size=4),
    starts_on=st.dates(date(2000, 1, 1), date(2099, 12, 31)),
)
def test_a_quote_is_what_the_oracle_says(
    plan_version: PlanVersion,
    addons: list[AttachedAddon],
    usage: dict[str, Decimal],
    starts_on: date,
) -> None:
    found = quote(plan_version, addons, usage, starts_on)
    days = oracle.days_of_month(starts_on)
    month = found.first_month.month
    from_start = Stretch(type(month)(starts_on, month.end), plan_version, tuple(addons))
    whole = Stretch(month, plan_version, tuple(addons))
    by_day = {kind: {starts_on: quantity} for kind, quantity in usage.items()}
    first = oracle.expected([from_start], by_day, [], starts_on)

    assert as_expected(found.first_invoice, found.overage) == first
    full = oracle.expected([whole], {}, [], starts_on)
    assert as_expected(found.recurring, ()) == full
    assert found.recurring_cents == plan_version.base_price_cents + sum(a.price_cents for a in addons)
    assert found.all_in_monthly_cents == full.total + sum(line.amount for line in first.overage)
    assert (found.days_billed, found.days_in_month) == (days[-1].day - starts_on.day + 1, len(days))
