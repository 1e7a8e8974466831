"""Quote a plan's active version: the preview that a tenant sees (SPEC 4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

from arcadia_app.use_cases.catalog.offer import offered_addon, offered_version
from arcadia_domain.ports.unit_of_work import Work
from arcadia_domain.pricing.quoting import Quote, quote


def quote_plan(
    work: Work,
    *,
    plan_code: str,
    addon_codes: Sequence[str],
    usage: Mapping[str, Decimal],
    now: datetime,
    starts_on: date | None = None,
) -> Quote:
    """The quote from `starts_on` (today by default), with the fallback prices in force.

    Raises UnknownPlan, NoActiveVersion, UnknownAddon, and what quote() raises.
    """
    version, _ = offered_version(work, plan_code)
    addons = [offered_addon(work, code, version.currency)[0] for code in addon_codes]
    day = starts_on or now.astimezone(UTC).date()
    return quote(version, addons, usage, day, prices=work.catalog.prices(version.currency))
