"""A second opinion on price(): SPEC 4 and 5 computed day by day in exact fractions, as slowly as it likes.

Owns no rule of the product. It was written from the SPEC before the code it judges was read, and shares
nothing with that code but the plain data that both are given. Where the two differ, one of them is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from decimal import Decimal
from fractions import Fraction

from arcadia_domain.pricing.catalog import PlanVersion, ResourcePrice
from arcadia_domain.pricing.stretch import AttachedAddon, Stretch

HALF = Fraction(1, 2)
MILLION = 1_000_000

# SPEC 3, by hand: the kinds in the order of their overage lines, the unit each is priced by and how many base
# units that unit holds, and the one kind whose month is its peak. Each may be followed by its sizes.
UNITS = {
    "droplet_hours": ("hour", 1),
    "spaces_gb_month": ("gb_month", 1),
    "snapshot_gb_month": ("gb_month", 1),
    "bandwidth_gb": ("gb", 1),
    "dns_zones": ("zone", 1),
    "llm_tokens": ("1k_tokens", 1000),
    "backup_hours": ("hour", 1),
    "volume_gb_month": ("gb_month", 1),
    "image_gb_month": ("gb_month", 1),
    "database_hours": ("hour", 1),
    "database_gb_month": ("gb_month", 1),
    "kubernetes_node_hours": ("hour", 1),
    "kubernetes_ha_hours": ("hour", 1),
    "load_balancer_hours": ("hour", 1),
    "reserved_ip_hours": ("hour", 1),
    "app_hours": ("hour", 1),
    "registry_hours": ("hour", 1),
    "registry_gb_month": ("gb_month", 1),
}
PEAK_KINDS = {"dns_zones"}
IN_SERVICE = {"trial", "active"}

ByDay = Mapping[str, Mapping[date, Decimal]]


@dataclass(frozen=True)
class Day:
    """One day of the month: what is bound to it, how the subscription stands, which addons are attached.

    `covered` is False on a day that no stretch holds; its version is then only what its usage counts to.
    `named` are the kinds that the version which its usage counts to lists.
    """

    date: date
    version: PlanVersion | None
    status: str
    addons: tuple[AttachedAddon, ...]
    covered: bool
    named: frozenset[str]

    @property
    def serves(self) -> bool:
        return self.covered and self.status in IN_SERVICE

    @property
    def costs(self) -> bool:
        return self.covered and self.status == "active"

    @property
    def spans(self) -> bool:
        return self.covered and self.status != "cancelled"


@dataclass(frozen=True)
class Terms:
    """What equal overage terms means: the same allowance, unit, price and cap of that kind.

    Usage that nothing prices is apart from usage priced at zero: its line must say so.
    """

    allowance: Fraction
    unit: str
    price: int
    cap: Fraction | None
    priced: bool = True


@dataclass(frozen=True)
class Base:
    plan: str
    price: int
    days: int
    amount: int


@dataclass(frozen=True)
class AddonCharge:
    slot: int
    price: int
    days: int
    amount: int


@dataclass(frozen=True)
class Overage:
    """`quantity` in units, as billed; `above_cap` in base units, not billed."""

    kind: str
    unit: str
    price: int
    quantity: Fraction
    amount: int
    above_cap: Fraction
    priced: bool


@dataclass(frozen=True)
class Expected:
    base: tuple[Base, ...]
    addons: tuple[AddonCharge, ...]
    overage: tuple[Overage, ...]

    @property
    def total(self) -> int:
        lines: Sequence[Base | AddonCharge | Overage] = (*self.base, *self.addons, *self.overage)
        return sum(line.amount for line in lines)


def round_half_up(value: Fraction) -> int:
    """A non-negative value to the nearest whole number; halves up."""
    return (value + HALF).__floor__()


def split(exact: Sequence[Fraction]) -> list[Fraction]:
    """The exact shares cut in millionths so that they add up to their rounded sum.

    The shares with the largest cut-off parts get the missing millionths, the earlier one first among equals.
    """
    cut = [Fraction((share * MILLION).__floor__(), MILLION) for share in exact]
    wanted = Fraction(round_half_up(sum(exact, Fraction()) * MILLION), MILLION)
    given = list(cut)
    while sum(given, Fraction()) < wanted:
        lost = [share - now for share, now in zip(exact, given, strict=True)]
        given[lost.index(max(lost))] += Fraction(1, MILLION)
    return given


def days_of_month(first: date) -> list[date]:
    days = [first.replace(day=1)]
    while (following := days[-1] + timedelta(days=1)).month == days[0].month:
        days.append(following)
    return days


def days_of(stretches: Sequence[Stretch], month: date) -> list[Day]:
    """Every day of the month with what holds on it.

    Before the first stretch usage counts to the first version, after it to the version bound last.
    """
    result = []
    for day in days_of_month(month):
        holding = [s for s in stretches if s.period.start <= day < s.period.end]
        earlier = [s for s in stretches if s.period.start <= day]
        nearest = [*holding, *earlier[-1:], *stretches[:1]]
        result.append(
            Day(
                date=day,
                version=nearest[0].version if nearest else None,
                status=holding[0].status.value if holding else "none",
                addons=holding[0].addons if holding else (),
                covered=bool(holding),
                named=frozenset(
                    item.resource_kind for stretch in nearest[:1] for item in stretch.version.items
                ),
            )
        )
    return result


def unsized(kind: str) -> str:
    return kind.split(":", maxsplit=1)[0]


def in_order(kinds: Iterable[str]) -> list[str]:
    """As the lines stand: by base in the order above, before its sizes, these by their letters."""
    return sorted(kinds, key=lambda kind: (list(UNITS).index(unsized(kind)), kind))


def counts_on(kind: str, day: Day, span: int, prices: Iterable[ResourcePrice]) -> str:
    """Whose terms bill a day's usage of a size, and an addon of it lifts: not named, its base's."""
    named = day.named if span else frozenset()
    if kind in named:
        return kind
    if unsized(kind) in named:
        return unsized(kind)
    return kind if price_on(kind, day.date, prices) else unsized(kind)


def counted(
    usage: ByDay, days: Sequence[Day], prices: Sequence[ResourcePrice]
) -> dict[str, dict[date, Fraction]]:
    """The usage of each day under the kind whose terms bill it."""
    span = sum(day.spans for day in days)
    result: dict[str, dict[date, Fraction]] = {}
    for day in days:
        for kind, by_day in usage.items():
            if quantity := Fraction(by_day.get(day.date, 0)):
                of_kind = result.setdefault(counts_on(kind, day, span, prices), {})
                of_kind[day.date] = of_kind.get(day.date, Fraction()) + quantity
    return result


def expected(
    stretches: Sequence[Stretch], usage: ByDay, prices: Iterable[ResourcePrice], month: date
) -> Expected:
    """What the month costs. `month` is any day of it."""
    days = days_of(stretches, month)
    known = tuple(prices)
    used = counted(usage, days, known)
    return Expected(
        base=tuple(base_lines(days)),
        addons=tuple(addon_lines(days)),
        overage=tuple(
            line for kind in in_order(used) for line in overage_lines(kind, used[kind], days, known)
        ),
    )


def base_lines(days: Sequence[Day]) -> list[Base]:
    billed: dict[tuple[str, int, str], int] = {}
    for day in days:
        if day.costs and day.version is not None:
            terms = (day.version.plan_code, day.version.base_price_cents, day.version.currency)
            billed[terms] = billed.get(terms, 0) + 1
    return [
        Base(plan, price, count, round_half_up(Fraction(price * count, len(days))))
        for (plan, price, _), count in billed.items()
    ]


def addon_lines(days: Sequence[Day]) -> list[AddonCharge]:
    charges = []
    for slot in sorted({addon.slot for day in days for addon in day.addons}):
        held = [(day, addon) for day in days for addon in day.addons if addon.slot == slot]
        price = held[0][1].price_cents
        count = sum(day.costs for day, _ in held)
        if count:
            charges.append(AddonCharge(slot, price, count, round_half_up(Fraction(price * count, len(days)))))
    return charges


def price_on(kind: str, day: date, prices: Iterable[ResourcePrice]) -> ResourcePrice | None:
    """The fallback price in force: the last that began on this UTC day or before."""
    begun = [p for p in prices if p.kind == kind and p.from_at.astimezone(UTC).date() <= day]
    return max(begun, key=lambda p: p.from_at, default=None)


def terms_on(kind: str, day: Day, span: int, prices: Iterable[ResourcePrice]) -> Terms:
    """What overage costs on a day: the bound version's item, else the fallback price, else nothing."""
    if span and day.version is not None:
        for item in day.version.items:
            if item.resource_kind == kind:
                cap = None if item.hard_cap_qty is None else Fraction(item.hard_cap_qty)
                return Terms(Fraction(item.included_qty), item.overage_unit, item.overage_price_cents, cap)
    fallback = price_on(kind, day.date, prices)
    if fallback is None:
        return Terms(Fraction(), UNITS[unsized(kind)][0], 0, None, priced=False)
    return Terms(Fraction(), fallback.unit, fallback.price_cents, None)


def overage_lines(
    kind: str, used: Mapping[date, Fraction], days: Sequence[Day], prices: Sequence[ResourcePrice]
) -> list[Overage]:
    span = sum(day.spans for day in days)
    groups: dict[Terms, list[Day]] = {}
    for day in days:
        groups.setdefault(terms_on(kind, day, span, prices), []).append(day)
    total = max(used.values()) if kind in PEAK_KINDS else sum(used.values(), Fraction())
    over = max(Fraction(), total - allowance(kind, groups, days, span, prices))
    if not over:
        return []
    parts = divided(kind, over, used, list(groups.values()))
    caps = capped(groups, span)
    lines = []
    for (terms, _), part, cap in zip(groups.items(), parts, caps, strict=True):
        if part:
            billed = part if cap is None else min(part, cap)
            units = billed / UNITS[unsized(kind)][1]
            amount = round_half_up(units * terms.price)
            lines.append(Overage(kind, terms.unit, terms.price, units, amount, part - billed, terms.priced))
    return lines


def included(
    stretches: Sequence[Stretch], usage: ByDay, prices: Sequence[ResourcePrice], month: date
) -> list[tuple[str, Fraction, Fraction]]:
    """Every kind that a version lists, an addon lifts, or that was used: its month's usage and allowance."""
    days = days_of(stretches, month)
    span = sum(day.spans for day in days)
    named = {item.resource_kind for stretch in stretches for item in stretch.version.items}
    named |= {counts_on(addon.resource_kind, day, span, prices) for day in days for addon in day.addons}
    used = counted(usage, days, prices)
    result = []
    for kind in in_order(named | used.keys()):
        groups: dict[Terms, list[Day]] = {}
        for day in days:
            groups.setdefault(terms_on(kind, day, span, prices), []).append(day)
        by_day = used.get(kind, {}).values()
        total = max(by_day, default=Fraction()) if kind in PEAK_KINDS else sum(by_day, Fraction())
        result.append((kind, total, allowance(kind, groups, days, span, prices)))
    return result


def allowance(
    kind: str,
    groups: Mapping[Terms, Sequence[Day]],
    days: Sequence[Day],
    span: int,
    prices: Sequence[ResourcePrice],
) -> Fraction:
    """All shares of the month: versions' together by largest remainder, each addon's too."""
    if not span:
        return Fraction()
    versions = split([terms.allowance * serving(held) / span for terms, held in groups.items()])
    return sum(versions, Fraction()) + lifts(kind, days, span, prices)


def lifts(kind: str, days: Sequence[Day], span: int, prices: Sequence[ResourcePrice]) -> Fraction:
    """What all attached addons lift the allowance by: each the kind that it counts on, day by day."""
    result = Fraction()
    for slot in {addon.slot for day in days for addon in day.addons}:
        held = [(day, addon) for day in days for addon in day.addons if addon.slot == slot]
        lifted = [counts_on(addon.resource_kind, day, span, prices) for day, addon in held]
        in_turn = list(dict.fromkeys(lifted))
        served = [
            serving(day for (day, _), one in zip(held, lifted, strict=True) if one == each)
            for each in in_turn
        ]
        shares = split([Fraction(held[0][1].qty) * count / span for count in served])
        result += sum((share for share, one in zip(shares, in_turn, strict=True) if one == kind), Fraction())
    return result


def serving(days: Iterable[Day]) -> int:
    return sum(day.serves for day in days)


def divided(
    kind: str, over: Fraction, used: Mapping[date, Fraction], groups: Sequence[Sequence[Day]]
) -> list[Fraction]:
    """The overage between equal terms, by the usage in their days; a peak's belongs to its first day."""
    if kind in PEAK_KINDS:
        first = min(day for day, quantity in used.items() if quantity == max(used.values()))
        return [over if first in {day.date for day in held} else Fraction() for held in groups]
    weights = [sum((used.get(day.date, Fraction()) for day in held), Fraction()) for held in groups]
    return split([over * weight / sum(weights, Fraction()) for weight in weights])


def capped(groups: Mapping[Terms, Sequence[Day]], span: int) -> list[Fraction | None]:
    """Each share of a cap, by days in service; None where nothing caps."""
    shares = split(
        [(terms.cap or Fraction()) * serving(held) / (span or 1) for terms, held in groups.items()]
    )
    return [None if terms.cap is None else share for terms, share in zip(groups, shares, strict=True)]
