"""Stretches: the days of one month, cut where a subscription's terms change.

Owns what price() is fed. How a subscription's timeline is cut into stretches
is billing/subscriptions' business.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from arcadia_domain.errors import DomainError
from arcadia_domain.money import currency as checked_currency
from arcadia_domain.money import price_cents, same_currency
from arcadia_domain.period import Period, check_month
from arcadia_domain.pricing.catalog import PlanVersion
from arcadia_domain.pricing.kinds import resource_kind
from arcadia_domain.quantity import to_micro


class StretchesOutOfOrder(DomainError):
    code = "stretches_out_of_order"
    sentence = (
        "The stretch from {start} to {end} overlaps the one before it, "
        "or lies outside {month_start} to {month_end}."
    )


class Status(StrEnum):
    """How a subscription stands on a day. A deployment's state decides it (billing/deployments)."""

    TRIAL = "trial"
    ACTIVE = "active"
    PAUSED = "paused"
    CANCELLED = "cancelled"

    @property
    def in_service(self) -> bool:
        """Whether the day earns its share of the allowance; of these days, those of a trial cost nothing."""
        return self is Status.ACTIVE or self is Status.TRIAL


class AddonTerms(Protocol):
    """A catalogue addon, or one attached with its price snapshotted:
    whatever says what it lifts and costs.
    """

    @property
    def code(self) -> str: ...
    @property
    def resource_kind(self) -> str: ...
    @property
    def qty(self) -> Decimal: ...
    @property
    def price_cents(self) -> int: ...
    @property
    def currency(self) -> str: ...


@dataclass(frozen=True, slots=True)
class AttachedAddon:
    """One attachment of an addon.
    `slot` tells it from another attachment of the same addon, and orders lines.
    """

    slot: int
    code: str
    resource_kind: str
    qty: Decimal
    price_cents: int
    currency: str

    @classmethod
    def of(cls, terms: AddonTerms, slot: int) -> AttachedAddon:
        """The attachment of `terms` in that slot. Raises UnknownKind, InvalidQuantity, InvalidAmount."""
        resource_kind(terms.resource_kind)
        to_micro(terms.qty, f"addon {terms.code!r}")
        price_cents(terms.price_cents, f"The price of addon {terms.code!r}")
        return cls(slot, terms.code, terms.resource_kind, terms.qty, terms.price_cents, terms.currency)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days of one month on which one version, one status and one set of addons held."""

    period: Period
    version: PlanVersion
    addons: tuple[AttachedAddon, ...] = ()
    status: Status = Status.ACTIVE

    @property
    def days_in_service(self) -> int:
        return self.period.days if self.status.in_service else 0

    @property
    def days_billed(self) -> int:
        """The days that cost base and addons: in service, and no trial."""
        return self.period.days if self.status is Status.ACTIVE else 0


def span(stretches: Sequence[Stretch]) -> int:
    """The days on which the subscription is not cancelled: the denominator of every allowance."""
    return sum(s.period.days for s in stretches if s.status is not Status.CANCELLED)


def check(stretches: Sequence[Stretch], month: Period, currency: str) -> None:
    """Raise unless the stretches are days of the calendar month `month`, in order and in `currency`.

    Raises NotAMonth, StretchesOutOfOrder, MixedCurrencies.
    """
    check_month(month)
    checked_currency(currency)
    free_from = month.start
    for stretch in stretches:
        period = stretch.period
        if period.start < free_from or period.end > month.end:
            raise StretchesOutOfOrder(
                start=period.start, end=period.end, month_start=month.start, month_end=month.end
            )
        free_from = period.end
        same_currency(currency, stretch.version.currency, f"Plan {stretch.version.plan_code!r}")
        for addon in stretch.addons:
            same_currency(currency, addon.currency, f"Addon {addon.code!r}")
