"""Recurring lines: plan base and addons, prorated to the days in service (SPEC 5).

Merge first, round last: days with equal terms, adjacent or not, are one line that is rounded once.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from arcadia_domain.money import half_up
from arcadia_domain.period import Period
from arcadia_domain.pricing.catalog import PlanVersion
from arcadia_domain.pricing.line import Line, LineKind
from arcadia_domain.pricing.stretch import AttachedAddon, Stretch
from arcadia_domain.quantity import plain

_ONE = Decimal(1)


def recurring_lines(stretches: Sequence[Stretch], month: Period) -> list[Line]:
    """A line for each base price in force, in the order of the days,
    then one for each attached addon, by slot.
    """
    bases: dict[tuple[str, int], tuple[list[PlanVersion], int]] = {}
    addons: dict[int, tuple[AttachedAddon, int]] = {}
    for stretch in stretches:
        days = stretch.days_billed
        if not days:
            continue
        version = stretch.version
        versions, before = bases.get((version.plan_code, version.base_price_cents), ([], 0))
        if version not in versions:
            versions.append(version)
        bases[version.plan_code, version.base_price_cents] = (versions, before + days)
        for addon in stretch.addons:
            addons[addon.slot] = (addon, addons.get(addon.slot, (addon, 0))[1] + days)
    return [_base_line(versions, days, month.days) for versions, days in bases.values()] + [
        _addon_line(addon, days, month.days) for _, (addon, days) in sorted(addons.items())
    ]


def _base_line(versions: list[PlanVersion], days: int, days_in_month: int) -> Line:
    price = versions[0].base_price_cents
    return Line(
        kind=LineKind.PLAN_BASE,
        resource_kind=None,
        description=f"Plan: {versions[0].plan_name}",
        qty=_ONE,
        unit="month",
        unit_price_cents=price,
        amount_cents=half_up(price * days, days_in_month),
        meta={
            "plan": versions[0].plan_code,
            "versions": [name_of(version) for version in versions],
            "days_billed": days,
            "days_in_month": days_in_month,
        },
    )


def _addon_line(addon: AttachedAddon, days: int, days_in_month: int) -> Line:
    return Line(
        kind=LineKind.ADDON,
        resource_kind=addon.resource_kind,
        description=f"Addon: {addon.code}",
        qty=_ONE,
        unit="month",
        unit_price_cents=addon.price_cents,
        amount_cents=half_up(addon.price_cents * days, days_in_month),
        meta={
            "addon": addon.code,
            "lifts_by": plain(addon.qty),
            "days_billed": days,
            "days_in_month": days_in_month,
        },
    )


def name_of(version: PlanVersion) -> str:
    """How a version is called in a line's meta: 'studio v1'."""
    return f"{version.plan_code} v{version.version}"
