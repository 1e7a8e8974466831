"""Leakage: five reasons, each with its examples, and sums in which no cent is lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from arcadia_domain.billing.earning import EarningMonth
from arcadia_domain.billing.leakage import Leakage, is_left_out, leakage
from arcadia_domain.billing.unearned import LeakReason
from arcadia_domain.cloud.assignments import tenures
from arcadia_domain.cloud.charges import PlacedCharge
from arcadia_domain.cloud.inventory import CloudResource
from arcadia_domain.cloud.products import EARNED_BY
from arcadia_domain.period import midnight
from arcadia_domain.pricing.catalog import PlanVersion
from arcadia_domain.pricing.kinds import KINDS, of_size
from arcadia_domain.pricing.stretch import Status, span
from tests.unit.domain.billing.charges import (
    APRIL,
    addon,
    charge,
    day,
    fallback,
    held,
    month,
    plan,
    stretch,
)
from tests.unit.domain.billing.test_earning import SIZES, earning_months, is_priced
from tests.unit.domain.cloud.resources import OTHER, PILOT, resource
from tests.unit.domain.examples import examples

WEB = resource()
STANDING = (held(WEB, PILOT),)
MICROSECOND = timedelta(microseconds=1)


def report(*charges: PlacedCharge, **deployments: EarningMonth) -> Leakage:
    """The leakage of April; `pilot` and `other` say by what these deployments' months can earn."""
    by_id = {"pilot": PILOT, "other": OTHER}
    return leakage(APRIL, charges, {by_id[name]: earning for name, earning in deployments.items()})


def reasons(found: Leakage) -> list[LeakReason]:
    return [item.reason for item in found.items]


EARNING = month(stretch("droplet_hours"), used=("droplet_hours:s-1vcpu-1gb",))


def test_what_a_plan_names_and_a_meter_counts_is_not_in_the_report() -> None:
    found = report(charge(of=WEB, assigned=STANDING), pilot=EARNING)
    assert (found.items, found.total_cents, found.looked_at_cents) == ((), 0, 600)


def test_what_is_for_no_resource_of_ours_is_nobodys() -> None:
    found = report(charge("Volumes", "data (syd1) 100GB", cents=1000))
    [item] = found.items
    assert (item.tenant_id, item.deployment_id, item.kind, item.product) == (None, None, "volume", "Volumes")
    assert (item.reason, item.amount_cents, item.lines) == (LeakReason.NOBODY, 1000, 1)


def test_time_in_which_nobody_held_it_is_nobodys_and_the_rest_is_earned() -> None:
    assigned = (held(WEB, PILOT, from_day=11),)
    found = report(charge(of=WEB, assigned=assigned), pilot=EARNING)
    assert [(item.reason, item.amount_cents) for item in found.items] == [(LeakReason.NOBODY, 200)]


def test_what_an_operator_ruled_to_be_nobodys_is_nobodys() -> None:
    found = report(charge(of=WEB, assigned=STANDING, ruled=(None, None)), pilot=EARNING)
    assert reasons(found) == [LeakReason.NOBODY]


def test_what_stands_alone_is_in_no_deployment() -> None:
    found = report(charge(of=WEB, assigned=(held(WEB, None, tenant_id="acme"),)), pilot=EARNING)
    assert [(item.tenant_id, item.deployment_id, item.reason) for item in found.items] == [
        ("acme", None, LeakReason.NO_DEPLOYMENT)
    ]


def test_a_product_that_nothing_counts_has_no_meter() -> None:
    found = report(charge("Support", "Premium", ruled=("acme", PILOT)), pilot=EARNING)
    assert [(item.kind, item.reason) for item in found.items] == [("other", LeakReason.NO_METER)]


def test_a_kind_that_neither_plan_nor_price_names_has_no_price() -> None:
    volume = resource("data", kind="volume", size_slug=None)
    for_volume = charge("Volumes", "data (syd1) 10GB", of=volume, assigned=(held(volume, PILOT),))
    used = ("droplet_hours:s-1vcpu-1gb", "volume_gb_month")
    assert reasons(report(for_volume, pilot=replace(EARNING, used=frozenset(used)))) == [LeakReason.NO_PRICE]
    priced = month(stretch("droplet_hours"), prices=(fallback("volume_gb_month"),), used=used)
    assert report(for_volume, pilot=priced).items == ()


def test_a_fallback_price_of_nothing_earns_nothing_but_an_allowance_does() -> None:
    for_web = charge(of=WEB, assigned=STANDING)
    free = month(stretch(), prices=(fallback("droplet_hours", 0),), used=("droplet_hours",))
    assert reasons(report(for_web, pilot=free)) == [LeakReason.NO_PRICE]
    included = replace(stretch(), version=plan("droplet_hours", included=10_000, price_cents=0))
    assert report(for_web, pilot=month(included, used=("droplet_hours",))).items == ()


@pytest.mark.parametrize(("priced_from", "leaks"), [(1, False), (10, False), (11, True), (31, True)])
def test_a_price_must_be_in_force_on_a_day_on_which_it_was_held(priced_from: int, leaks: bool) -> None:
    until_the_11th = (held(WEB, PILOT), held(WEB, OTHER, from_day=11))
    pilot = month(
        stretch(), prices=(fallback("droplet_hours", from_day=priced_from),), used=("droplet_hours",)
    )
    found = report(charge(of=WEB, assigned=until_the_11th), pilot=pilot, other=EARNING)
    assert [item.amount_cents for item in found.items] == [200] * leaks


def test_a_plan_of_another_day_than_those_it_was_held_on_earns_nothing() -> None:
    changing = month(
        stretch("droplet_hours", end=11), stretch("dns_zones", start=11), used=("droplet_hours:s-1vcpu-1gb",)
    )
    early, late = (held(WEB, PILOT), held(WEB, None, from_day=11)), (held(WEB, PILOT, from_day=11),)
    of_the_pilot = [
        [item.reason for item in found.items if item.deployment_id]
        for found in (report(charge(of=WEB, assigned=one), pilot=changing) for one in (early, late))
    ]
    assert of_the_pilot == [[], [LeakReason.NO_PRICE]]


@pytest.mark.parametrize("kind", ["droplet_hours", "droplet_hours:s-1vcpu-1gb"])
def test_an_addon_alone_makes_nothing_earned_and_takes_nothing_away(kind: str) -> None:
    for_web = charge(of=WEB, assigned=STANDING)
    for kinds, found in (((), [LeakReason.NO_PRICE]), (("droplet_hours",), [])):
        pilot = month(stretch(*kinds, addons=(addon(kind),)), used=("droplet_hours:s-1vcpu-1gb",))
        assert reasons(report(for_web, pilot=pilot)) == found


def test_where_no_subscription_was_there_only_fallback_prices_earn() -> None:
    cancelled = stretch("droplet_hours", status=Status.CANCELLED)
    used = ("droplet_hours:s-1vcpu-1gb",)
    for_web = charge(of=WEB, assigned=STANDING)
    for stretches in ((), (cancelled,)):
        assert reasons(report(for_web, pilot=month(*stretches, used=used))) == [LeakReason.NO_PRICE]
        priced = month(*stretches, prices=(fallback("droplet_hours"),), used=used)
        assert report(for_web, pilot=priced).items == ()


def test_what_is_named_and_not_recorded_has_no_usage() -> None:
    for used in ((), ("volume_gb_month", "backup_hours:s-1vcpu-1gb")):
        pilot = replace(EARNING, used=frozenset(used))
        assert reasons(report(charge(of=WEB, assigned=STANDING), pilot=pilot)) == [LeakReason.NO_USAGE]


def test_a_droplet_that_was_resized_leaks_the_size_that_the_plan_does_not_name() -> None:
    small, large = "s-1vcpu-1gb", "s-2vcpu-4gb"
    resized = resource(size_slug=large)
    lines = [
        charge(description=f"web-1 ({size})", cents=cents, of=resized, assigned=(held(resized, PILOT),))
        for size, cents in ((small, 300), (large, 1200))
    ]
    used = tuple(f"droplet_hours:{size}" for size in (small, large))
    found = report(*lines, pilot=month(stretch(f"droplet_hours:{large}"), used=used))
    assert [(item.amount_cents, item.reason) for item in found.items] == [(300, LeakReason.NO_PRICE)]
    assert report(*lines, pilot=month(stretch("droplet_hours"), used=used)).items == ()


@pytest.mark.parametrize("description", ["web-1", "web-1 (Old One)", "web-1 (s-8vcpu-16gb)"])
def test_a_size_that_no_meter_knows_is_no_ground_to_call_a_line_unearned(description: str) -> None:
    web = resource(size_slug=None)
    named_by_size = month(stretch("droplet_hours:s-1vcpu-1gb"), used=("droplet_hours:s-1vcpu-1gb",))
    found = report(charge(description=description, of=web, assigned=(held(web, PILOT),)), pilot=named_by_size)
    assert found.items == ()


def test_where_the_line_tells_no_size_the_resource_does() -> None:
    basic = resource("images", kind="registry", size_slug="basic")
    for_basic = charge("Container Registry", "Basic tier", of=basic, assigned=(held(basic, PILOT),))
    used = ("registry_hours:basic", "registry_hours:professional")
    other = month(stretch("registry_hours:professional"), used=used)
    assert reasons(report(for_basic, pilot=other)) == [LeakReason.NO_PRICE]
    assert report(for_basic, pilot=month(stretch("registry_hours:basic"), used=used)).items == ()


def test_a_line_without_a_size_is_of_the_size_that_its_resource_was_metered_as() -> None:
    used = ("droplet_hours", "droplet_hours:s-1vcpu-1gb")
    sized = month(stretch("droplet_hours:s-1vcpu-1gb"), used=used)
    assert report(charge(description="web-1", of=WEB, assigned=STANDING), pilot=sized).items == ()


def test_what_was_charged_with_nothing_is_in_no_item() -> None:
    found = report(charge(cents=0, of=WEB, assigned=STANDING), charge("Volumes", "data", cents=0))
    assert (found.items, found.looked_at_cents) == ((), 0)


def test_tax_credits_and_refunds_are_left_out_and_counted_beside() -> None:
    found = report(
        charge("Taxes", "GST (10%)", cents=60),
        charge("Credits", "Promo", cents=-100),
        charge(cents=-600, of=WEB, assigned=STANDING),
        charge(of=WEB, assigned=STANDING),
    )
    assert (found.left_out_cents, found.looked_at_cents, found.total_cents) == (60 - 100 - 600, 600, 600)


def test_a_line_of_before_or_after_the_month_counts_to_its_first_or_last_day() -> None:
    late = charge(start=day(-20), end=day(-10), of=WEB, assigned=(held(WEB, PILOT, from_day=-30),))
    early = charge(start=day(40), end=day(50), of=WEB, assigned=STANDING)
    for one, from_day, leaks in ((late, 1, False), (late, 2, True), (early, 30, False), (early, 31, True)):
        prices = (fallback("droplet_hours", from_day=from_day),)
        found = report(one, pilot=month(stretch(), prices=prices, used=("droplet_hours",)))
        assert reasons(found) == [LeakReason.NO_PRICE] * leaks


def test_a_deployment_of_which_nothing_is_told_earns_nothing() -> None:
    assert reasons(report(charge(of=WEB, assigned=STANDING))) == [LeakReason.NO_PRICE]


def test_lines_of_one_product_and_reason_are_one_item_and_the_largest_comes_first() -> None:
    nobodys = [charge("Volumes", f"data-{n} (syd1) 10GB", cents=100 + n) for n in range(3)]
    found = report(*nobodys, charge("Load Balancers", "lb-1 (syd1)", cents=1200), charge(cents=0))
    assert [(item.product, item.amount_cents, item.lines) for item in found.items] == [
        ("Load Balancers", 1200, 1),
        ("Volumes", 303, 3),
    ]
    assert (found.total_cents, found.currency) == (1503, "USD")
    totals = {total.reason: (total.amount_cents, total.lines) for total in found.by_reason}
    assert list(totals) == list(LeakReason)
    assert totals.pop(LeakReason.NOBODY) == (1503, 4)
    assert set(totals.values()) == {(0, 0)}


def _of(kind: str, **attrs: object) -> CloudResource:
    return resource(kind=kind, attrs=attrs)


CHARGED: Sequence[tuple[str, CloudResource | None, tuple[str, ...]]] = (
    ("Droplets", resource(), ("droplet_hours",)),
    ("Droplets", _of("droplet", features=["backups"]), ("droplet_hours",)),
    ("Droplets", _of("droplet", kubernetes_worker=True), ("kubernetes_node_hours",)),
    ("Backups", _of("droplet", features=["backups"]), ("backup_hours",)),
    ("Backups", resource(), ("backup_hours",)),
    ("Volumes", _of("volume", size_gigabytes=10), ("volume_gb_month",)),
    ("Images", _of("image", type="custom", size_gigabytes=5), ("image_gb_month",)),
    ("Images", _of("snapshot", size_gigabytes=5), ("snapshot_gb_month",)),
    ("Snapshots", _of("image", type="custom", size_gigabytes=5), ("image_gb_month",)),
    ("Snapshots", _of("snapshot"), ("snapshot_gb_month",)),
    ("Kubernetes Clusters", _of("kubernetes_node_pool", count=3), ("kubernetes_node_hours",)),
    ("Kubernetes Clusters", _of("kubernetes_cluster", ha=True), ("kubernetes_ha_hours",)),
    ("Kubernetes Clusters", _of("kubernetes_cluster", ha=False), ("kubernetes_node_hours",)),
    ("Database Clusters", _of("database", num_nodes=1), ("database_hours",)),
    (
        "Database Clusters",
        _of("database", num_nodes=1, storage_size_mib=1024),
        ("database_hours", "database_gb_month"),
    ),
    ("Container Registry", _of("registry"), ("registry_hours",)),
    ("Reserved IPs", _of("reserved_ip"), ("reserved_ip_hours",)),
    ("Reserved IPs", _of("reserved_ip", droplet_id=1), ("reserved_ip_hours",)),
    ("Kubernetes Clusters", None, ("kubernetes_node_hours", "kubernetes_ha_hours")),
    ("Bandwidth Overage", None, ("bandwidth_gb",)),
    ("Support", None, ()),
)
"""Lines that can be, each with the kinds that it is charged for."""


@pytest.mark.parametrize(("product", "of", "charged_for"), CHARGED)
def test_a_line_is_earned_where_what_it_is_charged_for_is_priced_and_nowhere_else(
    product: str, of: CloudResource | None, charged_for: tuple[str, ...]
) -> None:
    assigned = (held(of, PILOT),) if of else ()
    one = charge(product, "it", of=of, assigned=assigned, ruled=None if of else ("acme", PILOT))
    earned = [kind for kind in KINDS if not report(one, pilot=month(stretch(kind), used=tuple(KINDS))).items]
    assert sorted(earned) == sorted(charged_for)


PRODUCTS = (*CHARGED, ("Taxes", None, ()), ("Credits", None, ()))
_who = st.sampled_from([(None, None), ("acme", None), ("acme", PILOT), ("bobs-burgers", OTHER)])


@st.composite
def charges(draw: st.DrawFn) -> PlacedCharge:
    """A line of some hours of April, for what changed hands a few times, or of which an operator ruled."""
    start, end = sorted(draw(st.lists(st.integers(0, 720), min_size=2, max_size=2, unique=True)))
    size = draw(st.sampled_from(SIZES))
    product, about, _ = draw(st.sampled_from(PRODUCTS))
    of = replace(about or WEB, size_slug=size)
    days = draw(st.lists(st.integers(-3, 33), max_size=3, unique=True))
    assigned = [(number, draw(_who)) for number in sorted(days)]
    return charge(
        product,
        f"web-1 ({size})",
        cents=draw(st.integers(-50, 2000)),
        of=of if about else None,
        assigned=tuple(
            held(of, deployment_id, tenant_id=tenant_id, from_day=number)
            for number, (tenant_id, deployment_id) in assigned
        ),
        ruled=draw(st.one_of(st.none(), st.none(), _who)),
        start=day(1) + timedelta(hours=start),
        end=day(1) + timedelta(hours=end),
    )


Deployments = Mapping[UUID, EarningMonth]
worlds = st.tuples(
    st.lists(charges(), max_size=12),
    st.fixed_dictionaries({PILOT: earning_months(APRIL), OTHER: earning_months(APRIL)}),
)


def _charged_for(one: PlacedCharge) -> tuple[str, ...]:
    """What the line is charged for, by the list."""
    line, of = one.line, one.resource
    return next(
        kinds
        for product, about, kinds in PRODUCTS
        if product == line.product and (about and (about.kind, about.attrs)) == (of and (of.kind, of.attrs))
    )


def by_brute_force(one: PlacedCharge, deployments: Deployments) -> Counter[tuple[object, ...]]:
    """What of a line is leaked: by who bears it and why."""
    found: Counter[tuple[object, ...]] = Counter()
    found[None, None, LeakReason.NOBODY] += one.attribution.unattributed_cents
    for share in one.attribution.shares:
        who = (share.tenant_id, share.deployment_id)
        bases = _charged_for(one)
        earning = deployments.get(share.deployment_id or UUID(int=0))
        if share.deployment_id is None:
            found[*who, LeakReason.NO_DEPLOYMENT] += share.amount_cents
        elif not bases:
            found[*who, LeakReason.NO_METER] += share.amount_cents
        else:
            assert earning is not None
            named = {base for base in bases if _is_named(base, one, who, earning)}
            if not named:
                found[*who, LeakReason.NO_PRICE] += share.amount_cents
            elif not any(kind.partition(":")[0] in named for kind in earning.used):
                found[*who, LeakReason.NO_USAGE] += share.amount_cents
    return +found


def _is_named(base: str, one: PlacedCharge, who: tuple[str, UUID | None], earning: EarningMonth) -> bool:
    size = one.line.description.partition("(")[2].rstrip(")")
    sized = of_size(base, size) if KINDS[base].is_sized else base
    of_base = [kind for kind in earning.used if kind.partition(":")[0] == base]
    codes = [sized] if sized != base and sized in of_base else [base, sized, *of_base]
    days = [one_day for one_day in APRIL if _holds(one, who, one_day)] or [
        one_day for one_day in APRIL if _runs(one, one_day)
    ]
    return any(is_priced(code, one_day, earning) for code in codes for one_day in days)


def _runs(one: PlacedCharge, on: date) -> bool:
    return one.line.start < midnight(on + timedelta(days=1)) and one.line.end > midnight(on)


def _holds(one: PlacedCharge, who: tuple[str, UUID | None], on: date) -> bool:
    """Whether they held it at some instant of the day at which the line ran."""
    begins = max(one.line.start, midnight(on))
    ends = min(one.line.end, midnight(on + timedelta(days=1)))
    return one.resource is not None and any(
        max(begins, tenure.span.start) < min(ends, tenure.span.end or ends)
        for tenure in tenures(one.resource, one.assignments)
        if (tenure.tenant_id, tenure.deployment_id) == who
    )


@given(worlds)
@examples(150)
def test_it_is_what_a_look_at_each_line_and_day_finds(
    world: tuple[Sequence[PlacedCharge], Deployments],
) -> None:
    lines, deployments = world
    expected: Counter[tuple[object, ...]] = Counter()
    for one in lines:
        if not is_left_out(one.line):
            expected += by_brute_force(one, deployments)
    found: Counter[tuple[object, ...]] = Counter()
    for item in leakage(APRIL, lines, deployments).items:
        found[item.tenant_id, item.deployment_id, item.reason] += item.amount_cents
    assert found == expected


@given(worlds)
@examples(150)
def test_leaked_earned_and_left_out_are_the_lines_to_the_cent(
    world: tuple[Sequence[PlacedCharge], Deployments],
) -> None:
    lines, deployments = world
    found = leakage(APRIL, lines, deployments)
    leaked_alone = sum(
        leakage(APRIL, [one], deployments).total_cents for one in lines if not is_left_out(one.line)
    )
    earned = sum(one.line.amount_cents for one in lines if not is_left_out(one.line)) - leaked_alone
    assert earned >= 0
    assert found.total_cents + earned + found.left_out_cents == sum(one.line.amount_cents for one in lines)
    assert found.looked_at_cents == found.total_cents + earned
    assert sum(total.amount_cents for total in found.by_reason) == found.total_cents
    assert all(item.amount_cents > 0 and item.lines > 0 for item in found.items)
    assert [item.amount_cents for item in found.items] == sorted(
        (item.amount_cents for item in found.items), reverse=True
    )


def _listing(version: PlanVersion, base: str) -> PlanVersion:
    others = tuple(item for item in version.items if item.resource_kind != base)
    return replace(version, items=(*others, *plan(base).items))


@given(worlds, st.sampled_from(sorted({kind for kinds in EARNED_BY.values() for kind in kinds})))
@examples(150)
def test_a_plan_that_lists_the_kind_takes_away_exactly_what_it_earns(
    world: tuple[Sequence[PlacedCharge], Deployments], base: str
) -> None:
    lines, deployments = world
    pilot = deployments[PILOT]
    assume(span(pilot.stretches))
    listing = tuple(replace(one, version=_listing(one.version, base)) for one in pilot.stretches)
    earning = replace(pilot, stretches=listing, used=pilot.used | {base})
    for_a_price = (LeakReason.NO_PRICE, LeakReason.NO_USAGE)
    for one in lines:
        before = leakage(APRIL, [one], deployments)
        after = leakage(APRIL, [one], {**deployments, PILOT: earning})
        assert after.items == tuple(
            item
            for item in before.items
            if not (item.deployment_id == PILOT and item.reason in for_a_price and base in _charged_for(one))
        )
