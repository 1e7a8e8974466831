"""By what a month can earn: never otherwise than an invoice would bill it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from arcadia_domain.billing.earning import Earner, EarningMonth
from arcadia_domain.period import Period, month_of
from arcadia_domain.pricing.kinds import KINDS, base_of
from arcadia_domain.pricing.quoting import price
from tests.unit.domain.examples import examples
from tests.unit.domain.strategies import fallback_prices, kinds, months, stretches_of, versions

SIZES = ("s-1vcpu-1gb", "s-2vcpu-4gb")
EVERYTHING = Decimal(10**12)
"""More than any allowance."""

_sized = [f"{kind.code}:{size}" for kind in KINDS.values() if kind.is_sized for size in SIZES]
codes = st.one_of(kinds, st.sampled_from(_sized))


@st.composite
def earning_months(draw: st.DrawFn, month: Period) -> EarningMonth:
    catalogue = draw(st.lists(versions(), min_size=1, max_size=3))
    return EarningMonth(
        stretches=draw(stretches_of(month, catalogue)),
        prices=draw(fallback_prices(month)),
        used=frozenset(draw(st.lists(codes, max_size=4))),
    )


def is_priced(code: str, day: date, earning: EarningMonth) -> bool:
    """Whether an invoice would ask something for usage of that day."""
    month = month_of(day)
    used = {code: {day: EVERYTHING}}
    [line] = price(earning.stretches, used, earning.prices, month=month, currency="AUD").overage
    of_a_plan = "price_from" not in line.meta and "unpriced" not in line.meta
    return of_a_plan or ("price_from" in line.meta and line.unit_price_cents != 0)


@given(st.data(), months)
@examples(200)
def test_a_kind_is_named_on_the_days_on_which_an_invoice_would_bill_it(
    data: st.DataObject, month: Period
) -> None:
    earning = data.draw(earning_months(month))
    code = data.draw(codes)
    held = data.draw(st.sets(st.sampled_from(list(month)), max_size=3))
    recorded = EarningMonth(earning.stretches, earning.prices, frozenset({code}))
    named = Earner(recorded, month).named([base_of(code)], [code.partition(":")[2]], held)
    assert named == [base_of(code)] * any(is_priced(code, day, earning) for day in held)


def test_usage_of_any_size_is_usage_of_the_kind() -> None:
    earner = Earner(
        EarningMonth((), (), frozenset({"droplet_hours:s-1vcpu-1gb"})),
        Period(date(2026, 4, 1), date(2026, 5, 1)),
    )
    assert earner.is_used(["backup_hours", "droplet_hours"])
    assert not earner.is_used(["backup_hours"])
