"""The client against DigitalOcean's own document: paths, parameters, payloads, bodies."""

from __future__ import annotations

import dataclasses
import json
from decimal import Decimal
from typing import Any

import attrs
import pytest

from arcadia_adapters.digitalocean.client import decoding
from arcadia_adapters.digitalocean.client.kinds import LISTS, PLACES, Part
from arcadia_adapters.digitalocean.client.payloads.action import ActionPayload
from arcadia_adapters.digitalocean.client.payloads.balance import BalancePayload
from arcadia_adapters.digitalocean.client.payloads.billing_entry import BillingEntryPayload, numbered
from arcadia_adapters.digitalocean.client.payloads.domain_record import DomainRecord
from arcadia_adapters.digitalocean.client.payloads.invoice import InvoicePayload
from arcadia_adapters.digitalocean.client.payloads.invoice_item import InvoiceItemPayload
from arcadia_adapters.digitalocean.client.payloads.invoice_summary import InvoiceSummaryPayload
from arcadia_adapters.digitalocean.client.payloads.project import Member
from arcadia_domain.cloud.inventory import RESOURCE_KINDS
from arcadia_domain.cloud.orders import (
    DropletOrder,
    FirewallOrder,
    ProjectOrder,
    RecordOrder,
    VolumeOrder,
)
from tests.clouds.document import (
    answer_schema,
    body_properties,
    examples,
    needs_document,
    operation,
    properties,
    query_names,
)

pytestmark = needs_document

PARTS = [
    pytest.param(kind, part, id=f"{kind} {part.path}{''.join(part.params)}")
    for kind, parts in LISTS.items()
    for part in parts
]
MORE_LISTS = [
    ("/v2/domains/{}/records", "domain_records", DomainRecord),
    ("/v2/projects/{}/resources", "resources", Member),
    ("/v2/actions", "actions", ActionPayload),
    ("/v2/customers/my/billing_history", "billing_history", BillingEntryPayload),
    ("/v2/customers/my/invoices", "invoices", InvoicePayload),
    ("/v2/customers/my/invoices/{}", "invoice_items", InvoiceItemPayload),
]
SECRET = "a secret"
FREE_TEXT = "what people write freely may hold a secret"
IN_DEPLOYMENTS = "repeats the spec, with its secrets"
EMPTY_WHEN_LISTED = "only what a create call sends"
ADDED = "a setting of a plug-in, which nothing of ours is about"
LEFT_OUT: dict[str, dict[str, str]] = {
    "droplet": {"size": "size_slug names it; a price is no property of a droplet"},
    "database": {
        "connection": SECRET,
        "private_connection": SECRET,
        "standby_connection": SECRET,
        "standby_private_connection": SECRET,
        "ui_connection": SECRET,
        "schema_registry_connection": SECRET,
        "users": SECRET,
        "metrics_endpoints": "addresses whose credentials are secret",
    },
    "domain": {"ip_address": EMPTY_WHEN_LISTED, "zone_file": "its records, which are a kind of their own"},
    "volume": {"description": FREE_TEXT},
    "image": {"description": FREE_TEXT, "error_message": FREE_TEXT},
    "vpc": {"description": FREE_TEXT},
    "app": {
        "in_progress_deployment": IN_DEPLOYMENTS,
        "pending_deployment": IN_DEPLOYMENTS,
        "pinned_deployment": IN_DEPLOYMENTS,
        "domains": "its certificates are proved by tokens",
        "owner_uuid": "the account itself",
    },
    "kubernetes_cluster": {
        "worker_subnet_uuid": ADDED,
        "isolated_workers": ADDED,
        "sso": ADDED,
        "routing_agent": ADDED,
        "amd_gpu_device_plugin": ADDED,
        "amd_gpu_device_metrics_exporter_plugin": ADDED,
        "nvidia_gpu_device_plugin": ADDED,
        "rdma_shared_dev_plugin": ADDED,
        "coredns_autoscaler": ADDED,
        "p2p_oci_registry_plugin": ADDED,
    },
    "project": {"owner_id": "the account itself", "description": FREE_TEXT},
    "functions_namespace": {"key": SECRET},
    "/v2/projects/{}/resources": {"assigned_at": "not asked for", "links": "addresses"},
    "/v2/actions": {"region": "bent in old bodies", "region_slug": "the resource has one"},
}
LEFT_OUT["kubernetes_node_pool"] = LEFT_OUT["kubernetes_cluster"]
BESIDE_THE_DOCUMENT = {
    "/v2/customers/my/invoices/{}": {"category": "served since 2020, in DigitalOcean's own clients"},
}


def test_every_kind_has_its_lists_and_its_place() -> None:
    elsewhere = {"space", "domain_record"}
    assert set(LISTS) == set(RESOURCE_KINDS) - elsewhere
    assert set(PLACES) == set(RESOURCE_KINDS) - elsewhere - {"kubernetes_node_pool", "registry"}


@pytest.mark.parametrize(("kind", "part"), PARTS)
def test_a_list_is_asked_for_as_the_document_says(kind: str, part: Part) -> None:
    known = query_names("GET", part.path)
    assert set(part.params) <= known
    assert ({"page", "per_page"} <= known) is part.paged


@pytest.mark.parametrize(("kind", "part"), PARTS)
def test_every_example_of_a_list_is_read_whole(kind: str, part: Part) -> None:
    count = 0
    for example in examples("GET", part.path):
        parts = decoding.envelope(json.dumps(example).encode())
        rows = decoding.rows(parts, part.root, part.payload)
        assert (rows.unread, rows.reason) == (0, None)
        assert len(rows.read) == len(example[part.root])
        for resource in (resource for row in rows.read for resource in part.seen(row)):
            count += 1
            assert resource.kind == kind
            assert resource.provider_id
            assert resource.name
            json.dumps(resource.attrs, default=_only_decimals)
            if kind not in {"domain", "kubernetes_node_pool"} and part.path != "/v2/reserved_ips":
                assert resource.created_at is not None
    assert count > 0


@pytest.mark.parametrize("kind", PLACES)
def test_every_example_of_one_resource_is_read(kind: str) -> None:
    place = PLACES[kind]
    for example in examples("GET", place.path):
        assert decoding.one(json.dumps(example).encode(), place.root, place.payload).seen().provider_id


@pytest.mark.parametrize(("kind", "part"), PARTS)
def test_every_property_is_read_or_left_out_for_a_reason(kind: str, part: Part) -> None:
    promised = properties(answer_schema("GET", part.path, part.root))
    named = {field.name for field in attrs.fields(part.payload)}
    left_out = set(LEFT_OUT.get(kind, {}))
    assert promised - named == left_out
    assert named <= promised


@pytest.mark.parametrize(("path", "root", "payload"), MORE_LISTS, ids=[path for path, _, _ in MORE_LISTS])
def test_every_other_list_is_read_as_the_document_says(path: str, root: str, payload: type[Any]) -> None:
    promised = properties(answer_schema("GET", path, root))
    named = {field.name for field in attrs.fields(payload)}
    assert promised - named == set(LEFT_OUT.get(path, {}))
    assert named - promised == set(BESIDE_THE_DOCUMENT.get(path, {}))
    for example in examples("GET", path):
        rows = decoding.rows(decoding.envelope(json.dumps(example).encode()), root, payload)
        assert (rows.unread, len(rows.read)) == (0, len(example[root]))


def test_statements_are_read_exactly() -> None:
    (balance,) = examples("GET", "/v2/customers/my/balance")
    read = decoding.whole(json.dumps(balance).encode(), BalancePayload).value()
    assert (read.account_balance, read.month_to_date_balance) == (Decimal("12.23"), Decimal("23.44"))

    (history,) = examples("GET", "/v2/customers/my/billing_history")
    rows = decoding.rows(
        decoding.envelope(json.dumps(history).encode()), "billing_history", BillingEntryPayload
    )
    entries = list(numbered(rows.read))
    assert [(entry.type, entry.amount, entry.invoice_uuid) for entry in entries] == [
        ("Invoice", Decimal("12.34"), "example-uuid"),
        ("Payment", Decimal("-12.34"), None),
    ]


def test_the_summary_of_the_document_adds_up() -> None:
    (example,) = examples("GET", "/v2/customers/my/invoices/{}/summary")
    summary = decoding.whole(json.dumps(example).encode(), InvoiceSummaryPayload).value()
    assert summary.amount == Decimal("27.13")
    assert summary.difference == 0
    assert [(product.name, product.count) for product in summary.products] == [
        ("Spaces Subscription", 1),
        ("Database Clusters", 1),
    ]


@pytest.mark.parametrize(
    ("order", "method", "path"),
    [
        (DropletOrder, "POST", "/v2/droplets"),
        (VolumeOrder, "POST", "/v2/volumes"),
        (FirewallOrder, "POST", "/v2/firewalls"),
        (FirewallOrder, "PUT", "/v2/firewalls/{}"),
        (RecordOrder, "POST", "/v2/domains/{}/records"),
        (RecordOrder, "PUT", "/v2/domains/{}/records/{}"),
        (ProjectOrder, "POST", "/v2/projects"),
    ],
)
def test_an_order_has_the_fields_of_the_document(order: type[Any], method: str, path: str) -> None:
    assert {field.name for field in dataclasses.fields(order)} <= body_properties(method, path)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v2/actions/{}"),
        ("GET", "/v2/reserved_ipv6/{}"),
        ("GET", "/v2/domains/{}/records/{}"),
        ("DELETE", "/v2/droplets/{}"),
        ("POST", "/v2/droplets/{}/actions"),
        ("DELETE", "/v2/volumes/{}"),
        ("POST", "/v2/volumes/{}/actions"),
        ("DELETE", "/v2/firewalls/{}"),
        ("POST", "/v2/reserved_ips"),
        ("DELETE", "/v2/reserved_ips/{}"),
        ("POST", "/v2/reserved_ips/{}/actions"),
        ("DELETE", "/v2/domains/{}/records/{}"),
        ("DELETE", "/v2/projects/{}"),
        ("POST", "/v2/projects/{}/resources"),
        ("POST", "/v2/tags"),
        ("POST", "/v2/tags/{}/resources"),
        ("DELETE", "/v2/tags/{}/resources"),
        ("DELETE", "/v2/tags/{}"),
    ],
)
def test_every_other_call_is_one_of_the_document(method: str, path: str) -> None:
    assert operation(method, path)


def _only_decimals(value: object) -> str:
    assert type(value) is Decimal, f"{value!r} is no JSON"
    return str(value)
