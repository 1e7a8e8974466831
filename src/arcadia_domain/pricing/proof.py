"""Proof: the canonical inputs of a pricing, its content hash, and its replay from these inputs (SPEC 4).

Owns the form in which inputs are kept beside an invoice. Inputs hold everything that decides a cent and
nothing else: no ids, no prices of what was not used, usage summed over days with one set of terms.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from arcadia_domain.period import Period
from arcadia_domain.pricing.catalog import PlanItem, PlanVersion, ResourcePrice
from arcadia_domain.pricing.kinds import base_of, place, resource_kind
from arcadia_domain.pricing.line import Line
from arcadia_domain.pricing.overage import cuts
from arcadia_domain.pricing.stretch import AttachedAddon, Status, Stretch
from arcadia_domain.pricing.usage import MicroByDay, day_of_peak, month_total
from arcadia_domain.quantity import from_micro, plain

RULES_VERSION = 1
"""The version of the pricing rules. It changes with every change that could move a cent."""

Json = dict[str, Any]


def canonical(value: object) -> str:
    """JSON with one spelling: sorted keys, no spaces, text as it is."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def content_hash(inputs: Json, lines: Iterable[Line]) -> str:
    """sha256, in hex, of the canonical JSON of inputs, lines and the version of the rules."""
    content = {
        "inputs": inputs,
        "lines": [line.as_json() for line in lines],
        "rules": RULES_VERSION,
    }
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def inputs_of(
    stretches: Sequence[Stretch],
    usage: MicroByDay,
    prices: Sequence[ResourcePrice],
    month: Period,
    currency: str,
) -> Json:
    """Everything that decides a cent of a pricing, as JSON."""
    versions: list[PlanVersion] = []
    addons: dict[int, AttachedAddon] = {}
    for stretch in stretches:
        if stretch.version not in versions:
            versions.append(stretch.version)
        addons |= {addon.slot: addon for addon in stretch.addons}
    slots = sorted(addons)
    used, needed_prices = _usage_and_prices(stretches, usage, prices, month)
    return {
        "currency": currency,
        "month": month.start.isoformat(),
        "versions": [_version_json(version) for version in versions],
        "addons": [_addon_json(addons[slot]) for slot in slots],
        "stretches": [
            {
                "from": stretch.period.start.isoformat(),
                "to": stretch.period.end.isoformat(),
                "status": stretch.status.value,
                "version": versions.index(stretch.version),
                "addons": [slots.index(addon.slot) for addon in stretch.addons],
            }
            for stretch in stretches
        ],
        "usage": used,
        "prices": [_price_json(price) for price in needed_prices],
    }


def _usage_and_prices(
    stretches: Sequence[Stretch], usage: MicroByDay, prices: Sequence[ResourcePrice], month: Period
) -> tuple[Json, list[ResourcePrice]]:
    """Usage at the first day of the terms it counts on, and the fallback prices in force of what was used.

    Also a price on whose days nothing was used: it decides which days are on equal terms, and so the words;
    and one that takes to a size what an addon of it would lift of its base.
    """
    used: Json = {}
    needed: list[ResourcePrice] = []
    for code in sorted(usage, key=place):
        by_day, kind = usage[code], resource_kind(code)
        all_cuts = cuts(kind, stretches, prices, month)
        ends = [cut.first_day for cut in all_cuts[1:]] + [month.end]
        peak_day = day_of_peak(by_day)
        used[code] = {}
        for cut, end in zip(all_cuts, ends, strict=True):
            days = {day: qty for day, qty in by_day.items() if cut.first_day <= day < end}
            if kind.is_peak:
                days = {day: qty for day, qty in days.items() if day == peak_day}
            if days:
                used[code][cut.first_day.isoformat()] = plain(from_micro(month_total(kind, days)))
            if cut.price and cut.price not in needed:
                needed.append(cut.price)
    for price in _dividing(stretches, usage, prices):
        if price not in needed:
            needed.append(price)
    return used, needed


def _dividing(
    stretches: Sequence[Stretch], usage: MicroByDay, prices: Sequence[ResourcePrice]
) -> Iterator[ResourcePrice]:
    """The prices that decide from which day on an addon of a size lifts that size, and not its base.

    Only where the base was used: else they decide no cent.
    """
    for stretch in stretches:
        for addon in stretch.addons if stretch.status.in_service else ():
            kind, base = addon.resource_kind, base_of(addon.resource_kind)
            is_listed = stretch.version.item(kind) or stretch.version.item(base)
            if kind != base and base in usage and not is_listed:
                of_days = cuts(resource_kind(kind), [stretch], prices, stretch.period)
                yield from [cut.price for cut in of_days if cut.price][:1]


def stretches_from(inputs: Mapping[str, Any]) -> tuple[Stretch, ...]:
    """The stretches that `inputs_of` wrote down."""
    versions = [_version(v) for v in inputs["versions"]]
    addons = [
        AttachedAddon(
            slot,
            a["code"],
            a["resource_kind"],
            Decimal(a["qty"]),
            a["price_cents"],
            inputs["currency"],
        )
        for slot, a in enumerate(inputs["addons"])
    ]
    return tuple(
        Stretch(
            Period(date.fromisoformat(s["from"]), date.fromisoformat(s["to"])),
            versions[s["version"]],
            tuple(addons[slot] for slot in s["addons"]),
            Status(s["status"]),
        )
        for s in inputs["stretches"]
    )


def usage_from(inputs: Mapping[str, Any]) -> dict[str, dict[date, Decimal]]:
    """The usage that `inputs_of` wrote down."""
    return {
        kind: {date.fromisoformat(day): Decimal(qty) for day, qty in by_day.items()}
        for kind, by_day in inputs["usage"].items()
    }


def prices_from(inputs: Mapping[str, Any]) -> list[ResourcePrice]:
    """The fallback prices that `inputs_of` wrote down."""
    return [
        ResourcePrice(
            p["kind"],
            inputs["currency"],
            datetime.fromisoformat(p["from"]),
            p["unit"],
            p["price_cents"],
        )
        for p in inputs["prices"]
    ]


def _version_json(version: PlanVersion) -> Json:
    return {
        "plan": version.plan_code,
        "name": version.plan_name,
        "version": version.version,
        "base_price_cents": version.base_price_cents,
        "currency": version.currency,
        "items": [
            {
                "resource_kind": item.resource_kind,
                "included_qty": plain(item.included_qty),
                "overage_unit": item.overage_unit,
                "overage_price_cents": item.overage_price_cents,
                "hard_cap_qty": None if item.hard_cap_qty is None else plain(item.hard_cap_qty),
            }
            for item in sorted(version.items, key=lambda item: item.resource_kind)
        ],
    }


def _version(json_: Mapping[str, Any]) -> PlanVersion:
    return PlanVersion(
        plan_code=json_["plan"],
        plan_name=json_["name"],
        version=json_["version"],
        base_price_cents=json_["base_price_cents"],
        currency=json_["currency"],
        items=tuple(
            PlanItem(
                item["resource_kind"],
                Decimal(item["included_qty"]),
                item["overage_unit"],
                item["overage_price_cents"],
                None if item["hard_cap_qty"] is None else Decimal(item["hard_cap_qty"]),
            )
            for item in json_["items"]
        ),
    )


def _addon_json(addon: AttachedAddon) -> Json:
    return {
        "code": addon.code,
        "resource_kind": addon.resource_kind,
        "qty": plain(addon.qty),
        "price_cents": addon.price_cents,
    }


def _price_json(price: ResourcePrice) -> Json:
    return {
        "kind": price.kind,
        "from": price.from_at.astimezone(UTC).isoformat(),
        "unit": price.unit,
        "price_cents": price.price_cents,
    }
