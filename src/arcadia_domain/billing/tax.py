"""Tax: the rate and treatment in force for a tenant, and the one tax line of an invoice (SPEC 9).

Owns GST as a rule over lines. Which documents carry which words belongs to the documents.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from arcadia_domain.errors import DomainError
from arcadia_domain.money import half_up
from arcadia_domain.pricing.line import Line, LineKind, total_cents
from arcadia_domain.quantity import EXACT, MICRO, plain, scaled

HOME_COUNTRY = "AU"
GST = "GST"

_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)


class NoTaxRate(DomainError):
    code = "no_tax_rate"
    sentence = "There is no {code_} rate for {country} in force on {day}."


class InvalidTaxRate(DomainError):
    code = "invalid_tax_rate"
    sentence = "A tax rate must be from 0 to 1 with at most six decimals, but is {rate}."


class InvalidCountry(DomainError):
    code = "invalid_country"
    sentence = "{country!r} is not a country: two capital letters are expected, as in AU."
    field = "country"


class ReasonRequired(DomainError):
    code = "reason_required"
    sentence = "Say why the tenant is exempt from tax: the reason stays with its profile."
    field = "reason"


class Treatment(StrEnum):
    """Why tax is charged, or is not."""

    STANDARD = "standard"
    EXEMPT = "exempt"
    REVERSE_CHARGE = "reverse_charge"
    FOREIGN = "foreign"


def country(code: str) -> str:
    """Return `code` if it looks like an ISO 3166 code, else raise InvalidCountry."""
    if not isinstance(code, str) or not _COUNTRY.fullmatch(code):
        raise InvalidCountry(country=code)
    return code


@dataclass(frozen=True, slots=True)
class TaxProfile:
    """How a tenant is taxed from a day on. The last row before a day holds on it.

    Raises InvalidCountry, ReasonRequired for an exemption without one.
    """

    from_day: date
    country: str = HOME_COUNTRY
    treatment: Treatment = Treatment.STANDARD
    reason: str | None = None

    def __post_init__(self) -> None:
        country(self.country)
        if self.treatment is Treatment.EXEMPT and not (self.reason or "").strip():
            raise ReasonRequired()


@dataclass(frozen=True, slots=True)
class TaxRate:
    """A rate in force from a day on: 0.1 is 10 %."""

    country: str
    code: str
    from_day: date
    rate: Decimal

    def __post_init__(self) -> None:
        rate = self.rate
        if scaled(rate, 6) is None or not 0 <= rate <= 1:
            raise InvalidTaxRate(rate=rate)


@dataclass(frozen=True, slots=True)
class Tax:
    """What an invoice is taxed at, and why."""

    country: str
    code: str
    rate: Decimal
    treatment: Treatment
    reason: str | None = None


def tax_on(day: date, profiles: Sequence[TaxProfile], rates: Sequence[TaxRate]) -> Tax:
    """The tax of an invoice whose period ends with `day`.

    A tenant without a profile is a standard Australian one: an address has no date, so it taxes nobody. A
    standard tenant of another country is foreign: 0 %. Raises NoTaxRate when a taxed tenant's country has no
    rate on that day.
    """
    profile = max(
        (p for p in profiles if p.from_day <= day),
        key=lambda p: p.from_day,
        default=TaxProfile(from_day=day),
    )
    treatment = profile.treatment
    if treatment is Treatment.STANDARD and profile.country != HOME_COUNTRY:
        treatment = Treatment.FOREIGN
    if treatment is not Treatment.STANDARD:
        return Tax(profile.country, GST, Decimal(0), treatment, profile.reason)
    in_force = [r for r in rates if r.country == profile.country and r.code == GST and r.from_day <= day]
    if not in_force:
        raise NoTaxRate(code_=GST, country=profile.country, day=day)
    return Tax(profile.country, GST, max(in_force, key=lambda r: r.from_day).rate, treatment)


def tax_line(lines: Iterable[Line], tax: Tax) -> Line | None:
    """The tax on the sum of the already rounded lines, rounded once; None where the rate is nothing."""
    micro = scaled(tax.rate, 6) or 0
    if not micro:
        return None
    taxable = total_cents(line for line in lines if line.kind is not LineKind.TAX)
    amount = half_up(taxable * micro, MICRO)
    percent = plain(tax.rate.scaleb(2, EXACT))
    return Line(
        kind=LineKind.TAX,
        resource_kind=None,
        description=f"{tax.code} {percent} %",
        qty=Decimal(1),
        unit="invoice",
        unit_price_cents=amount,
        amount_cents=amount,
        meta={
            "country": tax.country,
            "rate": plain(tax.rate),
            "taxable_cents": taxable,
            "treatment": tax.treatment.value,
        },
    )
