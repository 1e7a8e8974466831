"""The leakage of a month: what the provider charged that nothing earns back (SPEC 14, ADR 0021)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from arcadia_domain.billing.earning import EarningMonth
from arcadia_domain.billing.leakage import Leakage, leakage
from arcadia_domain.billing.subscriptions import stretches
from arcadia_domain.cloud.charges import PlacedCharge
from arcadia_domain.identity import Principal
from arcadia_domain.period import Period
from arcadia_domain.ports.charges import ChargesAsked
from arcadia_domain.ports.unit_of_work import Work


def leakage_report(work: Work, by: Principal, *, period: Period) -> Leakage:
    """By tenant, deployment, kind and reason, in the provider's currency. Months to date are no charge yet.

    Raises OperatorsOnly.
    """
    by.must_be_operator("see the leakage")
    charges = list(work.charges.each(ChargesAsked(period=period)))
    return leakage(period, charges, _earning(work, _bearers(charges), period))


def _bearers(charges: Iterable[PlacedCharge]) -> Mapping[UUID, str]:
    """The deployments that bear a part of a charge, each with its tenant."""
    return {
        share.deployment_id: share.tenant_id
        for charge in charges
        for share in charge.attribution.shares
        if share.deployment_id is not None
    }


def _earning(work: Work, bearers: Mapping[UUID, str], period: Period) -> Mapping[UUID, EarningMonth]:
    """By what each deployment's month can earn, read for all of them at once."""
    subscriptions = work.subscriptions.every_of(bearers.keys())
    points = (point for held in subscriptions.values() for one in held for point in one.timeline.points)
    versions = work.catalog.versions({point.version_id for point in points})
    currencies = work.tenants.currencies(set(bearers.values()))
    prices = {currency: work.catalog.prices(currency) for currency in sorted(set(currencies.values()))}
    used = work.usage.used_kinds(bearers.keys(), period)
    return {
        deployment_id: EarningMonth(
            stretches(subscriptions.get(deployment_id, ()), versions, period),
            prices[currencies[tenant_id]],
            frozenset(used.get(deployment_id, ())),
        )
        for deployment_id, tenant_id in bearers.items()
    }
