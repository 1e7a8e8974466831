"""FOCUS: each row says what the specification asks for, and together they are what was invoiced."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arcadia_domain.cloud.assignments import Assignment
from arcadia_domain.cloud.charges import PlacedCharge, Ruling
from arcadia_domain.cloud.focus import COLUMNS, focus_rows
from arcadia_domain.cloud.inventory import CloudResource
from arcadia_domain.cloud.matching import Unmatched
from arcadia_domain.cloud.provider_products import PRODUCTS
from arcadia_domain.period import month_of
from tests.contracts.test_costs import line
from tests.held import april, resource

ACME, BOBS = UUID(int=1), UUID(int=2)

MANDATORY = {
    "BilledCost",
    "BillingAccountId",
    "BillingAccountName",
    "BillingCurrency",
    "BillingPeriodEnd",
    "BillingPeriodStart",
    "ChargeCategory",
    "ChargeClass",
    "ChargeDescription",
    "ChargePeriodEnd",
    "ChargePeriodStart",
    "ContractedCost",
    "EffectiveCost",
    "InvoiceIssuerName",
    "ListCost",
    "PricingQuantity",
    "PricingUnit",
    "ProviderName",
    "PublisherName",
    "ServiceCategory",
    "ServiceName",
}
NEVER_NULL = MANDATORY - {
    "BillingAccountName",
    "ChargeClass",
    "ChargeDescription",
    "PricingQuantity",
    "PricingUnit",
}
ALLOWED = {
    "ChargeCategory": {"Usage", "Purchase", "Tax", "Credit", "Adjustment"},
    "ChargeFrequency": {"One-Time", "Recurring", "Usage-Based"},
    "ServiceCategory": {"Compute", "Databases", "Networking", "Other", "Storage"},
}


def held(number: int = 1, *, by: tuple[tuple[int, str | None], ...] = ((1, "acme"),)) -> dict[str, Any]:
    """A resource with who holds it from which day of April on, as a charge has them."""
    found = resource(number)
    ids = {"acme": ACME, "bobs": BOBS}
    return {
        "resource": found,
        "assignments": tuple(
            Assignment(
                resource_id=found.id,
                from_at=april(day),
                tenant_id=tenant,
                deployment_id=None if tenant is None else ids[tenant],
            )
            for day, tenant in by
        ),
    }


def charge(**facts: Any) -> PlacedCharge:
    told: dict[str, Any] = {
        "id": UUID(int=7),
        "invoice_id": UUID(int=8),
        "account": "digitalocean",
        "period": month_of(date(2026, 4, 1)),
        "invoice_uuid": "22737513-0ea7-4206-8ceb-98a575af7681",
        "line": line(1),
        "resource": None,
        "assignments": (),
        "ruling": None,
        "reason": Unmatched.NO_SUCH_RESOURCE,
    }
    return PlacedCharge(**{**told, **facts})


def rows(one: PlacedCharge) -> list[dict[str, str | None]]:
    return [dict(zip([column.id for column in COLUMNS], row, strict=True)) for row in focus_rows(one)]


def row(one: PlacedCharge) -> dict[str, str | None]:
    [found] = rows(one)
    return found


def test_a_line_that_one_holder_bears_is_one_row_with_every_column() -> None:
    assert row(charge(**held(), reason=None)) == {
        "BilledCost": "6.00",
        "BillingAccountId": "digitalocean",
        "BillingAccountName": None,
        "BillingAccountType": "Team",
        "BillingCurrency": "USD",
        "BillingPeriodEnd": "2026-05-01T00:00:00Z",
        "BillingPeriodStart": "2026-04-01T00:00:00Z",
        "ChargeCategory": "Usage",
        "ChargeClass": None,
        "ChargeDescription": "web-1 (s-1vcpu-1gb)",
        "ChargeFrequency": "Usage-Based",
        "ChargePeriodEnd": "2026-05-01T00:00:00Z",
        "ChargePeriodStart": "2026-04-01T00:00:00Z",
        "ConsumedQuantity": "720",
        "ConsumedUnit": "Hours",
        "ContractedCost": "6.00",
        "EffectiveCost": "6.00",
        "InvoiceId": "22737513-0ea7-4206-8ceb-98a575af7681",
        "InvoiceIssuerName": "DigitalOcean",
        "ListCost": "6.00",
        "PricingQuantity": "720",
        "PricingUnit": "Hours",
        "ProviderName": "DigitalOcean",
        "PublisherName": "DigitalOcean",
        "RegionId": "syd1",
        "ResourceId": "00001",
        "ResourceName": "web-1",
        "ResourceType": "droplet",
        "ServiceCategory": "Compute",
        "ServiceName": "Droplets",
        "ServiceSubcategory": "Virtual Machines",
        "SkuId": "Droplets/s-1vcpu-1gb",
        "SkuPriceId": "Droplets/s-1vcpu-1gb",
        "SubAccountId": "acme",
        "SubAccountName": "acme",
        "SubAccountType": "Tenant",
        "Tags": f'{{"arcadia:deployment":"{ACME}","arcadia:project":"pilot","blue":true,"web":true}}',
        "x_CostLineId": str(UUID(int=7)),
    }


def test_every_mandatory_column_is_there_and_custom_ones_stand_last() -> None:
    names = [column.id for column in COLUMNS]
    assert set(names) >= MANDATORY
    assert len(set(names)) == len(names)
    custom = [name for name in names if name.startswith("x_")]
    assert names[-len(custom) :] == custom
    assert all(column.rule for column in COLUMNS)


def test_a_line_is_a_row_for_each_holder_and_one_for_what_is_nobodys() -> None:
    split = rows(charge(**held(by=((1, "acme"), (11, "bobs"), (21, None))), reason=None))
    assert [(one["SubAccountId"], one["BilledCost"], one["ConsumedQuantity"]) for one in split] == [
        ("acme", "2.00", "240"),
        ("bobs", "2.00", "240"),
        (None, "2.00", "240"),
    ]
    assert [one["SubAccountType"] for one in split] == ["Tenant", "Tenant", None]
    assert "arcadia:deployment" not in json.loads(split[2]["Tags"] or "{}")


def test_a_tag_of_a_users_stays_whatever_its_name() -> None:
    facts = held()
    facts["resource"] = replace(facts["resource"], tags=("deployment", "project"))
    told = json.loads(row(charge(**facts, reason=None))["Tags"] or "{}")
    assert (told["deployment"], told["project"]) == (True, True)
    assert (told["arcadia:deployment"], told["arcadia:project"]) == (str(ACME), "pilot")


def test_what_an_operator_ruled_is_the_one_row() -> None:
    ruling = Ruling(tenant_id="acme", deployment_id=None, reason="theirs", actor="olga", at=april(1))
    whole = row(charge(**held(by=((1, "bobs"),)), ruling=ruling, reason=None))
    assert (whole["SubAccountId"], whole["BilledCost"]) == ("acme", "6.00")
    nobodys = row(charge(**held(), ruling=replace(ruling, tenant_id=None), reason=None))
    assert (nobodys["SubAccountId"], nobodys["BilledCost"]) == (None, "6.00")


@pytest.mark.parametrize(
    ("product", "category", "frequency", "sku"),
    [
        ("Droplets", "Usage", "Usage-Based", "Droplets/s-1vcpu-1gb"),
        ("Volumes", "Usage", "Usage-Based", "Volumes"),
        ("Bandwidth Overage", "Usage", "Usage-Based", "Bandwidth Overage"),
        ("Spaces Subscription", "Purchase", "Recurring", "Spaces Subscription"),
        ("Taxes", "Tax", "Usage-Based", None),
        ("Credits", "Credit", "One-Time", None),
        ("Adjustments", "Adjustment", "One-Time", None),
        ("Something New", "Usage", "Usage-Based", "Something New"),
    ],
)
def test_a_product_is_of_one_category(product: str, category: str, frequency: str, sku: str | None) -> None:
    told = row(charge(line=line(1, product=product)))
    assert (told["ChargeCategory"], told["ChargeFrequency"], told["SkuId"]) == (category, frequency, sku)


def test_a_line_of_no_resource_has_no_resource_and_no_region() -> None:
    told = row(charge(line=line(1, product="Taxes", hours=None, project_name="")))
    for name in ("ResourceId", "ResourceName", "ResourceType", "RegionId", "Tags", "SubAccountId"):
        assert told[name] is None, name


def test_the_providers_id_is_told_also_of_a_resource_that_we_do_not_know() -> None:
    told = row(charge(line=line(1, provider_id="4711")))
    assert (told["ResourceId"], told["ResourceName"], told["ResourceType"]) == ("4711", "web-1", "droplet")


def test_a_line_that_counts_no_whole_hour_consumed_the_time_that_it_ran() -> None:
    half = line(1, hours=Decimal(0), start=april(1), end=april(1) + timedelta(minutes=30))
    assert row(charge(line=half))["ConsumedQuantity"] == "0.5"
    assert row(charge(line=replace(half, end=half.start)))["ConsumedQuantity"] is None


def test_a_line_that_counts_no_hours_has_no_quantity() -> None:
    told = row(charge(line=line(1, hours=None)))
    for name in ("ConsumedQuantity", "ConsumedUnit", "PricingQuantity", "PricingUnit"):
        assert told[name] is None, name


def test_a_credit_is_a_negative_cost() -> None:
    assert row(charge(line=line(1, cents=-5, product="Credits", hours=None)))["BilledCost"] == "-0.05"


def test_a_line_of_nothing_is_a_row_of_nothing() -> None:
    assert row(charge(line=line(1, cents=0)))["BilledCost"] == "0.00"


def test_an_instant_is_written_in_utc() -> None:
    east = datetime.fromisoformat("2026-04-01T10:00:00+10:00")
    assert row(charge(line=line(1, start=east)))["ChargePeriodStart"] == "2026-04-01T00:00:00Z"


_HOLDERS = st.lists(
    st.tuples(st.integers(1, 30), st.sampled_from(["acme", "bobs", None])),
    max_size=4,
    unique_by=lambda one: one[0],
).map(tuple)
_LINES = st.builds(
    lambda cents, hours, first, days, product: line(
        1,
        cents=cents,
        hours=hours,
        start=april(first),
        end=april(first) + timedelta(days=days),
        product=product,
    ),
    st.integers(-100_000, 100_000),
    st.none() | st.decimals(0, 744, places=3),
    st.integers(1, 28),
    st.integers(0, 10),
    st.sampled_from([*PRODUCTS, "Taxes", "Credits", "Adjustments", "New"]),
)


@st.composite
def charges(draw: st.DrawFn) -> PlacedCharge:
    known = held(by=draw(_HOLDERS)) if draw(st.booleans()) else {}
    found: CloudResource | None = known.get("resource")
    return charge(**known, line=draw(_LINES), reason=None if found else Unmatched.NO_SUCH_RESOURCE)


@given(charges())
def test_rows_add_up_to_the_line_and_keep_to_the_specification(one: PlacedCharge) -> None:
    told = rows(one)
    assert sum(Decimal(each["BilledCost"] or "") for each in told) == Decimal(one.line.amount_cents) / 100
    quantities = [Decimal(each["ConsumedQuantity"]) for each in told if each["ConsumedQuantity"]]
    if quantities and one.line.hours:
        assert sum(quantities) == one.line.hours
    for each in told:
        assert {name for name in NEVER_NULL if not each[name]} == set()
        assert {name for name, words in ALLOWED.items() if each[name] not in words} == set()
        assert "" not in each.values()
        for cost in ("EffectiveCost", "ListCost", "ContractedCost"):
            assert each[cost] == each["BilledCost"]
        nulls = {name for name, value in each.items() if value is None}
        assert len(nulls & {"ConsumedQuantity", "ConsumedUnit"}) in (0, 2)
        assert len(nulls & {"PricingQuantity", "PricingUnit"}) in (0, 2)
        assert len(nulls & {"SubAccountId", "SubAccountName", "SubAccountType"}) in (0, 3)
        assert len(nulls & {"ResourceId", "ResourceType"}) in (0, 2)
        if each["ChargeCategory"] == "Tax":
            assert nulls >= {"ConsumedQuantity", "PricingQuantity", "SkuId", "SkuPriceId"}
        if each["ChargeCategory"] in ("Usage", "Purchase"):
            assert not nulls & {"SkuId", "SkuPriceId"}
        if each["ChargeCategory"] == "Purchase":
            assert each["ChargeFrequency"] != "Usage-Based"
        assert datetime.fromisoformat(str(each["ChargePeriodEnd"])).tzinfo == UTC
