"""The catalogue: what a version may hold, and the rule of publishing."""

# mypy: disable-error-code="comparison-overlap"
# A Decimal equals the whole number of its value; mypy takes the two for strangers.

from __future__ import annotations

from collections.abc import Callable
from dataclasses import FrozenInstanceError, replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest

from arcadia_domain.errors import DomainError
from arcadia_domain.money import InvalidAmount, InvalidCurrency
from arcadia_domain.period import NaiveInstant
from arcadia_domain.pricing.catalog import (
    Addon,
    DuplicateItem,
    EmptyName,
    HoldsNul,
    Plan,
    PlanItem,
    PlanVersion,
    ResourcePrice,
    VersionFrozen,
    VersionStatus,
    publish,
)
from arcadia_domain.pricing.kinds import UnknownKind, UnknownUnit
from arcadia_domain.quantity import InvalidQuantity
from tests.unit.domain.catalogue import STARTER, STORAGE_50GB, STUDIO, item

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)

BAD_CENTS = [-1, 0.5, 1.0, True, Decimal(1), "1", None, float("nan")]
BAD_QUANTITIES = [
    Decimal(-1), Decimal("NaN"), Decimal("Infinity"), Decimal("0.0000001"), Decimal("1E14"), 1.5, True, "1",
]  # fmt: skip


def test_a_version_says_what_it_includes_of_a_kind() -> None:
    assert STUDIO.item("droplet_hours") is STUDIO.items[0]
    assert STUDIO.item("llm_tokens") is STUDIO.items[-1]
    assert STARTER.item("llm_tokens") is None


def test_a_new_version_is_a_draft() -> None:
    assert STUDIO.status is VersionStatus.DRAFT


def test_a_version_cannot_be_changed_in_place() -> None:
    with pytest.raises(FrozenInstanceError):
        STUDIO.base_price_cents = 1  # type: ignore[misc]


def test_two_items_of_one_kind_are_refused_with_plan_version_and_kind() -> None:
    with pytest.raises(DuplicateItem) as refused:
        replace(STUDIO, version=3, items=(*STUDIO.items, item("dns_zones", 1, "zone")))

    assert refused.value.facts == {"plan": "studio", "version": 3, "kind": "dns_zones"}
    assert str(refused.value) == "Version 3 of plan 'studio' has two items of the kind dns_zones."
    assert (refused.value.code, refused.value.field) == ("duplicate_item", "items")


def price(**changes: object) -> ResourcePrice:
    terms: dict[str, object] = {
        "kind": "bandwidth_gb", "currency": "AUD", "from_at": NOON, "unit": "gb", "price_cents": 3,
    }  # fmt: skip
    return ResourcePrice(**{**terms, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize("cents", BAD_CENTS)
@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda c: replace(STUDIO, base_price_cents=c), "The base price of plan 'studio'"),
        (lambda c: PlanItem("dns_zones", Decimal(1), "zone", c), "The overage price of dns_zones"),
        (lambda c: replace(STORAGE_50GB, price_cents=c), "The price of addon 'storage_50gb'"),
        (lambda c: price(price_cents=c), "The price of bandwidth_gb"),
    ],
)
def test_a_price_that_is_not_whole_cents_is_refused_and_named(
    make: Callable[[object], object], what: str, cents: object
) -> None:
    with pytest.raises(InvalidAmount, match=what) as refused:
        make(cents)

    assert refused.value.facts["what"] == what


@pytest.mark.parametrize("quantity", BAD_QUANTITIES)
@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda q: PlanItem("dns_zones", q, "zone", 1), "dns_zones included"),
        (lambda q: PlanItem("dns_zones", Decimal(1), "zone", 1, q), "dns_zones at the hard cap"),
        (lambda q: replace(STORAGE_50GB, qty=q), "addon 'storage_50gb'"),
    ],
)
def test_a_quantity_that_is_none_is_refused_and_named(
    make: Callable[[object], object], what: str, quantity: object
) -> None:
    with pytest.raises(InvalidQuantity) as refused:
        make(quantity)

    assert refused.value.facts["what"] == what


@pytest.mark.parametrize("code", ["", "aud", "AUDD", None, 36])
@pytest.mark.parametrize(
    "make",
    [
        lambda c: replace(STUDIO, currency=c),
        lambda c: replace(STORAGE_50GB, currency=c),
        lambda c: price(currency=c),
    ],
)
def test_what_is_no_currency_is_refused(make: Callable[[object], object], code: object) -> None:
    with pytest.raises(InvalidCurrency):
        make(code)


@pytest.mark.parametrize(
    "make",
    [
        lambda: PlanItem("gpu_hours", Decimal(1), "hour", 1),
        lambda: replace(STORAGE_50GB, resource_kind="gpu_hours"),
        lambda: price(kind="gpu_hours"),
    ],
)
def test_a_kind_that_the_registry_does_not_know_is_refused_by_name(make: Callable[[], object]) -> None:
    with pytest.raises(UnknownKind, match="'gpu_hours'"):
        make()


@pytest.mark.parametrize(
    "make",
    [lambda: PlanItem("llm_tokens", Decimal(1), "hour", 1), lambda: price(kind="llm_tokens", unit="hour")],
)
def test_a_unit_that_the_kind_does_not_have_is_refused_by_name(make: Callable[[], object]) -> None:
    with pytest.raises(UnknownUnit, match="llm_tokens is not priced by 'hour'"):
        make()


@pytest.mark.parametrize("text", ["", "  ", "\t", None, 7])
@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda t: replace(STUDIO, plan_code=t), "A plan's code"),
        (lambda t: Plan(UUID(int=1), t, "Studio"), "A plan's code"),
        (lambda t: Plan(UUID(int=1), "studio", t), "A plan's name"),
        (lambda t: replace(STORAGE_50GB, code=t), "An addon's code"),
    ],
)
def test_a_name_with_nothing_in_it_is_refused(
    make: Callable[[object], object], what: str, text: object
) -> None:
    with pytest.raises(EmptyName, match=f"{what} must not be empty.") as refused:
        make(text)

    assert (refused.value.facts, refused.value.code) == ({"what": what}, "empty_name")


def test_a_name_with_a_nul_in_it_is_refused_since_no_database_keeps_it() -> None:
    with pytest.raises(HoldsNul) as refused:
        Plan(UUID(int=1), "stu\0dio", "Studio")

    assert str(refused.value) == "A plan's code must not hold a NUL character."
    assert (refused.value.facts, refused.value.code) == ({"what": "A plan's code"}, "holds_nul")


@pytest.mark.parametrize("instant", [datetime(2026, 5, 1), date(2026, 5, 1), None])
def test_a_price_from_an_instant_without_a_zone_is_refused(instant: object) -> None:
    with pytest.raises(NaiveInstant, match="The start of the price of bandwidth_gb"):
        price(from_at=instant)


def test_a_price_begins_on_the_utc_day_of_its_instant() -> None:
    sydney = timezone(timedelta(hours=10))

    assert price(from_at=datetime(2026, 5, 1, 9, tzinfo=sydney)).first_day == date(2026, 4, 30)
    assert price(from_at=datetime(2026, 5, 1, 10, tzinfo=sydney)).first_day == date(2026, 5, 1)
    assert price(from_at=datetime(2026, 5, 1, 23, 59, tzinfo=UTC)).first_day == date(2026, 5, 1)


def test_a_good_item_addon_and_plan_are_kept_as_given() -> None:
    capped = PlanItem("dns_zones", Decimal(0), "zone", 0, Decimal(0))
    addon = Addon("x", "X", "dns_zones", Decimal(0), 0, "AUD")

    assert (capped.included_qty, capped.hard_cap_qty) == (0, 0)
    assert (addon.price_cents, addon.id) == (0, None)
    assert Plan(UUID(int=1), "studio", "Studio").name == "Studio"


def test_publishing_activates_the_draft_and_retires_the_active_one() -> None:
    active = replace(STUDIO, status=VersionStatus.ACTIVE)
    draft = replace(STUDIO, version=2, base_price_cents=5500)

    published, retired = publish(draft, active)

    assert published == replace(draft, status=VersionStatus.ACTIVE)
    assert retired == replace(active, status=VersionStatus.RETIRED)


def test_a_first_version_retires_nobody() -> None:
    assert publish(STUDIO, None) == (replace(STUDIO, status=VersionStatus.ACTIVE), None)


@pytest.mark.parametrize("status", [VersionStatus.ACTIVE, VersionStatus.RETIRED])
def test_only_a_draft_is_published(status: VersionStatus) -> None:
    with pytest.raises(VersionFrozen) as refused:
        publish(replace(STUDIO, status=status), None)

    assert refused.value.facts == {"plan": "studio", "version": 1, "status": status}
    assert str(refused.value) == f"Version 1 of plan 'studio' is {status}: only a draft can be published."
    assert (refused.value.code, isinstance(refused.value, DomainError)) == ("version_frozen", True)


def test_a_version_of_nothing_but_a_base_price_is_a_version() -> None:
    assert PlanVersion("bare", "Bare", 1, 0, "AUD").items == ()
