"""create_addon: a fixed monthly extra under a code of its own."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from arcadia_app.use_cases.catalog.create_addon import AddonCodeTaken, EmptyAddon, create_addon
from arcadia_app.use_cases.catalog.read_addons import list_addons
from arcadia_domain.errors import DomainError
from arcadia_domain.identity import OperatorsOnly, Principal
from arcadia_domain.money import InvalidAmount, InvalidCurrency
from arcadia_domain.ports.unit_of_work import Work
from arcadia_domain.pricing.catalog import Addon, EmptyName
from arcadia_domain.pricing.kinds import UnknownKind
from arcadia_domain.quantity import InvalidQuantity
from tests.fakes.transactions import FakeTransactions
from tests.unit.use_cases.refusing import refusal
from tests.world import ANN, GATEWAY, OLGA

ZONE: dict[str, Any] = {
    "code": "zone",
    "name": "One more zone",
    "resource_kind": "dns_zones",
    "qty": Decimal("0.5"),
    "price_cents": 100,
    "currency": "AUD",
}


def create(work: Work, by: Principal = OLGA, **other: Any) -> Addon:
    return create_addon(work, by, **{**ZONE, **other})


def test_a_new_addon_is_offered_to_everybody(shop: FakeTransactions) -> None:
    with shop.begin(OLGA) as work:
        made = create(work)
    assert made == Addon(**ZONE, id=made.id)
    assert made.id is not None
    with shop.begin(ANN) as work:
        assert list_addons(work, after="storage_50gb", limit=9) == [made]
        codes = [addon.code for addon in list_addons(work, after=None, limit=2)]
    assert codes == ["llm_1m_tokens", "storage_250gb"]


def test_a_taken_code_is_refused(shop: FakeTransactions) -> None:
    with refusal(shop, OLGA, AddonCodeTaken) as work:
        create(work, code="storage_50gb")


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        ({"qty": Decimal(0)}, EmptyAddon),
        ({"qty": Decimal("-1")}, InvalidQuantity),
        ({"qty": Decimal("0.0000001")}, InvalidQuantity),
        ({"name": " "}, EmptyName),
        ({"code": ""}, EmptyName),
        ({"resource_kind": "gpu_hours"}, UnknownKind),
        ({"price_cents": -1}, InvalidAmount),
        ({"currency": "aud"}, InvalidCurrency),
    ],
)
def test_bad_terms_are_refused(shop: FakeTransactions, bad: dict[str, Any], error: type[DomainError]) -> None:
    with refusal(shop, OLGA, error) as work:
        create(work, **bad)


@pytest.mark.parametrize("by", [ANN, GATEWAY])
def test_only_an_operator_creates_an_addon(shop: FakeTransactions, by: Principal) -> None:
    with refusal(shop, by, OperatorsOnly) as work:
        create(work, by)
