"""Why a share of what the provider charged is not earned back: the first of five reasons (ADR 0021).

Owns the reasons, their order, and what is asked: what the line is for, of which size, and on which days it
was held. What meters a product is products'; what a deployment's month names, day by day, is earning's.

Earned means that a meter counts what was charged, and a version or a fallback price names it; an addon alone
lifts an allowance and prices nothing.
Whether that covers the cost is the margin's question: an allowance is earned, for the base price pays it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from arcadia_domain.billing.earning import Earner
from arcadia_domain.cloud.assignments import tenures
from arcadia_domain.cloud.attribution import Share
from arcadia_domain.cloud.charges import PlacedCharge
from arcadia_domain.cloud.products import earned_by
from arcadia_domain.period import Period

_INSTANT = timedelta(microseconds=1)


class LeakReason(StrEnum):
    """Why nobody pays for what was charged. The first that holds, in this order."""

    NOBODY = "nobody"
    """Nobody held it, or no resource of ours is known to be it."""
    NO_DEPLOYMENT = "no_deployment"
    """A tenant held it in no deployment: what stands alone is not metered."""
    NO_METER = "no_meter"
    """No usage kind counts that product."""
    NO_PRICE = "no_price"
    """On no day on which the deployment held it did its version or a fallback price name it."""
    NO_USAGE = "no_usage"
    """It is named and priced, and no usage of it is recorded: metering failed, or a push is missing."""


def unearned(charge: PlacedCharge, share: Share, earner: Earner, month: Period) -> LeakReason | None:
    """Why a tenant's `share` of the charge is not earned; None where it is. `earner` is its deployment's.

    That nobody bears a part of a charge is told by its attribution: NOBODY is never answered here.
    """
    if share.deployment_id is None:
        return LeakReason.NO_DEPLOYMENT
    bases = earned_by(charge.line.product, charge.resource)
    if not bases:
        return LeakReason.NO_METER
    named = earner.named(bases, _sizes(charge), _days_held(charge, share, month))
    if not named:
        return LeakReason.NO_PRICE
    return None if earner.is_used(named) else LeakReason.NO_USAGE


def _sizes(charge: PlacedCharge) -> Sequence[str]:
    """The sizes that the description, as in "web-1 (s-1vcpu-1gb)", and the resource tell, in this order.

    The line's own comes first: a droplet that was resized has a line for each of its sizes.
    """
    _, bracket, last = charge.line.description.rpartition("(")
    resource = charge.resource
    return [last.partition(")")[0] if bracket else "", (resource.size_slug if resource else None) or ""]


def _days_held(charge: PlacedCharge, share: Share, month: Period) -> Collection[date]:
    """The UTC days of the month on which the sharer held what the line is for, while the line ran.

    Who bears the line by an operator's ruling alone bears it for as long as it ran.
    """
    start, end = charge.line.start, max(charge.line.end, charge.line.start + _INSTANT)
    holder = share.tenant_id, share.deployment_id
    held: set[date] = set()
    for tenure in tenures(charge.resource, charge.assignments) if charge.resource else ():
        begin, stop = max(tenure.span.start, start), min(tenure.span.end or end, end)
        if begin < stop and (tenure.tenant_id, tenure.deployment_id) == holder:
            held.update(_days(begin, stop, month))
    return held or set(_days(start, end, month))


def _days(start: datetime, end: datetime, month: Period) -> Period:
    """The days from `start` to `end`; what is before or after the month counts to its first or last day."""
    last_day = month.end - timedelta(days=1)
    first, last = (
        min(max(instant.astimezone(UTC).date(), month.start), last_day) for instant in (start, end - _INSTANT)
    )
    return Period(first, last + timedelta(days=1))
