"""The sample account: it must be what DigitalOcean would serve, and add up to the golden numbers."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from arcadia_adapters.digitalocean.invoice_csv import parse
from arcadia_adapters.digitalocean.sample.account import (
    sample_droplets,
    sample_invoice_csv,
    sample_resources,
)
from arcadia_domain.cloud.assignments import Assignment
from arcadia_domain.cloud.attribution import attribute
from arcadia_domain.cloud.costs import CostLine
from arcadia_domain.cloud.holdings import holdings
from arcadia_domain.cloud.inventory import CloudResource
from arcadia_domain.cloud.matching import Unmatched, match
from arcadia_domain.cloud.metering import meter
from arcadia_domain.money import half_up
from arcadia_domain.period import parse_month
from tests.clouds.document import document, needs_document, resolved
from tests.unit.adapters.price_rule import droplet_cents, whole_hours

MONTHLY_CENTS = {
    "s-1vcpu-512mb-10gb": 400,
    "s-1vcpu-1gb": 600,
    "s-1vcpu-2gb": 1200,
    "s-2vcpu-2gb": 1800,
    "s-2vcpu-4gb": 2400,
}
SEEN = datetime(2026, 5, 3, tzinfo=UTC)
PILOT = UUID(int=100)


def lines() -> tuple[CostLine, ...]:
    return parse(sample_invoice_csv()).lines


def resources(count: int = 5) -> tuple[CloudResource, ...]:
    ids = iter(range(1, count + 1))
    return sample_resources(lambda: UUID(int=next(ids)), SEEN, count=count)


def test_the_invoice_has_33_lines_and_8692_cents() -> None:
    found = parse(sample_invoice_csv())
    assert len(found.lines) == 33
    assert found.amount_cents == 8692
    assert found.warnings == ()
    assert sample_invoice_csv().startswith(
        b"product,group_description,description,hours,start,end,USD,project_name,category\n"
    )


def test_the_tax_is_ten_percent_of_the_rest() -> None:
    [tax] = [line for line in lines() if line.is_tax]
    rest = sum(line.amount_cents for line in lines() if not line.is_tax)
    assert (rest, tax.amount_cents, tax.hours) == (7902, half_up(rest, 10), None)


def test_every_droplet_line_follows_the_672_hour_rule() -> None:
    droplets = [line for line in lines() if line.product == "Droplets"]
    assert len(droplets) == 19
    for line in droplets:
        assert line.hours == whole_hours(line), line
        assert line.amount_cents == droplet_cents(line, MONTHLY_CENTS), line


def test_every_line_lies_in_april() -> None:
    april = parse_month("2026-04")
    for line in lines():
        assert line.start.date() in april
        assert line.start < line.end <= datetime(2026, 5, 1, tzinfo=UTC)


def test_exactly_the_six_lines_of_the_pilots_five_droplets_match() -> None:
    matches = match(lines(), resources())
    hits = [found for found in matches if found.resource_id is not None]
    assert [found.line.amount_cents for found in hits] == [600, 600, 600, 400, 433, 420]
    assert len({found.resource_id for found in hits}) == 5
    assert Counter(found.reason for found in matches) == {
        None: 6,
        Unmatched.NO_SUCH_RESOURCE: 24,
        Unmatched.NO_NAME: 1,
        Unmatched.ACCOUNT_WIDE: 1,
        Unmatched.TAX: 1,
    }


def test_the_pilot_bears_3053_cents_and_nobody_the_other_5639() -> None:
    by_id = {resource.id: resource for resource in resources()}
    held = {
        key: [Assignment(resource_id=key, from_at=datetime(2026, 3, 1, tzinfo=UTC), deployment_id=PILOT)]
        for key in by_id
    }
    borne = 0
    for found in match(lines(), by_id.values()):
        if found.resource_id is not None:
            shares = attribute(
                found.line, by_id[found.resource_id], held[found.resource_id], {PILOT: "pilot"}
            )
            assert shares.unattributed_cents == 0
            [share] = shares.shares
            borne += share.amount_cents
    assert borne == 3053
    assert sum(line.amount_cents for line in lines()) - borne == 5639


@pytest.mark.parametrize(("count", "hours"), [(3, 2160), (5, 3600)])
def test_the_droplets_ran_all_through_april(count: int, hours: int) -> None:
    held = []
    for resource in resources(count):
        assigned = Assignment(
            resource_id=resource.id, from_at=datetime(2026, 3, 10, tzinfo=UTC), deployment_id=PILOT
        )
        held += holdings(resource, [assigned], {PILOT: "pilot"})
    days = [meter(day, held) for day in parse_month("2026-04")]
    assert sum(usage.qty for day in days for usage in day.usage) == hours


def test_the_resources_are_the_listed_droplets() -> None:
    found = resources()
    assert [resource.name for resource in found] == [droplet["name"] for droplet in sample_droplets()]
    last = found[-1]
    assert (last.kind, last.region, last.size_slug, last.status) == (
        "droplet",
        "syd1",
        "s-1vcpu-2gb",
        "active",
    )
    assert last.provider_id == str(sample_droplets()[-1]["id"])
    assert last.created_at == datetime(2026, 3, 4, 1, 40, 2, tzinfo=UTC)
    assert last.deleted_at is None
    assert last.tags == ("arcadia", "env:prod", "role:db")
    assert last.attrs["memory"] == 2048
    assert "size" not in last.attrs


def test_the_three_of_the_smaller_database_are_the_first_three() -> None:
    assert [resource.name for resource in resources(3)] == [resource.name for resource in resources()][:3]


def test_the_sample_says_that_it_is_a_sample() -> None:
    from arcadia_adapters.digitalocean import sample

    assert "SAMPLE DATA" in (sample.__doc__ or "")


TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
}
FORMATS = {
    "date-time": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
    "ipv4": r"\d{1,3}(\.\d{1,3}){3}",
    "ipv6": r"[0-9a-f:]+",
}


def _faults(value: Any, schema: dict[str, Any], at: str) -> list[str]:
    """Where a value breaks its schema: types, required and unknown properties, enumerations, formats."""
    schema = resolved(schema)
    if "allOf" in schema:
        parts = [resolved(part) for part in schema["allOf"]]
        if value is None and any(part.get("nullable") for part in parts):
            return []
        return [fault for part in parts for fault in _faults(value, part, at)]
    if value is None:
        return [] if schema.get("nullable") else [f"{at} is null"]
    kind = schema.get("type")
    if kind and (not isinstance(value, TYPES[kind]) or (isinstance(value, bool) and kind != "boolean")):
        return [f"{at} is no {kind}"]
    faults = []
    if "enum" in schema and value not in schema["enum"]:
        faults.append(f"{at} is none of {schema['enum']}")
    if isinstance(value, str) and not re.fullmatch(FORMATS.get(schema.get("format", ""), r"(?s:.*)"), value):
        faults.append(f"{at} is no {schema['format']}")
    if isinstance(value, list):
        for i, item in enumerate(value):
            faults += _faults(item, schema.get("items", {}), f"{at}[{i}]")
    if isinstance(value, dict) and "properties" in schema:
        known = schema["properties"]
        faults += [f"{at}.{name} is missing" for name in schema.get("required", []) if name not in value]
        faults += [f"{at}.{name} is unknown" for name in value if name not in known]
        for name in value.keys() & known.keys():
            faults += _faults(value[name], known[name], f"{at}.{name}")
    return faults


@needs_document
def test_the_droplets_have_the_shape_of_digitaloceans_own_document() -> None:
    schema = document()["components"]["schemas"]["droplet"]
    for droplet in sample_droplets():
        assert _faults(droplet, schema, droplet["name"]) == []


@needs_document
def test_the_walk_over_the_schema_finds_what_is_wrong() -> None:
    schema = document()["components"]["schemas"]["droplet"]
    spoilt = {**sample_droplets()[0], "status": "asleep", "memory": "1024", "locked": None, "colour": "red"}
    del spoilt["tags"]
    assert sorted(_faults(spoilt, schema, "it")) == [
        "it.colour is unknown",
        "it.locked is null",
        "it.memory is no integer",
        "it.status is none of ['new', 'active', 'off', 'archive']",
        "it.tags is missing",
    ]
