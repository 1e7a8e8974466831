"""What the catalogue offers today under a code: the plan, its active version, an addon."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from arcadia_domain.errors import DomainError
from arcadia_domain.money import same_currency
from arcadia_domain.ports.unit_of_work import Work
from arcadia_domain.pricing.catalog import Addon, Plan, PlanVersion


class UnknownPlan(DomainError):
    code = "unknown_plan"
    sentence = "There is no plan {plan_code!r}."
    field = "plan_code"


class NoActiveVersion(DomainError):
    code = "no_active_version"
    sentence = "Plan {plan_code!r} has no active version: publish one first."
    field = "plan_code"


class UnknownAddon(DomainError):
    code = "unknown_addon"
    sentence = "There is no addon {addon_code!r}."
    field = "addons"


def known_plan(work: Work, plan_code: str) -> Plan:
    """The plan of that code. Raises UnknownPlan."""
    plan = work.catalog.plan(plan_code)
    if plan is None:
        raise UnknownPlan(plan_code=plan_code)
    return plan


def offered_version(work: Work, plan_code: str) -> tuple[PlanVersion, UUID]:
    """The plan's active version and its id: what a new sign-up gets. Raises UnknownPlan, NoActiveVersion."""
    known_plan(work, plan_code)
    version = work.catalog.active_version(plan_code)
    if version is None or version.id is None:
        raise NoActiveVersion(plan_code=plan_code)
    return version, version.id


def offered_addon(work: Work, code: str, currency: str) -> tuple[Addon, UUID]:
    """The addon as it is now, and its id. Raises UnknownAddon, MixedCurrencies."""
    return _offered(work.catalog.addon(code), code, currency)


def offered_addons(work: Work, codes: Sequence[str], currency: str) -> list[tuple[Addon, UUID]]:
    """The addons of these codes, in that order; a code that stands twice is there twice. One statement.

    Raises UnknownAddon, MixedCurrencies.
    """
    found = work.catalog.addons_of(set(codes))
    return [_offered(found.get(code), code, currency) for code in codes]


def _offered(addon: Addon | None, code: str, currency: str) -> tuple[Addon, UUID]:
    if addon is None or addon.id is None:
        raise UnknownAddon(addon_code=code)
    same_currency(currency, addon.currency, f"Addon {code!r}")
    return addon, addon.id
