"""DigitalOcean's price rule for droplets, as the tests know it: 672 hours are a month, hours are whole."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from arcadia_domain.cloud.costs import CostLine
from arcadia_domain.money import half_up


def whole_hours(line: CostLine) -> int:
    """The hours that the line ran, cut to whole ones."""
    return (line.end - line.start) // timedelta(hours=1)


def droplet_cents(line: CostLine, monthly_cents: Mapping[str, int]) -> int:
    """What the line must cost, by the monthly price of the size in its description."""
    size = line.description.rpartition(" (")[2].removesuffix(")")
    return half_up(min(whole_hours(line), 672) * monthly_cents[size], 672)
