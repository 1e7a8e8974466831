"""Quote a plan's active version: the preview that a tenant sees (SPEC 4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

from arcadia_app.use_cases.catalog.offer import offered_addons, offered_version
from arcadia_domain.billing.invoicing import LARGEST_TOTAL_CENTS
from arcadia_domain.errors import DomainError
from arcadia_domain.ports.unit_of_work import Work
from arcadia_domain.pricing.quoting import Quote, quote


class QuoteTooLarge(DomainError):
    code = "quote_too_large"
    sentence = "The quote would come to {total_cents} cents: that is a mistake, not a price."


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

    Raises UnknownPlan, NoActiveVersion, UnknownAddon, QuoteTooLarge, and what quote() raises.
    """
    version, _ = offered_version(work, plan_code)
    addons = [addon for addon, _ in offered_addons(work, addon_codes, version.currency)]
    day = starts_on or now.astimezone(UTC).date()
    quoted = quote(version, addons, usage, day, prices=work.catalog.prices(version.currency))
    if quoted.all_in_monthly_cents > LARGEST_TOTAL_CENTS:
        raise QuoteTooLarge(total_cents=quoted.all_in_monthly_cents)
    return quoted
