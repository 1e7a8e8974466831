"""Create an addon: a fixed monthly extra that subscriptions attach (SPEC 3)."""

from __future__ import annotations

from decimal import Decimal

from arcadia_domain.errors import DomainError
from arcadia_domain.identity import Principal
from arcadia_domain.ports.unit_of_work import Work
from arcadia_domain.pricing.catalog import Addon, not_empty


class AddonCodeTaken(DomainError):
    code = "addon_code_taken"
    sentence = "There is an addon {addon_code!r} already."
    field = "code"


class EmptyAddon(DomainError):
    code = "empty_addon"
    sentence = "Addon {addon_code!r} would add nothing: its quantity must be more than zero."
    field = "qty"


def create_addon(
    work: Work,
    by: Principal,
    *,
    code: str,
    name: str,
    resource_kind: str,
    qty: Decimal,
    price_cents: int,
    currency: str,
) -> Addon:
    """A new addon of `qty` base units for `price_cents` a month. Raises OperatorsOnly, AddonCodeTaken,
    EmptyAddon, EmptyName, UnknownKind, InvalidQuantity, InvalidAmount, InvalidCurrency.
    """
    by.must_be_operator("create an addon")
    not_empty(name, "An addon's name")
    addon = Addon(code, name, resource_kind, qty, price_cents, currency, work.new_id())
    if not qty:
        raise EmptyAddon(addon_code=code)
    if not work.catalog.add_addon(addon):
        raise AddonCodeTaken(addon_code=code)
    return addon
