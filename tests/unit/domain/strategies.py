"""Random months for the properties: catalogues, stretches, usage and fallback prices.

Numbers come from small pools, so that equal terms, exact ties and full caps happen often.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from itertools import pairwise

from hypothesis import strategies as st

from arcadia_domain.period import Period, month_of
from arcadia_domain.pricing.catalog import PlanItem, PlanVersion, ResourcePrice
from arcadia_domain.pricing.kinds import resource_kind
from arcadia_domain.pricing.stretch import AttachedAddon, Status, Stretch

months = st.builds(
    lambda year, month: month_of(date(year, month, 1)), st.integers(2000, 2099), st.integers(1, 12)
)
# Few of them, so that they meet: every way in which a kind is counted, and sizes beside their base.
kinds = st.sampled_from(
    [
        *("droplet_hours", "droplet_hours:s-1vcpu-1gb", "droplet_hours:c-2"),
        *("spaces_gb_month", "bandwidth_gb", "dns_zones", "llm_tokens"),
        *("backup_hours:c-2", "volume_gb_month"),
    ]
)
prices_cents = st.sampled_from([0, 1, 2, 3, 7, 50])
base_prices = st.sampled_from([0, 1, 99, 2000, 4999, 5000, 12000, 1_000_003])
quantities = st.one_of(
    st.sampled_from([Decimal(q) for q in ("0", "0.000001", "0.5", "1", "10", "31", "100", "1488", "1E+3")]),
    st.decimals(0, 5000, places=6),
    st.integers(0, 3_000_000).map(Decimal),
)
caps = st.one_of(st.none(), st.none(), quantities)
zones = st.sampled_from([timezone(timedelta(hours=h)) for h in (-11, 0, 0, 0, 10, 14)])


@dataclass(frozen=True)
class Month:
    """Everything that price() is given."""

    month: Period
    stretches: tuple[Stretch, ...]
    usage: dict[str, dict[date, Decimal]]
    prices: tuple[ResourcePrice, ...]


@st.composite
def items(draw: st.DrawFn) -> PlanItem:
    kind = resource_kind(draw(kinds))
    unit = draw(st.sampled_from(list(kind.units)))
    return PlanItem(kind.code, draw(quantities), unit, draw(prices_cents), draw(caps))


@st.composite
def versions(draw: st.DrawFn) -> PlanVersion:
    code = draw(st.sampled_from(["starter", "studio"]))
    return PlanVersion(
        plan_code=code,
        plan_name=code.title(),
        version=draw(st.integers(1, 9)),
        base_price_cents=draw(base_prices),
        currency="AUD",
        items=tuple(draw(st.lists(items(), max_size=4, unique_by=lambda item: item.resource_kind))),
    )


@st.composite
def attachments(draw: st.DrawFn) -> list[AttachedAddon]:
    """The addons of a month, each in its slot."""
    return [
        AttachedAddon(slot, f"addon_{slot}", draw(kinds), draw(quantities), draw(prices_cents) * 100, "AUD")
        for slot in range(draw(st.integers(0, 3)))
    ]


@st.composite
def stretches_of(draw: st.DrawFn, month: Period, catalogue: Sequence[PlanVersion]) -> tuple[Stretch, ...]:
    """The month cut on any days; each piece has any version, status and addons, or is in no stretch."""
    addons = draw(attachments())
    inside = draw(st.sets(st.sampled_from(list(month)[1:]), max_size=5))
    edges = [month.start, *sorted(inside), month.end]
    statuses = st.sampled_from([Status.ACTIVE, Status.ACTIVE, Status.ACTIVE, *Status, None])
    result = []
    for start, end in pairwise(edges):
        status = draw(statuses)
        if status is not None:
            held = tuple(addon for addon in addons if draw(st.booleans()))
            result.append(Stretch(Period(start, end), draw(st.sampled_from(catalogue)), held, status))
    return tuple(result)


@st.composite
def usage_of(draw: st.DrawFn, month: Period) -> dict[str, dict[date, Decimal]]:
    day = st.sampled_from(list(month))
    return {
        kind: draw(st.dictionaries(day, quantities, max_size=5))
        for kind in draw(st.lists(kinds, max_size=4, unique=True))
    }


@st.composite
def fallback_prices(draw: st.DrawFn, month: Period) -> tuple[ResourcePrice, ...]:
    """Prices of any kinds, from before the month to after it, at any hour of any time zone."""
    result: list[ResourcePrice] = []
    for kind in draw(st.lists(kinds, max_size=4, unique=True)):
        starts = st.integers(-40 * 24, (month.days + 2) * 24)
        for hour in draw(st.lists(starts, max_size=4, unique=True)):
            start = datetime(month.start.year, month.start.month, 1, tzinfo=draw(zones))
            unit = draw(st.sampled_from(list(resource_kind(kind).units)))
            at = start + timedelta(hours=hour)
            if not any(p.kind == kind and p.from_at == at for p in result):
                result.append(ResourcePrice(kind, "AUD", at, unit, draw(prices_cents)))
    return tuple(draw(st.permutations(result)))


@st.composite
def any_month(draw: st.DrawFn) -> Month:
    month = draw(months)
    catalogue = draw(st.lists(versions(), min_size=1, max_size=3))
    return Month(
        month=month,
        stretches=draw(stretches_of(month, catalogue)),
        usage=draw(usage_of(month)),
        prices=draw(fallback_prices(month)),
    )
