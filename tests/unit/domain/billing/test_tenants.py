"""Tenants: what one may be, and what an operator may change of it."""

from __future__ import annotations

from typing import Any

import pytest

from arcadia_domain.billing.abn import InvalidAbn
from arcadia_domain.billing.tax import InvalidCountry
from arcadia_domain.billing.tenants import InvalidTenant, InvalidTermsDays, Tenant, TenantChanges
from arcadia_domain.errors import DomainError
from arcadia_domain.money import InvalidCurrency
from arcadia_domain.pricing.catalog import EmptyName

ACME = Tenant("acme", legal_name="Acme Ltd", abn="53004085616")


def test_what_is_left_out_of_an_edit_stays_and_what_is_none_is_cleared() -> None:
    edited = ACME.edited({"terms_days": 30, "abn": None})
    assert edited == Tenant("acme", terms_days=30, legal_name="Acme Ltd", revision=2)
    assert edited.edited({"country": "NZ"}).revision == 3


@pytest.mark.parametrize("changes", [{}, {"terms_days": 14}, {"legal_name": "Acme Ltd", "country": "AU"}])
def test_an_edit_that_changes_nothing_is_no_revision(changes: TenantChanges) -> None:
    assert ACME.edited(changes) is ACME


@pytest.mark.parametrize("days", [0, 365])
def test_terms_are_a_year_at_most(days: int) -> None:
    assert Tenant("acme", terms_days=days).terms_days == days


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        ({"terms_days": -1}, InvalidTermsDays),
        ({"terms_days": 366}, InvalidTermsDays),
        ({"country": "au"}, InvalidCountry),
        ({"country": "AUS"}, InvalidCountry),
        ({"country": "AU\n"}, InvalidCountry),
        ({"legal_name": " "}, EmptyName),
        ({"abn": "53004085617"}, InvalidAbn),
    ],
)
def test_a_bad_value_is_refused_in_a_new_tenant_and_in_an_edit(bad: Any, error: type[DomainError]) -> None:
    with pytest.raises(error):
        Tenant("acme", **bad)
    with pytest.raises(error):
        ACME.edited(bad)


@pytest.mark.parametrize(
    "tenant_id", ["a", "acme", "Bob's Burgers", "köln", "a.b", "...", ".a", "a_", "a" * 200]
)
def test_a_tenant_is_named_by_what_can_stand_in_a_path(tenant_id: str) -> None:
    assert Tenant(tenant_id).tenant_id == tenant_id


@pytest.mark.parametrize(
    "tenant_id",
    [
        "",
        " ",
        " acme",
        "acme ",
        "acme\n",
        "\xa0acme",
        "a/b",
        "/",
        "a\\b",
        ".",
        "..",
        "_a",
        "a\0b",
        "a\tb",
        "a\x9fb",
        "a" * 201,
        7,
        None,
    ],
)
def test_what_no_path_can_hold_or_no_eye_can_tell_names_no_tenant(tenant_id: Any) -> None:
    with pytest.raises(InvalidTenant):
        Tenant(tenant_id)


def test_a_tenants_currency_looks_like_one() -> None:
    with pytest.raises(InvalidCurrency):
        Tenant("acme", "aud")
